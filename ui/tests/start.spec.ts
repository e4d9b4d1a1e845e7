//! The first start: two cards, and from a paste to a profile that is chosen.

import { expect, test } from "./support/window";

test.use({ view: "Now" });

test("asks where files shall go, with the focus in the field", async ({ window }) => {
  const { page } = window;
  await expect(page.getByRole("heading", { name: "Where should your files go?" })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Connect a bucket")).toBeFocused();
});

test("a pasted console address becomes a profile, and the next drop goes there", async ({
  window,
}) => {
  const { page, host } = window;
  const store = await host.store();
  await page
    .getByLabel("Connect a bucket")
    .fill(`${store.endpoint}/${store.bucket}/inbox/`);
  await page.keyboard.press("Enter");
  await expect(window.field("Bucket")).toHaveValue(store.bucket);
  await expect(window.field("Prefix")).toHaveValue("inbox/");
  await expect(window.field("Name")).toHaveValue(store.bucket);
  await window.field("Region").fill(store.region);
  await window.field("AccessKey ID").fill(store.accessKeyId);
  await window.field("AccessKey secret").fill(store.accessKeySecret);
  await window.button("Test connection").click();
  await expect(page.getByText(/^An upload to .* was begun and taken back/)).toBeVisible();
  await window.button("Save").click();
  await expect(window.destination).toContainText(store.bucket);
  await expect(page.getByText(`They are uploaded to oss://${store.bucket}/inbox/`)).toBeVisible();
  await host.drop(await host.file("a.txt", "a"));
  await window.sees("a.txt", "Done");
});

test("a pasted key file fills in the key, and nobody reads it elsewhere", async ({ window }) => {
  const { page } = window;
  const secret = "abcdefghijKLMNOPQRST0123456789";
  await page.getByLabel("Connect a bucket").focus();
  await page.evaluate(
    (text) => navigator.clipboard.writeText(text),
    `AccessKey ID,AccessKey Secret\nLTAI5tExampleKeyWXYZ,${secret}\n`,
  );
  await page.keyboard.press("ControlOrMeta+v");
  await expect(window.field("AccessKey ID")).toHaveValue("LTAI5tExampleKeyWXYZ");
  await expect(window.field("AccessKey secret")).toHaveValue(secret);
  await expect(window.field("AccessKey secret")).toHaveAttribute("type", "password");
  await expect(window.field("Endpoint or region")).toHaveValue("");
});

test("another paste replaces what the first one filled in, and leaves what was typed", async ({
  window,
}) => {
  const { page } = window;
  const address = page.getByLabel("Connect a bucket");
  await address.fill("https://first.oss-cn-hangzhou.aliyuncs.com/a/");
  await page.keyboard.press("Enter");
  await expect(window.field("Bucket")).toHaveValue("first");
  const endpoint = window.field("Endpoint or region");
  await endpoint.fill("https://second.oss-cn-beijing.aliyuncs.com/b/");
  await endpoint.blur();
  await expect(window.field("Bucket")).toHaveValue("second");
  await expect(window.field("Prefix")).toHaveValue("b/");
  await expect(window.field("Name")).toHaveValue("second");
  await window.field("Bucket").fill("typed");
  await endpoint.fill("https://third.oss-cn-beijing.aliyuncs.com/c/");
  await endpoint.blur();
  await expect(window.field("Bucket")).toHaveValue("typed");
});

test("the practice bucket is tried at once", async ({ window }) => {
  const { page, host } = window;
  await window.button("Use the practice bucket").click();
  await expect(page.getByText("They are uploaded to oss://practice/")).toBeVisible();
  await host.drop(await host.file("a.txt", "a"));
  await window.sees("a.txt", "Done");
});

test("keys of other tools are one step away, and their files are read only then", async ({
  window,
}) => {
  const { page, host } = window;
  await host.ossutil("x");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await expect(window.button("Import keys from another tool…")).toBeVisible();
  expect(asked.filter((url) => url.endsWith("find_imports"))).toEqual([]);
  await window.button("Import keys from another tool…").click();
  await expect(window.dialog("Import keys from another tool").getByRole("radio")).toHaveCount(1);
});
