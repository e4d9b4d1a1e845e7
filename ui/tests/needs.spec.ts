//! What needs the user: a line for each cause, with one answer for all, or one by one.

import { rm } from "node:fs/promises";
import { act, waiting } from "./support/scenes";
import { type Window, expect, test } from "./support/window";

/** Two objects in the way in different folders, two files that are gone, one whose name is too long. */
async function causes(window: Window): Promise<void> {
  const { host } = window;
  await window.profile(await host.store());
  for (const folder of ["raw", "cut"]) {
    await host.file(`before/reel/${folder}/${folder}.mov`, "what is there");
    await host.file(`now/reel/${folder}/${folder}.mov`, "what is here, and longer");
  }
  await host.drop(host.path("before/reel"));
  for (const name of ["raw.mov", "cut.mov"]) await window.sees(name, "Done");
  await host.drop(host.path("now/reel"));
  for (const name of ["raw.mov", "cut.mov"]) await window.sees(name, "Already exists");
  const folders = Array.from({ length: 5 }, () => "x".repeat(220)).join("/");
  await host.file(`deep/${folders}/film.mov`, "a film");
  await host.drop(host.path("deep"));
  await window.page.getByTestId("drop-start").click();
  await window.sees("film.mov", "Failed");
  const store = await host.store(`[[fault]]\nthen = "stall"\n`);
  await window.profile(store, { name: "Slow" });
  const gone = ["first.wav", "second.wav"];
  const paths = await Promise.all(gone.map((name) => host.file(name, name)));
  await host.drop(...paths);
  for (const name of gone) {
    await window.sees(name, "Uploading");
    await act(window, "pause", name);
    await window.sees(name, "Paused");
  }
  await Promise.all(paths.map((path) => rm(path)));
  await host.play(store, "");
  for (const name of gone) await act(window, "resume", name);
  for (const name of gone) await window.sees(name, "Failed");
  await window.show("Needs you");
}

test("each cause has a line with its own sentence, and what helps", async ({ window }) => {
  const { page } = window;
  await causes(window);
  const lines = page.getByTestId("cause");
  await expect(lines).toHaveCount(3);
  await expect(lines.nth(0)).toContainText("2 files already exist in 2026/reel");
  await expect(lines.nth(0).getByRole("button")).toHaveText(["Keep both", "Replace all", "Skip all", "Decide one by one"]);
  await expect(lines.nth(1)).toContainText("2 files");
  await expect(lines.nth(1).getByRole("button")).toHaveText(["Retry all", "Remove all", "Decide one by one"]);
  await expect(lines.nth(2)).toContainText("“film.mov”");
  await expect(lines.nth(2).getByRole("button")).toHaveText(["Remove all", "Decide one by one"]);
  await expect(window.sidebar.getByRole("button", { name: /^Needs you/ })).toContainText("5");
  // The answer is for its own cause.
  await lines.nth(1).getByRole("button", { name: "Remove all" }).click();
  await expect(window.undoLine).toContainText("2 files will be removed");
  await expect(lines).toHaveCount(2);
  await window.sees("film.mov", "Failed");
  await window.undoLine.getByRole("button", { name: "Undo" }).click();
  await expect(lines).toHaveCount(3);
});

test("one by one shows the files of a cause alone, and begins with the first", async ({ window }) => {
  const { page, list } = window;
  await causes(window);
  const conflicts = page.getByTestId("cause").first();
  await conflicts.getByRole("button", { name: "Decide one by one" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  await expect(page.getByRole("row").first()).toHaveAttribute("aria-selected", "true");
  await expect(list).toBeFocused();
  const bar = page.getByRole("toolbar", { name: "Selected transfers" });
  await expect(bar).toContainText("1 selected");
  await list.press("Control+a");
  await expect(bar).toContainText("2 selected");
  await conflicts.getByRole("button", { name: "Decide one by one" }).click();
  await expect(page.getByRole("row")).toHaveCount(5);
  await conflicts.getByRole("button", { name: "Decide one by one" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  // Once nothing is left of it, the others are shown again.
  await conflicts.getByRole("button", { name: "Keep both" }).click();
  await window.sees("film.mov", "Failed");
  await expect(page.getByRole("row")).toHaveCount(3);
});

test("a held profile needs the user once, whatever waits for it", async ({ window }) => {
  const { page } = window;
  const refusing = await waiting(window);
  await expect(window.sidebar.getByRole("button", { name: /^Needs you/ })).toContainText("1");
  await window.show("Needs you");
  await expect(page.getByText("No file needs a decision")).toBeVisible();
  // One line says so, with what helps: not a notice beside it.
  await expect(page.getByText(/Paused: key rejected by “夜间备份”/)).toHaveCount(1);
  const line = page.getByTestId("cause");
  await expect(line).toHaveCount(1);
  await expect(line).toContainText("1 file waits.");
  await expect(line.getByRole("button")).toHaveText(["Enter a new key", "Try again"]);
  await window.photograph("5-key-rejected-needs");
  await line.getByRole("button", { name: "Try again" }).click();
  await expect(line).toContainText("1 file waits.");
  await line.getByRole("button", { name: "Enter a new key" }).click();
  await page.getByRole("textbox", { name: "AccessKey ID" }).fill(refusing.accessKeyId);
  await window.field("AccessKey secret").fill(refusing.accessKeySecret);
  await window.button("Save").click();
  await expect(line).toHaveCount(0);
});

test("the line below tells what was verified today, and what failed last with its time", async ({ window }) => {
  const { page, status } = window;
  await expect(status).toContainText("Nothing verified yet today");
  await causes(window);
  await window.show("Now");
  await expect(status).toContainText("2 files verified today, ");
  const last = status.getByTestId("last-error");
  await expect(last).toHaveText(/^Last error \d\d:\d\d: /);
  await expect(last).toHaveAttribute("title", /“(first|second)\.wav”: /);
  // What is off the list was verified all the same.
  await window.show("History");
  await window.button("Clear finished").click();
  await expect(page.getByTestId("row").filter({ hasText: "Done" })).toHaveCount(0);
  await expect(status).toContainText("2 files verified today, ");
  await last.click();
  await expect(page.getByTestId("cause").first()).toBeVisible();
  // Once nothing is failed, nothing is told of it.
  for (let left = 3; left > 1; left -= 1) {
    await page.getByTestId("all-remove").first().click();
    await expect(page.getByTestId("cause")).toHaveCount(left - 1);
  }
  await expect(last).toHaveCount(0, { timeout: 20_000 });
});
