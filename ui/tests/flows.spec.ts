//! What people come to do, from its first step to its last, as one test each, with pictures of what
//! they see on the way (`artifacts/flows`).

import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { BLANK_NETWORK } from "../src/state/network";
import { act } from "./support/scenes";
import { type Window, expect, test } from "./support/window";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

test.use({ view: "Now" });

/** Fills in the form of a new profile by the paste of a console address, up to its key. */
async function connect(window: Window, prefix: string) {
  const { page, host } = window;
  const store = await host.store();
  await page.getByLabel("Connect a bucket").fill(`${store.endpoint}/${store.bucket}/${prefix}`);
  await page.keyboard.press("Enter");
  await expect(window.field("Bucket")).toHaveValue(store.bucket);
  await window.field("Region").fill(store.region);
  await window.field("AccessKey ID").fill(store.accessKeyId);
  await window.field("AccessKey secret").fill(store.accessKeySecret);
  return store;
}

test("1: from the first start to a link, and to a try without a bucket", async ({ window }) => {
  const { page, host } = window;
  await window.photograph("1-first-start");
  await connect(window, "inbox/");
  await window.button("Test connection").click();
  await expect(page.getByText(/^An upload to .* was begun and taken back/)).toBeVisible();
  await window.photograph("1-tested");
  await window.button("Save").click();
  await expect(window.destination).toContainText("inbox");
  // What is dropped on an open dialog is not taken.
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await host.drop(await host.file("film.mov", "what was filmed"));
  await window.sees("film.mov", "Done");
  await window.photograph("1-done");
  await window.row("film.mov").getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText(/^1 link copied/)).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(await (await fetch(link)).text()).toBe("what was filmed");

  await window.sidebar.getByRole("button", { name: /^Practice bucket/ }).click();
  await expect(window.destination).toContainText("Practice, on this computer");
  await host.drop(await host.file("tried.txt", "tried"));
  await window.sees("tried.txt", "Done");
});

test("2: twenty thousand files, out of sight and accounted for", async ({ window }) => {
  test.setTimeout(600_000);
  const { page, host } = window;
  const COUNT = 20_000;
  await window.profile(await host.store());
  await host.files("survey", COUNT);
  await host.drop(host.path("survey"));
  // The first rows are in view while the others are still being found.
  await expect(window.row("survey")).toBeVisible();
  const headline = page.getByTestId("totals");
  await expect(headline).toContainText("20,000 files", { timeout: 120_000 });
  await window.photograph("2-under-way");
  // What is left is a time once files have gone, and never one that nothing bears out.
  await expect(page.getByTestId("headline")).toHaveText(/left$/, { timeout: 60_000 });
  await host.close(true);
  await window.dialog("Files are still being uploaded").getByRole("button", { name: "Close window" }).click();
  await expect.poll(() => host.did()).toEqual(["closes: Background"]);
  await expect(page.getByRole("row", { name: /^survey/ })).toHaveAttribute("data-state", "done", { timeout: 400_000 });
  await window.button("Receipt").click();
  await expect(page.getByTestId("receipt-sums")).toHaveText(/Dropped\s*20,000.*Uploaded, verified\s*20,000/s);
  await expect(window.dialog("Receipt of survey")).toContainText("Safe to delete the local files: yes");
  await window.photograph("2-receipt");
});

