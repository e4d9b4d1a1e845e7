//! Rows in each state: what they show, what they offer, and what happens then.

import { HELD, act, done, mixed, waiting } from "./support/scenes";
import { expect, test } from "./support/window";

/** What a row offers beside its details, by what its buttons are called. */
const OFFERED = [
  ["harbour", "Uploading", ["Pause this upload", "Cancel and take the upload back"]],
  ["b-roll", "Paused", ["Go on from where it stopped", "Cancel and take the upload back"]],
  ["interview", "Failed", ["Try again", "Remove from the list"]],
  [
    "colour grade v3.drp, Already",
    "Already exists",
    ["Decide", "Cancel and take the upload back"],
  ],
  ["notes", "File changed", ["Decide"]],
  ["storyboard", "Done", ["Copy link", "Remove from the list"]],
  ["old teaser.mp4, Skipped", "Skipped", ["Remove from the list"]],
  ["rehearsal", "Cancelled", ["Remove from the list"]],
] as const;

test("rows offer what fits their state, and say how far they are", async ({ window }) => {
  await mixed(window);
  for (const [name, state, offered] of OFFERED) {
    const row = window.row(name);
    await expect(row).toHaveAttribute("aria-label", new RegExp(`, ${state}, `));
    const names = await row
      .getByRole("button")
      .evaluateAll((buttons) =>
        buttons.map((button) => button.getAttribute("aria-label") ?? button.textContent.trim()),
      );
    expect(names, name).toEqual([...offered, "Details"]);
    await expect(row.getByRole("progressbar")).toHaveCount(1);
  }
  await expect(window.row("interview")).toContainText(
    "“interview with the river pilot.mov” is not there.",
  );
  await expect(window.row("invoice").getByText("invoice⟨U+202E⟩fdp.exe").first()).toBeVisible();
});

test("rows act by their buttons, and nothing is selected by that", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  await window.row("b-roll").getByRole("button", { name: "Go on from where it stopped" }).click();
  await window.sees("b-roll.zip", "Uploading");
  await window.row("harbour").getByRole("button", { name: "Pause this upload" }).click();
  await window.sees("harbour at dawn, master.mov", "Paused");
  const cancel = { name: "Cancel and take the upload back" };
  await window.row("harbour").getByRole("button", cancel).click();
  await window.sees("harbour at dawn, master.mov", "Will be cancelled");
  await window.sees("harbour at dawn, master.mov", "Cancelled");
  await expect(page.getByRole("toolbar")).toHaveCount(0);
});

test("choices are carried out: both kept, the newest uploaded, a gone file back", async ({
  window,
}) => {
  const { host } = window;
  const store = await mixed(window);
  await window.decide("colour grade v3.drp, Already", "Keep both");
  await expect(window.page.getByRole("row", { name: "colour grade v3.drp, Done" })).toHaveCount(2);
  await window.decide("notes.md", "Upload latest");
  await window.sees("notes.md", "Done");
  await host.file("interview with the river pilot.mov", "there again");
  await window.row("interview").getByRole("button", { name: "Try again" }).click();
  // It is there again, but it is another file.
  await window.decide("interview", "Upload latest");
  await window.sees("interview with the river pilot.mov", "Done");
  await host.play(store, "");
  for (const name of ["harbour at dawn, master.mov", "采访 第二部分（终稿）.mp4"]) {
    await act(window, "pause", name);
    await window.sees(name, "Paused");
    await act(window, "resume", name);
    await window.sees(name, "Done");
  }
});

test("details hold the store's own words, and close with Escape", async ({ window }) => {
  const { page } = window;
  await waiting(window);
  await window.row("nightly.tar").getByRole("button", { name: "Details" }).click();
  const details = page.getByRole("region", { name: "Details" });
  await expect(details).toContainText("SignatureDoesNotMatch");
  await expect(details).toContainText("夜间备份");
  await expect(details.getByText("Request", { exact: true })).toBeVisible();
  await window.list.press("Escape");
  await expect(details).toHaveCount(0);
});

