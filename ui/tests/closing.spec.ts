//! The question before a window closes that has files on their way, and what Ferry does outside of it.

import { type Window, expect, test } from "./support/window";

const QUESTION = "Files are still being uploaded";

async function question(window: Window, tray = true) {
  await window.host.close(tray);
  return window.dialog(QUESTION);
}

test("the question stands above whatever is open, and Escape keeps the window", async ({
  window,
}) => {
  await window.settings("Transfers");
  const asked = await question(window);
  await expect(asked).toBeVisible();
  await expect(window.page.getByLabel("Keep uploading in the tray")).toBeChecked();
  await window.page.keyboard.press("Escape");
  await expect(asked).toHaveCount(0);
  await expect(window.dialog("Settings")).toBeVisible();
  await expect.poll(() => window.host.did()).toEqual(["closes: Stay"]);
});

test("an answer is remembered where that is wanted, and can be changed in the settings", async ({
  window,
}) => {
  const asked = await question(window);
  await window.page.getByLabel("Quit and resume later").check();
  await asked.getByRole("button", { name: "Close window" }).click();
  await expect.poll(() => window.host.did()).toEqual(["closes: Quit"]);
  const again = await question(window);
  await window.page.getByLabel("Quit when finished").check();
  await window.page.getByLabel("Remember my choice").check();
  await again.getByRole("button", { name: "Close window" }).click();
  await expect(window.page.getByText("Ferry quits once nothing is left to do.")).toBeVisible();
  await window.button("Stay open").click();
  await expect(window.page.getByText("Ferry quits once nothing is left to do.")).toHaveCount(0);
  await window.settings("Desktop");
  await expect(window.field("Closing while files are uploaded")).toHaveValue("quitWhenDone");
  await window.field("Closing while files are uploaded").selectOption("Ask");
  await window.page.reload();
  await window.settings("Desktop");
  await expect(window.field("Closing while files are uploaded")).toHaveValue("ask");
});

test("without a tray it says that the window is minimised", async ({ window }) => {
  const asked = await question(window, false);
  await expect(asked).toContainText("This desktop shows no tray icons");
  await expect(window.page.getByLabel("Keep uploading, window minimised")).toBeChecked();
  await asked.getByRole("button", { name: "Keep it open" }).click();
  await window.settings("Desktop");
  await expect(window.field("Closing while files are uploaded")).toContainText("window minimised");
  await expect(window.dialog("Settings")).toContainText("This desktop shows no tray icons");
});

test("notifications, tray, sleep and the start at login are set one by one", async ({ window }) => {
  await window.settings("Desktop");
  const names = [
    "Icon in the tray",
    "Open at login",
    "Keep awake while uploading",
    "When a batch is uploaded",
    "When a batch needs you",
  ];
  const stood = [];
  for (const name of names) stood.push(await window.field(name).isChecked());
  expect(stood).toEqual([true, false, true, true, true]);
  for (const name of names) await window.field(name).click();
  await window.dialog("Settings").getByRole("button", { name: "Close" }).click();
  await window.page.reload();
  await window.settings("Desktop");
  for (const [index, name] of names.entries())
    await expect(window.field(name)).toBeChecked({ checked: stood[index] === false });
});

test("Ctrl+V uploads what is on the clipboard, but not while text is typed", async ({ window }) => {
  const { host, page } = window;
  await page.keyboard.press("Control+v");
  await expect(page.getByText("There is no file and no picture on the clipboard.")).toBeVisible();
  await host.chooseNext(await host.file("pasted.txt", "1"));
  await window.show("History");
  await page.getByTestId("search").press("Control+v");
  await expect(window.row("pasted.txt")).toHaveCount(0);
  await window.add("Paste");
  await window.sees("pasted.txt", "Done");
});

test("the file manager is asked for a file by its number", async ({ window }) => {
  const { host } = window;
  const path = await host.file("album/one.jpg", "1");
  await host.drop(path);
  await window.sees("one.jpg", "Done");
  await window.row("one.jpg").getByRole("button", { name: "Details" }).click();
  await window.button("Open folder").click();
  await expect.poll(() => host.did()).toEqual([`shows ${path}`]);
  await window.row("one.jpg").click({ button: "right" });
  await window.page.getByRole("menuitem", { name: "Open folder" }).click();
  await expect.poll(() => host.did()).toEqual([`shows ${path}`, `shows ${path}`]);
});
