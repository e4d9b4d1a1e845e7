//! Drops that are asked about before anything of them is queued.

import { expect, test } from "./support/window";

/** A script under which nothing may be listed. */
const DENIED = `
[[fault]]
on = { operation = "ListObjectsV2" }
then = { status = { status = 403, code = "AccessDenied" } }
`;

/** Two files that go, one that cannot: the store takes no key that begins with a backslash. */
async function odd(host: { file(name: string, text: string): Promise<string> }): Promise<string[]> {
  return Promise.all([
    host.file("odd/Report.txt", "one"),
    host.file("odd/report.txt", "two"),
    host.file("odd/\\note.txt", "three"),
  ]);
}

test("a drop with nothing wrong is not asked about", async ({ window }) => {
  await window.host.drop(await window.host.file("plain.txt", "1"));
  await window.sees("plain.txt", "Done");
  await expect(window.page.getByRole("dialog")).toHaveCount(0);
});

test("what is wrong with a drop is said before anything goes", async ({ window }) => {
  const { page, host } = window;
  await host.drop(...(await odd(host)));
  const dialog = page.getByRole("dialog", { name: "Before this is uploaded" });
  await expect(dialog.getByText("2 files, 6 B")).toBeVisible();
  await expect(dialog.getByText("1 file has a name that the store does not take")).toBeVisible();
  await expect(dialog.getByText(/1 name differs from another only by upper and lower case/)).toBeVisible();
  // Nothing went: the two that can are not there yet either.
  await expect(page.getByTestId("row")).toHaveCount(0);
  await dialog.getByRole("button", { name: "Upload without 1 file" }).click();
  await expect(page.locator(`[data-name="Report.txt"][data-state="done"]`)).toBeVisible();
  await expect(page.locator(`[data-name="report.txt"][data-state="done"]`)).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText("note.txt")).toHaveCount(0);
});

test("a drop can be uploaded with what is wrong, which is then listed", async ({ window }) => {
  const { page, host } = window;
  await host.drop(...(await odd(host)));
  const dialog = page.getByRole("dialog", { name: "Before this is uploaded" });
  await dialog.getByRole("button", { name: "Upload", exact: true }).click();
  await expect(page.locator(`[data-name="Report.txt"][data-state="done"]`)).toBeVisible();
  await window.sees("\\note.txt", "Failed");
});

test("a drop that is not wanted after all leaves nothing", async ({ window }) => {
  const { page, host } = window;
  await host.drop(...(await odd(host)));
  const dialog = page.getByRole("dialog", { name: "Before this is uploaded" });
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await host.drop(await host.file("plain.txt", "1"));
  await window.sees("plain.txt", "Done");
  await expect(page.getByText("report.txt")).toHaveCount(0);
});

for (const { language, title, one, unknown } of [
  { language: "en", title: "Before this is uploaded", one: "1 file", unknown: "not known" },
  { language: "zh", title: "上传前请确认", one: "1 个文件", unknown: "未知" },
] as const)
  test(`how many of the files exist already is said where it can be known (${language})`, async ({
    window,
  }) => {
    const { page, host } = window;
    const store = await host.store();
    await window.profile(store);
    const paths = await odd(host);
    await host.drop(...paths.slice(0, 1));
    await window.sees("Report.txt", "Done");
    await window.look(language, "light");
    const existing = page.getByRole("dialog", { name: title }).getByTestId("drop-existing");
    await host.drop(...paths);
    await expect(existing).toHaveText(one);
    await page.keyboard.press("Escape");
    await expect(existing).toHaveCount(0);
    await host.play(store, DENIED);
    await host.drop(...paths);
    await expect(existing).toHaveText(unknown);
  });

test("counting what exists delays no review and no answer", async ({ window }) => {
  const { page, host } = window;
  const stalls = `[[fault]]\non = { operation = "ListObjectsV2" }\nthen = "stall"\n`;
  await window.profile(await host.store(stalls));
  await host.drop(...(await odd(host)));
  const dialog = page.getByRole("dialog", { name: "Before this is uploaded" });
  await expect(dialog.getByTestId("drop-existing")).toHaveText("being counted…");
  await dialog.getByRole("button", { name: "Upload", exact: true }).click();
  await expect(page.locator(`[data-name="Report.txt"][data-state="done"]`)).toBeVisible();
});