test("the whole queue is paused and goes on, and says so", async ({ window }) => {
  const { host } = window;
  const store = await host.store(HELD);
  await window.profile(store);
  await host.drop(await host.file("film.mov", 20 * 1024 ** 2));
  await window.progress("film.mov", 80);
  await window.button("Pause all").click();
  await window.sees("film.mov", "Paused");
  // It stays in its place, so that nothing comes under a pointer that is about to press.
  await expect(window.button("Pause all")).toBeDisabled();
  await host.play(store, "");
  await window.button("Resume all").click();
  await window.sees("film.mov", "Done");
  await expect(window.status).toContainText("1 file verified");
});

test("filters and search find, and lead back from nothing", async ({ window }) => {
  const { page } = window;
  await done(window);
  await page.getByRole("radio", { name: "Needs attention" }).click();
  await expect(page.getByText("Nothing under “Needs attention” right now.")).toBeVisible();
  await window.button("Show all").click();
  await expect(window.row("storyboard.pdf")).toBeVisible();
  await page.getByRole("textbox", { name: "Search names" }).fill("封面");
  await expect(window.row("storyboard.pdf")).toHaveCount(0);
  await expect(window.row("封面图")).toBeVisible();
  await page.getByRole("textbox", { name: "Search names" }).fill("nobody");
  await expect(page.getByText("Nothing is called “nobody” here.")).toBeVisible();
  await page.getByRole("textbox", { name: "Search names" }).press("Escape");
  await expect(window.row("storyboard.pdf")).toBeVisible();
});

test("the window speaks Chinese", async ({ window }) => {
  const { page } = window;
  await done(window);
  await window.look("zh", "light");
  await expect(page.getByRole("row", { name: /^storyboard\.pdf.*已完成/ })).toBeVisible();
});

test("what limits the speed is told while something moves", async ({ window }) => {
  const { page, host } = window;
  await window.show("Now");
  await window.set({ limit: { hours: [], otherwise: "1" } });
  await host.drop(await host.file("film.mov", 40 * 1024 ** 2));
  // One sentence, where it is asked for.
  const ask = window.button("What limits the speed?");
  await expect(ask).toHaveAttribute("aria-expanded", "false");
  await expect(page.getByTestId("limited-by")).toHaveCount(0);
  await ask.click();
  await expect(page.getByText("Limited by your speed limit")).toBeVisible();
  await window.photograph("limited-by");
  await window.button("Pause all").click();
  await window.sees("film.mov", "Paused");
  await expect(page.getByText(/^Limited by/)).toHaveCount(0);
});

test("one batch is paused by its button, and the headline is about the others", async ({
  window,
}) => {
  const { page, host } = window;
  await window.show("Now");
  await window.profile(await host.store(HELD));
  await host.drop(await host.file("first.mov", 20 * 1024 ** 2));
  await expect(page.getByRole("row", { name: "first.mov, Uploading, 80%" })).toBeVisible();
  await host.drop(await host.file("second.mov", 20 * 1024 ** 2));
  await expect(page.getByRole("row", { name: "second.mov, Uploading, 80%" })).toBeVisible();
  const headline = page.getByRole("region", { name: "What is being uploaded" });
  await expect(headline).toContainText("0 of 2 files");
  const batch = page.getByRole("row", { name: /^first\.mov, 1 file/ });
  await batch.getByRole("button", { name: "Pause" }).click();
  await expect(batch.getByRole("button", { name: "Resume" })).toBeVisible();
  await expect(headline).toContainText("0 of 1 file");
  await window.sees("second.mov", "Uploading");
});

test("what needs the user has one answer for all, and what loses something can be undone", async ({
  window,
}) => {
  const { page } = window;
  await mixed(window);
  await window.show("Needs you");
  const needs = page.getByRole("region", { name: "What needs you" });
  await expect(needs).toContainText("1 file already exists in 2026");
  await needs.getByRole("button", { name: "Replace all" }).click();
  await expect(needs).not.toContainText("already exists");
  await window.sees("colour grade v3.drp", "Will be replaced");
  await window.undoLine.getByRole("button", { name: "Undo" }).click();
  await window.sees("colour grade v3.drp", "Already exists");
  await expect(needs).toContainText("1 file already exists in 2026");
  await needs.getByRole("button", { name: "Keep both" }).click();
  await expect(needs).not.toContainText("already exists");
  await needs.getByRole("button", { name: "Upload latest" }).click();
  await expect(window.row("notes.md")).toHaveCount(0);
});
