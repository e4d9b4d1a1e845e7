//! The host itself: who may ask it, and that the page it serves is the one of the window.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./support/window";

const SETTINGS = { settings: {}, proxyPassword: "" };

test("answers nobody without the token, from another page, or under another name", async ({
  host,
}) => {
  const refused = async (headers: Record<string, string>, path = "/host/invoke/try_now") =>
    (await host.ask(path, SETTINGS, { headers })).status;
  expect(await refused({})).toBe(200);
  for (const path of [
    "/host/invoke/try_now",
    "/host/drop",
    "/host/drag",
    "/host/drag/place",
    "/host/picked",
    "/host/stores",
    "/host/stores/1/script",
    "/unknown",
  ]) {
    expect(await refused({ "x-ferry-token": "guessed" }, path), path).toBe(403);
    expect(await refused({ origin: "https://example.com" }, path), path).toBe(403);
    expect(await refused({ origin: "null" }, path), path).toBe(403);
  }
  for (const path of ["/", "/index.html", "/host/bridge.js", "/?token=guessed"]) {
    expect((await fetch(`${host.origin}${path}`)).status, path).toBe(403);
  }
});

test("gives the page of another origin nothing, although the browser knows the token", async ({
  window,
}) => {
  const { page, host } = window;
  const elsewhere = await page.context().newPage();
  // Of the same machine: to the browser it is the same site, but another origin.
  const other = createServer((_, answer) => answer.setHeader("content-type", "text/html").end());
  await once(other.listen(0, "127.0.0.1"), "listening");
  await elsewhere.goto(`http://127.0.0.1:${String((other.address() as AddressInfo).port)}/`);
  const asked = await elsewhere.evaluate(async (origin) => {
    const post = (mode: RequestMode) =>
      fetch(`${origin}/host/drag`, {
        method: "POST",
        mode,
        credentials: "include",
        body: "7",
        headers: { "content-type": "text/plain" },
      });
    const plain = await post("no-cors").then((answer) => answer.type, String);
    const shared = await post("cors").then((answer) => answer.status, String);
    return [plain, shared];
  }, host.origin);
  expect(asked).toEqual(["opaque", "TypeError: Failed to fetch"]);
  await expect(page.getByText(/^Drop \d/)).toHaveCount(0);
  await elsewhere.close();
  other.close();
});

test("serves the built page under the window's policy, and the token leaves the address", async ({
  page,
  host,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const opened = await page.goto(host.url);
  expect(page.url()).toBe(`${host.origin}/`);
  const policy = (await opened?.headerValue("content-security-policy")) ?? "";
  const config = JSON.parse(
    await readFile(new URL("../../tauri.conf.json", import.meta.url), "utf8"),
  ) as { app: { security: { csp: Record<string, string> } } };
  const own = Object.entries(config.app.security.csp).map(
    ([directive, sources]) => `${directive} ${directive === "connect-src" ? "'self'" : sources}`,
  );
  expect(policy.split("; ").sort()).toEqual(own.sort());
  await expect(page.getByRole("navigation")).toBeVisible();
  expect(asked.filter((url) => !url.startsWith(host.origin))).toEqual([]);
});

test("tells a page that is loaded anew everything again", async ({ window }) => {
  const { page, host } = window;
  await host.drop(await host.file("a.txt", "a"));
  await window.sees("a.txt", "Done");
  await page.reload();
  await window.sees("a.txt", "Done");
  await host.drop(await host.file("b.txt", "b"));
  await window.sees("b.txt", "Done");
});

test("says what a command of a wrong form lacks, and which command is unknown", async ({
  host,
}) => {
  const lacking = await host.ask("/host/invoke/select", { number: 1 });
  expect([lacking.status, await lacking.text()]).toEqual([
    400,
    expect.stringContaining("missing field `target`"),
  ]);
  expect((await host.ask("/host/invoke/format_disk", {})).status).toBe(404);
  const problem = await host.ask("/host/invoke/choose_profile", { id: 99 });
  expect([
    problem.status,
    ((await problem.json()) as { sentence: { en: string } }).sentence.en,
  ]).toEqual([422, expect.any(String)]);
});