/** Writes down what every bar says, at each change of the page, until the page goes. */
async function watchBars(window: Window): Promise<() => Promise<Record<string, number>[]>> {
  await window.page.evaluate(() => {
    const seen: Record<string, number>[] = [];
    const look = () => {
      const bars = document.querySelectorAll<HTMLElement>("[role=progressbar]");
      seen.push(Object.fromEntries([...bars].map((bar) => [bar.dataset["testid"] ?? "", Number(bar.getAttribute("aria-valuenow"))])));
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    Object.assign(globalThis, { seenBars: seen });
  });
  return () => window.page.evaluate(() => (globalThis as unknown as { seenBars: Record<string, number>[] }).seenBars);
}

/** Bars of one file agree with each other, and go forwards from where they stood before. */
function agree(seen: readonly Record<string, number>[], from: number): number {
  let last = from;
  for (const bars of seen) {
    const values = new Set(Object.values(bars));
    expect(values.size, JSON.stringify(bars)).toBeLessThan(2);
    for (const value of values) {
      expect(value, "a bar runs backwards").toBeGreaterThanOrEqual(last);
      last = value;
    }
  }
  return last;
}

test("3: one large video, paused, quit and resumed, in numbers that agree", async ({ window }) => {
  test.setTimeout(600_000);
  const { page, host } = window;
  await window.button("Use the practice bucket").click();
  await window.set({ limit: { hours: [], otherwise: "100" } });
  await host.drop(await host.file("master.mov", 4 * GIB));
  await window.sees("master.mov", "Uploading");
  let bars = await watchBars(window);
  await expect(page.getByTestId("headline")).toHaveText(/left$/);
  const shown = async () => Math.max(...Object.values((await bars()).at(-1) ?? { none: 0 }));
  await expect.poll(shown, { timeout: 120_000 }).toBeGreaterThan(20);
  await window.photograph("3-under-way");
  await window.button("Pause all").click();
  await window.sees("master.mov", "Paused");
  const paused = agree(await bars(), 0);
  await window.photograph("3-paused");

  await host.restart();
  await page.goto(host.url);
  await window.sees("master.mov", "Paused");
  bars = await watchBars(window);
  await window.set({ limit: { hours: [], otherwise: "" } });
  await window.button("Resume all").click();
  await window.sees("master.mov", "Uploading");
  await expect(page.getByRole("row", { name: "master.mov, Done" })).toBeVisible({ timeout: 300_000 });
  expect(agree(await bars(), paused)).toBe(100);
  await window.photograph("3-done");
});

test("4: five objects that exist are one line, both kept, and first undone", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  const names = ["a", "b", "c", "d", "e"].map((name) => `${name}.mov`);
  for (const name of names) await host.file(`before/${name}`, "what is there");
  await host.drop(...names.map((name) => host.path(`before/${name}`)));
  await expect(page.getByTestId("status")).toContainText("5 files verified");
  for (const name of names) await host.file(`now/${name}`, "what is here, and longer");
  await host.drop(...names.map((name) => host.path(`now/${name}`)));
  await window.show("Needs you");
  const needs = page.getByRole("region", { name: "What needs you" });
  await expect(needs).toContainText("5 files already exist in 2026");
  await expect(window.row("c.mov")).toContainText(/there 13 B.* · here 24 B/);
  await window.photograph("4-question");
  await needs.getByRole("button", { name: "Replace all" }).click();
  await expect(window.undoLine).toContainText("5 files will be replaced");
  await window.undoLine.getByRole("button", { name: "Undo" }).click();
  await expect(needs).toContainText("5 files already exist in 2026");
  await needs.getByRole("button", { name: "Keep both" }).click();
  await expect(page.getByTestId("status")).toContainText("10 files verified");
  await window.show("History");
  await expect(page.getByRole("row", { name: /^[a-e]\.mov, Done/ })).toHaveCount(10);
});

test("5: a key that is refused on the way asks for the new secret alone", async ({ window }) => {
  const { page, host } = window;
  const store = await host.store();
  const id = await window.profile(store);
  await host.drop(await host.file("first.mov", "1"));
  await window.sees("first.mov", "Done");
  await host.play(store, `[[fault]]\nthen = { status = { status = 403, code = "SignatureDoesNotMatch" } }\n`);
  await host.drop(await host.file("second.mov", "2"), await host.file("third.mov", "3"));
  const notices = page.getByRole("region", { name: "Notices" });
  await expect(notices.getByText(/^Paused: key rejected by “Media archive”\..*2 files wait\./)).toHaveCount(1);
  await window.photograph("5-key-rejected");
  await host.play(store, "");
  await notices.getByRole("button", { name: "Enter a new key" }).click();
  await expect(page.getByRole("textbox", { name: "AccessKey ID" })).toHaveValue("");
  await window.field("AccessKey secret").fill(store.accessKeySecret);
  await window.button("Save").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByTestId("status")).toContainText("3 files verified");
  expect(id).toBeGreaterThan(0);
});

