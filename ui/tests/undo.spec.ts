//! What destroys or skips something happens only once it can no longer be undone.

import { expect, test, type Window } from "./support/window";

/** So many files whose names other objects have, in the needs-you view. */
async function conflicts(window: Window, count: number): Promise<void> {
  const { host } = window;
  await window.profile(await host.store());
  const names = Array.from({ length: count }, (_, number) => `clip ${String(number + 1)}.mov`);
  for (const name of names) await host.file(`before/${name}`, "what is there");
  await host.drop(...names.map((name) => host.path(`before/${name}`)));
  for (const name of names) await window.sees(name, "Done");
  for (const name of names) await host.file(`now/${name}`, "what is here, and longer");
  await host.drop(...names.map((name) => host.path(`now/${name}`)));
  await window.show("Needs you");
  for (const name of names) await window.sees(name, "Already exists");
}

test("a conflict tells of both sides, and one click where one selects decides nothing", async ({
  window,
}) => {
  const { page } = window;
  await conflicts(window, 1);
  const row = window.row("clip 1.mov");
  await expect(row).toContainText(/there 13 B, today \d\d:\d\d · here 24 B, today \d\d:\d\d/);
  const box = (await row.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  // Wherever the name, the size and the state stand.
  for (let x = box.x + 8; x < box.x + box.width - 100; x += 24)
    await page.mouse.click(x, box.y + box.height / 2);
  await expect(row).toHaveAttribute("aria-selected", "true");
  await expect(window.undoLine).toHaveCount(0);
  await window.sees("clip 1.mov", "Already exists");
  await row.getByRole("button", { name: "Details" }).click();
  const details = page.getByRole("region", { name: "Details" });
  await expect(details).toContainText("On the store");
  await expect(details.getByRole("button", { name: "Keep both" })).toBeVisible();
});

test("a replaced object can be had back for a while, by the button and by the keyboard", async ({
  window,
}) => {
  await conflicts(window, 1);
  await window.decide("clip 1.mov", "Replace");
  await window.sees("clip 1.mov", "Will be replaced");
  await expect(window.undoLine).toContainText("“clip 1.mov” will be replaced");
  await expect(window.row("clip 1.mov").getByRole("button", { name: "Decide" })).toHaveCount(0);
  await window.undoLine.getByRole("button", { name: "Undo" }).click();
  await window.sees("clip 1.mov", "Already exists");
  await window.decide("clip 1.mov", "Skip");
  await window.sees("clip 1.mov", "Will be skipped");
  await window.list.press("Control+z");
  await window.sees("clip 1.mov", "Already exists");
  await window.decide("clip 1.mov", "Replace");
  await window.sees("clip 1.mov", "Will be replaced");
  // The window knows of it from the queue, not by itself.
  await window.page.reload();
  await expect(window.undoLine).toContainText("“clip 1.mov” will be replaced");
  await window.show("History");
  await expect(window.page.getByRole("row", { name: "clip 1.mov, Done" })).toHaveCount(2);
  await expect(window.undoLine).toHaveCount(0);
});

test("five answers are undone at once", async ({ window }) => {
  const { page } = window;
  await conflicts(window, 5);
  const needs = page.getByRole("region", { name: "What needs you" });
  await needs.getByRole("button", { name: "Skip all" }).click();
  await expect(window.undoLine).toContainText("5 files will be skipped");
  await expect(needs.getByRole("heading")).toHaveCount(0);
  await window.undoLine.getByRole("button", { name: "Undo" }).click();
  await expect(needs).toContainText("5 files already exist in 2026");
  await needs.getByRole("button", { name: "Skip all" }).click();
  await expect(window.row("clip 3.mov")).toHaveCount(0);
  await window.show("History");
  await expect(page.getByRole("row", { name: /^clip \d\.mov, Skipped/ })).toHaveCount(5);
});

test("a row has a menu, which speaks the window's language", async ({ window }) => {
  const { page } = window;
  await conflicts(window, 1);
  await window.row("clip 1.mov").click({ button: "right" });
  const menu = page.getByRole("menu", { name: "Actions" });
  await expect(menu.getByRole("menuitem")).toContainText(["Keep both", "Skip", "Replace"]);
  await menu.getByRole("menuitem").first().press("Escape");
  await window.look("zh", "dark");
  await page.getByRole("row", { name: "clip 1.mov" }).click({ button: "right" });
  await page.getByRole("menuitem", { name: /^替换/ }).click();
  await expect(page.getByTestId("undo-line")).toContainText("即将替换“clip 1.mov”");
});
