//! The destination in the top line: a folder is changed where it stands.

import type { Store } from "./support/host";
import { type Window, expect, test } from "./support/window";

/** A script under which nothing may be listed. */
const DENIED = `
[[fault]]
on = { operation = "ListObjectsV2" }
then = { status = { status = 403, code = "AccessDenied" } }
`;

/** A store with files in the folders `raw` and `raw 2` of `2026`, which is the chosen one. */
async function folders(window: Window): Promise<Store> {
  const { host } = window;
  const store = await host.store();
  await window.profile(store);
  for (const name of ["raw", "raw 2"]) {
    await host.file(`${name}/${name}.txt`, name);
    await host.drop(host.path(name));
    await window.sees(`${name}.txt`, "Done");
  }
  await host.drop(await host.file("beside.txt", "no folder"));
  await window.sees("beside.txt", "Done");
  return store;
}

test("another folder is typed, and the next file goes there", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.button("Change the folder").click();
  const folder = page.getByRole("combobox", { name: "Folder in the bucket" });
  await expect(folder).toHaveValue("2026/");
  await folder.fill("2027/raw");
  await page.keyboard.press("Enter");
  await expect(window.destination).toContainText("2027");
  await expect(window.button("raw")).toHaveAttribute("aria-current", "location");
  await expect(window.button("Change the folder")).toBeFocused();
  await host.drop(await host.file("a.txt", "a"));
  await window.sees("a.txt", "Done");
  await expect(window.row("a.txt")).toContainText("oss://media-archive/2027/raw/");
});

test("a step leads up, and folders of before are suggested", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store(), { prefix: "a/b/c/" });
  await window.destination.getByRole("button", { name: "b", exact: true }).click();
  await expect(window.destination.getByRole("button", { name: "c", exact: true })).toHaveCount(0);
  await window.button("Change the folder").click();
  await page.getByTestId("destination").getByRole("combobox").fill("x/");
  await page.keyboard.press("Enter");
  await expect(window.destination.getByRole("button", { name: "x", exact: true })).toBeVisible();
  await window.button("Change the folder").click();
  await page.getByTestId("destination").getByRole("combobox").click();
  await page.getByRole("listbox").getByRole("option", { name: "a/b/" }).click();
  await expect(window.destination.getByRole("button", { name: "b", exact: true })).toBeVisible();
});

test("a name that no object can have is refused where it is typed, and Escape leaves all as it was", async ({
  window,
}) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.button("Change the folder").click();
  await page.getByTestId("destination").getByRole("combobox").fill("/bad");
  await page.keyboard.press("Enter");
  await expect(window.destination.getByRole("alert")).not.toBeEmpty();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(window.destination).toContainText("2026");
  await expect(page.getByTestId("destination").getByRole("combobox")).toHaveCount(0);
});

for (const { language, change } of [
  { language: "en", change: "Change the folder" },
  { language: "zh", change: "更改文件夹" },
] as const)
  test(`the folders that are there are listed, and one is chosen (${language})`, async ({ window }) => {
    const { page } = window;
    await folders(window);
    await window.look(language, "light");
    await window.button(change).click();
    const options = page.getByRole("listbox").getByRole("option");
    await expect(options).toHaveText(["2026/raw 2/", "2026/raw/"]);
    // What is typed is listed from its own folder on, and narrows the list.
    await page.getByTestId("destination").getByRole("combobox").fill("2026/raw 2/");
    await expect(options).toHaveCount(0);
    await page.getByTestId("destination").getByRole("combobox").fill("2026/raw");
    await page.getByRole("listbox").getByRole("option", { name: "2026/raw 2/" }).click();
    await expect(window.page.locator('[aria-current="location"]')).toHaveText("raw 2");
  });

test("a new name is taken as it is typed, also where a folder begins so", async ({ window }) => {
  const { page, host } = window;
  await folders(window);
  await window.button("Change the folder").click();
  const folder = page.getByTestId("destination").getByRole("combobox");
  await folder.fill("2026/ra");
  await expect(page.getByRole("listbox").getByRole("option")).toHaveCount(2);
  await page.keyboard.press("Enter");
  await expect(window.button("ra")).toHaveAttribute("aria-current", "location");
  await host.drop(await host.file("new.txt", "new"));
  await window.sees("new.txt", "Done");
  await expect(window.row("new.txt")).toContainText("oss://media-archive/2026/ra/");
  // One that the keyboard went to is taken.
  await window.button("Change the folder").click();
  await folder.fill("2026/ra");
  await expect(page.getByRole("listbox").getByRole("option")).toHaveCount(2);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("destination").getByRole("combobox")).toHaveCount(0);
  await expect(window.page.locator('[aria-current="location"]')).toHaveText(/^raw/);
});

for (const { language, change, sentence } of [
  {
    language: "en",
    change: "Change the folder",
    sentence: "The folders here cannot be listed; type a name",
  },
  { language: "zh", change: "更改文件夹", sentence: "无法列出其中的文件夹，请直接输入名称" },
] as const)
  test(`where a key may not list, one sentence says so and a name is typed (${language})`, async ({
    window,
  }) => {
    const { page, host } = window;
    await window.profile(await host.store(DENIED));
    await window.look(language, "light");
    await window.button(change).click();
    await expect(page.getByRole("status").filter({ hasText: sentence })).toBeVisible();
    await expect(page.getByRole("listbox").getByRole("option")).toHaveCount(0);
    await page.getByTestId("destination").getByRole("combobox").fill("2027/raw");
    await page.keyboard.press("Enter");
    await expect(window.button("raw")).toHaveAttribute("aria-current", "location");
  });

test("a list that does not end is in nobody's way, and ends with the menu", async ({ window }) => {
  const { page, host } = window;
  const store = await host.store(
    `[[fault]]\non = { operation = "ListObjectsV2" }\nthen = "stall"\n`,
  );
  await window.profile(store);
  await window.button("Change the folder").click();
  await page.getByTestId("destination").getByRole("combobox").fill("2027/");
  await page.keyboard.press("Enter");
  await expect(window.button("2027")).toHaveAttribute("aria-current", "location");
  await host.play(store, "");
  await host.file("raw/a.txt", "a");
  await host.drop(host.path("raw"));
  await window.sees("a.txt", "Done");
  await window.button("Change the folder").click();
  await expect(page.getByRole("listbox").getByRole("option", { name: "2027/raw/" })).toBeVisible();
  await expect(window.destination).not.toContainText("cannot be listed");
});

test("a thousand folders are listed, and that there are more is said", async ({ window }) => {
  const { page, host } = window;
  const folders = Array.from({ length: 1_000 }, (_, number) => `2026/${String(number)}/`);
  const list = [
    "<ListBucketResult><IsTruncated>true</IsTruncated>",
    "<NextContinuationToken>T</NextContinuationToken>",
    ...folders.map((name) => `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`),
    "</ListBucketResult>",
  ].join("");
  const script = `
[[fault]]
on = { operation = "ListObjectsV2" }
then = { wrong-body = { text = "${list}" } }
`;
  await window.profile(await host.store(script));
  await window.button("Change the folder").click();
  await expect(page.getByRole("listbox").getByRole("option")).toHaveCount(1_000);
  await expect(window.destination).toContainText("There are more folders than listed; type a name");
});
