//! Menus, tooltips and dialogs: where they stand, what keys do in them, and where the focus goes after.

import { mixed } from "./support/scenes";
import { type Window, expect, test } from "./support/window";

/** The lines of the menu that is open. */
function lines(window: Window) {
  return window.page.getByRole("menuitem");
}

test("a row's menu offers what its state allows, and nothing else", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  await window.row("b-roll").click({ button: "right" });
  const menu = page.getByRole("menu", { name: "Actions" });
  await expect(lines(window)).toHaveText(["Resume", "Cancel", "Open folder", "Details"]);
  await menu.press("Escape");
  await expect(menu).toHaveCount(0);
  await expect(window.list).toBeFocused();
  await window.row("storyboard").click({ button: "right" });
  await expect(lines(window).filter({ hasText: "Resume" })).toHaveCount(0);
  await lines(window).filter({ hasText: "Details" }).click();
  await expect(page.getByRole("region", { name: "Details" })).toContainText("storyboard.pdf");
});

for (const key of ["ContextMenu", "Shift+F10"]) {
  test(`${key} opens the menu of the row where the keyboard stands`, async ({ window }) => {
    const { page } = window;
    await mixed(window);
    await window.row("b-roll").click();
    await window.list.press(key);
    await expect(lines(window)).toHaveText(["Resume", "Cancel", "Open folder", "Details"]);
    const [row, menu] = await Promise.all([
      window.row("b-roll").boundingBox(),
      page.getByRole("menu").boundingBox(),
    ]);
    expect(Math.abs((menu?.y ?? 0) - (row?.y ?? 0))).toBeLessThan(220);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menu")).toHaveCount(0);
  });
}

test("a menu over several rows says how many each action would change", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  await window.row("storyboard").click();
  await window.row("b-roll").click({ modifiers: ["ControlOrMeta"] });
  await expect(page.getByText("2 selected")).toBeVisible();
  await window.row("storyboard").click({ button: "right" });
  await expect(lines(window).filter({ hasText: "Resume 1" })).toBeVisible();
  await expect(lines(window).filter({ hasText: "Remove 2" })).toBeVisible();
  await page.keyboard.press("Escape");
  await window.row("harbour").click({ button: "right" });
  await expect(page.getByText("1 selected")).toBeVisible();
});

test("a batch has a menu of its own", async ({ window }) => {
  await window.show("Now");
  await window.host.file("album/first.jpg", "1");
  await window.host.drop(window.host.path("album"));
  await window.sees("first.jpg", "Done");
  await window.row("album, ").click({ button: "right" });
  await lines(window).filter({ hasText: "Hide files" }).click();
  await expect(window.row("first.jpg")).toHaveCount(0);
});

test("a button that has only an icon says its name to pointer and keyboard", async ({ window }) => {
  const { page } = window;
  const tip = page.getByRole("tooltip");
  await window.sidebar.getByRole("button", { name: "Profiles" }).hover();
  await expect(tip).toHaveText("Profiles");
  await page.mouse.move(600, 600);
  await expect(tip).toHaveCount(0);
  await window.sidebar.getByRole("button", { name: /^Practice/ }).focus();
  await page.keyboard.press("Shift+Tab");
  await expect(window.sidebar.getByRole("button", { name: "Profiles" })).toBeFocused();
  await expect(tip).toHaveText("Profiles");
  await page.keyboard.press("Escape");
  await expect(tip).toHaveCount(0);
});

test("a menu goes by keys, and gives the focus back", async ({ window }) => {
  const { page } = window;
  const button = window.button("Add");
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(lines(window).first()).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(lines(window).last()).toBeFocused();
  await page.keyboard.press("Home");
  await expect(lines(window).first()).toBeFocused();
  // A letter leads to the line that begins with it.
  await page.keyboard.press("A");
  await expect(lines(window).nth(1)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(button).toBeFocused();
});

test("a dialog holds the focus, and gives it back to what opened it", async ({ window }) => {
  const { page } = window;
  const button = window.sidebar.getByRole("button", { name: "Profiles" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(lines(window).first()).toBeFocused();
  await page.keyboard.press("Enter");
  const dialog = window.dialog("New profile");
  await expect(dialog.getByRole("textbox").first()).toBeFocused();
  for (let step = 0; step < 20; step += 1) {
    await page.keyboard.press("Tab");
    expect(await dialog.evaluate((it) => it.contains(document.activeElement))).toBe(true);
  }
  // What is behind can neither be reached nor clicked.
  await expect(page.locator("[inert]")).toContainText("Destinations");
  await page.mouse.click(5, 300);
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(button).toBeFocused();
});

test("sections are chosen by arrows", async ({ window }) => {
  const { page } = window;
  await window.profiles("New profile…");
  await page.getByRole("tab", { name: "Bucket and key" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Objects" })).toBeFocused();
  await expect(page.getByRole("tabpanel", { name: "Objects" })).toBeVisible();
  await page.keyboard.press("End");
  await expect(page.getByRole("tabpanel", { name: "Connection" })).toBeVisible();
});

test("menus stand at their buttons whatever the zoom, and inside the window", async ({ window }) => {
  const { page } = window;
  for (const step of ["Control+0", "Control+Equal", "Control+Equal", "Control+Equal"]) {
    await page.keyboard.press(step);
    await window.button("Add").click();
    const button = await window.button("Add").boundingBox();
    const menu = await page.getByRole("menu").boundingBox();
    if (button === null || menu === null) throw new Error("nothing is drawn");
    const zoom = await page.evaluate(() => Number(document.documentElement.style.zoom));
    expect(Math.abs(menu.x + menu.width - button.x - button.width), step).toBeLessThan(8 * zoom);
    expect(Math.abs(menu.y - button.y - button.height - 4), step).toBeLessThan(4 * zoom);
    await page.keyboard.press("Escape");
  }
});
