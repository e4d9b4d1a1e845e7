//! The history by destination and day, what is cleared of it, and selections longer than the page.

import { gallery, paused } from "./support/scenes";
import { type Window, expect, test } from "./support/window";

/** More rows than any page holds. */
const MANY = 6_000;

/** Two files in the practice bucket and three in a store of their own, all verified. */
async function twoPlaces(window: Window): Promise<void> {
  const { host } = window;
  for (const name of ["notes.txt", "plan.pdf"]) {
    await host.drop(await host.file(name, name));
    await window.sees(name, "Done");
  }
  await gallery(window);
  await window.show("History");
  await expect(window.page.getByRole("row")).toHaveCount(5);
}

test("the history shows one destination, and all that is chosen is what is shown", async ({
  window,
}) => {
  const { page } = window;
  await twoPlaces(window);
  await page.getByLabel("Destination", { exact: true }).selectOption("Media archive");
  await expect(page.getByRole("row")).toHaveCount(3);
  await expect(window.row("notes.txt")).toHaveCount(0);
  await page.getByLabel("Search names").fill("IR");
  await expect(page.getByRole("row")).toHaveCount(2);
  await window.list.focus();
  await window.list.press("Control+a");
  await expect(page.getByText("2 selected")).toBeVisible();
  await window.list.press("Delete");
  await expect(window.undoLine).toContainText("2 files will be removed");
  await expect(window.undoLine).toHaveCount(0);
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(page.getByRole("row")).toHaveCount(3);
  for (const name of ["second.jpg", "notes.txt", "plan.pdf"]) await window.sees(name, "Done");
});

test("the history shows the days that are asked for", async ({ window }) => {
  const { page } = window;
  await twoPlaces(window);
  const date = page.getByLabel("Date", { exact: true });
  for (const period of ["Today", "Last 7 days", "Last 30 days"]) {
    await date.selectOption(period);
    await expect(page.getByRole("row")).toHaveCount(5);
  }
  await date.selectOption("Choose days");
  await expect(page.getByRole("row")).toHaveCount(5);
  const [first, last] = [page.getByLabel("First day"), page.getByLabel("Last day")];
  await last.fill("2020-01-31");
  await last.blur();
  await expect(page.getByText("No transfer matches")).toBeVisible();
  await first.fill("2020-01-01");
  await last.fill(new Date().toISOString().slice(0, 10));
  await last.blur();
  await expect(page.getByRole("row")).toHaveCount(5);
});

test("what has ended and is shown is cleared by one click, and can be had back", async ({
  window,
}) => {
  const { page } = window;
  await twoPlaces(window);
  await page.getByLabel("Destination", { exact: true }).selectOption("Practice bucket (this computer)");
  await expect(page.getByRole("row")).toHaveCount(2);
  const clear = window.button("Clear finished");
  await clear.click();
  await expect(window.undoLine).toContainText("2 files will be removed");
  await window.sees("notes.txt", "Will be removed");
  await window.undoLine.getByRole("button", { name: "Undo" }).click();
  await window.sees("notes.txt", "Done");
  await clear.click();
  await expect(window.row("notes.txt")).toHaveCount(0);
  await expect(clear).toBeDisabled();
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(page.getByRole("row")).toHaveCount(3);
  // What runs, rests or needs the user has not ended.
  await page.getByRole("radio", { name: /^Paused/ }).click();
  await expect(clear).toBeDisabled();
});

test("the rule by which the history is pruned stands there, and leads to where it is set", async ({
  window,
}) => {
  const { page } = window;
  await twoPlaces(window);
  await expect(page.getByText("Kept until you clear it")).toBeVisible();
  await window.button("Settings › Data").click();
  await page.getByLabel("Keep the history").selectOption("30 days");
  await page.keyboard.press("Escape");
  await expect(page.getByText("Kept for 30 days")).toBeVisible();
});

test("a range longer than the page is selected whole, but for what is let out of it", async ({
  window,
}) => {
  test.slow();
  const { page, list } = window;
  await paused(window, MANY);
  const bar = page.getByRole("toolbar", { name: "Selected transfers" });
  const name = (number: number) => `photo ${String(number).padStart(4, "0")}.jpg`;
  await window.row(name(MANY - 1)).click();
  await list.press("Shift+End");
  await expect(bar).toContainText("5,999 selected");
  await expect(bar.getByRole("button", { name: "Resume 5,999" })).toBeEnabled();
  await expect(window.row(name(1))).toHaveAttribute("aria-selected", "true");
  // The bar lies over the last rows.
  await window.row(name(10)).click({ modifiers: ["ControlOrMeta"] });
  await expect(window.row(name(10))).toHaveAttribute("aria-selected", "false");
  await expect(bar).toContainText("5,998 selected");
  await bar.getByRole("button", { name: "Cancel 5,998" }).click();
  await expect(window.undoLine).toContainText("5,998 uploads will be cancelled");
  await window.sees(name(1), "Will be cancelled");
  await window.sees(name(10), "Paused");
  await list.focus();
  await list.press("Home");
  await window.sees(name(MANY), "Paused");
  await window.sees(name(MANY - 1), "Will be cancelled");
});

test("Ctrl+A less one is all but that one", async ({ window }) => {
  const { page, list } = window;
  await paused(window, 50);
  const bar = page.getByRole("toolbar", { name: "Selected transfers" });
  await list.focus();
  await list.press("Control+a");
  await expect(bar).toContainText("50 selected");
  await window.row("photo 0049.jpg").click({ modifiers: ["ControlOrMeta"] });
  await expect(bar).toContainText("49 selected");
  await bar.getByRole("button", { name: "Remove 49" }).click();
  await expect(window.undoLine).toContainText("49 ");
  await window.sees("photo 0050.jpg", "Will be removed");
  await window.sees("photo 0049.jpg", "Paused");
});