test("6: without a network nothing looks as if it moved, and Try now goes on", async ({ window }) => {
  const { page, host } = window;
  const store = await host.store();
  await window.profile(store);
  await window.set({ partSize: 1, limit: { hours: [], otherwise: "4" } });
  await host.drop(await host.file("film.mov", 60 * MIB));
  await window.sees("film.mov", "Uploading");
  await expect(page.getByTestId("totals")).toContainText("MiB/s");
  await host.play(store, `[[fault]]\nthen = "reset"\n`);
  await expect(page.getByTestId("headline")).toHaveText("Waiting for the network");
  await expect(page.getByTestId("totals")).not.toContainText("/s");
  for (const row of await window.row("film.mov").all()) await expect(row).not.toContainText("/s");
  await expect(page.getByText(/^Next try in \d/)).toHaveCount(1);
  await window.photograph("6-offline");
  await window.set({ limit: { hours: [], otherwise: "" } });
  // Far enough from the next try that it is the button that goes on.
  await expect(page.getByText(/^Next try in ([5-9]|10) /)).toHaveCount(1, { timeout: 40_000 });
  await host.play(store, "");
  await page.getByTestId("headline-try-now").click();
  await window.sees("film.mov", "Done");
});

test("7: a file that changes while it is uploaded is asked about, and never mixed", async ({ window }) => {
  const { page, host } = window;
  const store = await host.store(`[[fault]]\non = { operation = "PutObject" }\nthen = "stall"\n`);
  await window.profile(store);
  await window.show("History");
  const path = await host.file("notes.md", "first");
  await host.drop(path);
  await window.sees("notes.md", "Uploading");
  await act(window, "pause", "notes.md");
  await window.sees("notes.md", "Paused");
  await host.change(path, "second, and longer");
  await host.play(store, "");
  await act(window, "resume", "notes.md");
  await window.sees("notes.md", "File changed");
  await window.show("Needs you");
  await window.photograph("7-changed");
  await window.decide("notes.md", "Upload latest");
  await window.show("History");
  await window.sees("notes.md", "Done");
  await window.row("notes.md").getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText(/^1 link copied/)).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(await (await fetch(link)).text()).toBe("second, and longer");
});

test("8: closing asks once, and is remembered", async ({ window }) => {
  const { host } = window;
  await host.close(true);
  await window.photograph("8-closing");
  await window.page.getByTestId("close-remember").check();
  await window.page.getByTestId("close-do").click();
  await expect.poll(() => host.did()).toEqual(["closes: Background"]);
  await window.settings("Desktop");
  await expect(window.field("Closing while files are uploaded")).toHaveValue("background");
});

test("9: a drop on a destination of the sidebar, and a paste, go where they show", async ({ window }) => {
  const { host } = window;
  await window.profile(await host.store(), { name: "First", prefix: "one/" });
  await window.profile(await host.store(), { name: "Second", prefix: "two/" });
  await window.show("History");
  await host.drop(await host.file("to the second.txt", "2"));
  await window.sees("to the second.txt", "Done");
  const first = window.sidebar.getByRole("button", { name: /^First/ });
  const second = window.sidebar.getByRole("button", { name: /^Second/ });
  await host.dropOn(first, await host.file("to the first.txt", "1"), async () => {
    await expect(window.page.getByTestId("drag-over")).toContainText("one/", { timeout: 500 });
    await expect(first).toHaveClass(/target/, { timeout: 500 });
    await expect(second).not.toHaveClass(/target/, { timeout: 500 });
    await window.photograph("9-over-a-destination");
  });
  await window.sees("to the first.txt", "Done");
  await expect(window.row("to the first.txt")).toContainText("one/");
  await expect(window.destination).toContainText("Second");
});

/** A proxy that lets nobody through who has not signed in. */
async function asking(): Promise<Server> {
  const proxy = createServer((_, answer) => {
    answer.writeHead(407, { "Proxy-Authenticate": "Basic realm=office" }).end();
  });
  proxy.on("connect", (_, socket) => {
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=office\r\n\r\n");
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  return proxy;
}

test("10: the doctor tells of a wrong region, a wrong clock and a proxy that asks who it is", async ({ window }) => {
  const { page, host } = window;
  const proxy = await asking();
  try {
    const store = await host.store();
    await window.profile(store, { name: "Elsewhere", region: "cn-beijing" });
    await window.profile(await host.store("clock-offset-seconds = 7200\n"), { name: "Late" });
    const { port } = proxy.address() as AddressInfo;
    await window.profile(store, {
      name: "Office",
      // This computer as well, but at an address that Ferry reaches by proxy.
      endpoint: store.endpoint.replace("127.0.0.1", "0.0.0.0"),
      network: { ...BLANK_NETWORK, proxy: "manual", proxyServer: `http://127.0.0.1:${String(port)}` },
    });
    await window.status.getByRole("button", { name: "Diagnostics" }).click();
    await page.getByRole("tab", { name: "Endpoint doctor" }).click();
    const findings = page.getByTestId("doctor-result").getByRole("listitem");
    for (const [name, step, words] of [
      ["Elsewhere", "Signature and region", /region/],
      ["Late", "Clock", /2 h|7,?200|differ/],
      ["Office", "Proxy", /wants a user and password/],
    ] as const) {
      await window.field("Destination").selectOption(name);
      await window.button("Examine").click();
      const finding = findings.filter({ hasText: step });
      await expect(finding, name).not.toHaveAttribute("data-outcome", "passed");
      await expect(finding, name).toContainText(words);
      await window.photograph(`10-${name.toLowerCase()}`);
    }
  } finally {
    proxy.close();
  }
});

test.describe("11: without a keyring", () => {
  test.use({ keyring: "absent" });

  test("11: the profile stays, the key lasts for the run", async ({ window }) => {
    const { page, host } = window;
    await connect(window, "");
    await window.button("Save").click();
    await expect(page.getByText("The profile is saved, its AccessKey is not.")).toBeVisible();
    await window.photograph("11-no-keyring");
    await window.button("Use for this run only").click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await host.drop(await host.file("a.txt", "a"));
    await window.sees("a.txt", "Done");
  });
});

test("12: the keyboard alone connects, uploads, looks and takes back", async ({ window }) => {
  const { page, host } = window;
  const keys = page.keyboard;
  const store = await host.store();
  await page.reload();
  await expect(page.getByLabel("Connect a bucket")).toBeFocused();
  await keys.type(`${store.endpoint}/${store.bucket}/`);
  await keys.press("Enter");
  await expect(window.field("Bucket")).toHaveValue(store.bucket);
  for (const [field, text] of [
    ["Region", store.region],
    ["AccessKey ID", store.accessKeyId],
    ["AccessKey secret", store.accessKeySecret],
  ] as const) {
    await tabTo(window, field);
    await keys.type(text);
  }
  await keys.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await host.chooseNext(await host.file("one.txt", "1"), await host.file("two.txt", "2"));
  await keys.press("Control+o");
  await window.sees("one.txt", "Done");
  await window.sees("two.txt", "Done");
  await window.show("History");
  await window.list.focus();
  await expect(page.getByTestId("row")).toHaveCount(2);
  const selected = page.getByRole("toolbar").filter({ hasText: "1 selected" });
  await keys.press("j");
  await expect(selected).toBeVisible();
  await keys.press("x");
  await expect(selected).toHaveCount(0);
  await keys.press("x");
  await expect(selected).toBeVisible();
  await keys.press("Enter");
  await expect(page.getByRole("region", { name: "Details" })).toBeVisible();
  await window.photograph("12-keyboard");
  await keys.press("Escape");
  await keys.press("Delete");
  const leaving = page.getByRole("row", { name: /Will be removed/ });
  await expect(leaving).toHaveCount(1);
  await keys.press("Control+z");
  await expect(leaving).toHaveCount(0);
  await expect(page.getByTestId("row")).toHaveCount(2);
});

/** Goes on by Tab until the field has the focus. */
async function tabTo(window: Window, name: string): Promise<void> {
  for (let steps = 0; steps < 40; steps += 1) {
    if (await window.field(name).evaluate((field) => field === document.activeElement)) return;
    await window.page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to “${name}”`);
}
