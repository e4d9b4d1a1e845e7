//! Watched folders: made in the window, seen in the sidebar, with pictures of what is seen on the way
//! (`artifacts/flows`).

import { mkdir, rename, stat } from "node:fs/promises";
import type { Locator } from "@playwright/test";
import { type Window, expect, test } from "./support/window";

/** The form of a new watched folder, in which this folder of the user's home is picked. */
async function form(window: Window, folder: string): Promise<Locator> {
  const { host } = window;
  await mkdir(host.path(folder), { recursive: true });
  await window.add("Watch a folder…");
  const dialog = window.dialog("Watch a folder");
  await host.chooseNext(host.path(folder));
  await dialog.getByTestId("watch-folder").click();
  await expect(dialog).toContainText(host.path(folder));
  return dialog;
}

/** A watched folder of that name, of whose files each goes once it was quiet for so many seconds. */
async function watched(window: Window, folder: string, quiet = "1"): Promise<Locator> {
  const dialog = await form(window, folder);
  await window.field("Quiet for").fill(quiet);
  await dialog.getByRole("button", { name: "Watch folder" }).click();
  await expect(dialog).toHaveCount(0);
  return row(window, folder);
}

/** The row of a watched folder. */
function row(window: Window, folder: string): Locator {
  return window.sidebar.getByTestId("watch").filter({ hasText: folder });
}

/** Takes a line of the menu of a watched folder. */
async function choose(window: Window, watch: Locator, line: string): Promise<void> {
  await watch.getByTestId("watch-menu").click();
  await window.page.getByRole("menuitem", { name: line }).click();
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

test("a folder is watched, paused, goes on, and says what keeps it", async ({ window }) => {
  test.setTimeout(180_000);
  const { page, host } = window;
  await window.profile(await host.store());
  const dialog = await form(window, "microscope");
  await window.photograph("watch-1-form");
  await window.field("Quiet for").fill("1");
  await dialog.getByRole("button", { name: "Watch folder" }).click();
  const watch = row(window, "microscope");
  await expect(watch).toContainText("Up to date");
  await expect(watch).toContainText("→ Media archive");

  await host.file("microscope/2026-11-30/scan 0001.raw", "one");
  await window.sees("scan 0001.raw", "Done");
  await expect(watch).toContainText(/scan 0001\.raw\s*just now/);
  await window.photograph("watch-2-uploaded");

  await watch.getByRole("button", { name: "Pause" }).click();
  await expect(watch).toContainText("Paused");
  await expect(watch.getByRole("button", { name: "Resume" })).toBeFocused();
  await host.file("microscope/scan 0002.raw", "two");
  await page.waitForTimeout(2500);
  await expect(window.row("scan 0002.raw")).toHaveCount(0);
  await window.photograph("watch-3-paused");
  await choose(window, watch, "Resume");
  await window.sees("scan 0002.raw", "Done");

  await rename(host.path("microscope"), host.path("away"));
  await expect(watch).toHaveAttribute("data-kind", "trouble");
  await expect(watch).toContainText("“microscope”, which is watched, is not there.");
  await expect(window.sidebar.getByRole("heading", { name: /^Watched folders/ })).toContainText("1 cannot go on");
  await window.photograph("watch-4-away");
  await page.setViewportSize({ width: 900, height: 560 });
  await window.photograph("watch-4-narrow");
  await expect(window.sidebar.getByRole("button", { name: /^microscope, .*is not there/ })).toBeVisible();
  await page.setViewportSize({ width: 1100, height: 720 });
  await rename(host.path("away"), host.path("microscope"));
  await expect(watch).toHaveAttribute("data-kind", "current");
  await host.file("microscope/scan 0003.raw", "three");
  await window.sees("scan 0003.raw", "Done");

  await choose(window, watch, "Remove…");
  await expect(window.dialog("Stop watching “microscope”?")).toBeVisible();
  await window.photograph("watch-5-remove");
  await window.button("Stop watching").click();
  await expect(watch).toHaveCount(0);
  await expect(window.sidebar.getByTestId("watches")).toHaveCount(0);
  await host.file("microscope/scan 0004.raw", "four");
  await page.waitForTimeout(2500);
  await expect(window.row("scan 0004.raw")).toHaveCount(0);
});

test("a new file waits until it is quiet, and a watch until its hours", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  const lab = await watched(window, "lab", "600");
  for (const name of ["a", "b", "c"]) await host.file(`lab/${name}.raw`, name);
  await expect(lab).toContainText("3 new, waits until quiet 10 min");
  await form(window, "nightly");
  // The host's clock is that of UTC.
  const now = new Date();
  const begins = (now.getUTCHours() + 2) % 24;
  const two = (hour: number) => String(hour % 24).padStart(2, "0");
  await window.field("Hours").fill(`${two(begins)}:00-${two(begins + 1)}:00`);
  await window.field("Leave out").fill("*.log");
  await page.keyboard.press("Enter");
  const nightly = row(window, "nightly");
  await expect(nightly).toContainText(`Waits until ${begins < now.getUTCHours() ? "" : `${two(begins)}:00`}`);
  await host.file("nightly/a.raw", "1");
  await host.file("nightly/a.log", "1");
  await expect(nightly).toContainText("1 new, waits until");
  await window.photograph("watch-6-waiting");
  await page.reload();
  await expect(row(window, "lab")).toContainText("3 new, waits until quiet 10 min");
  await choose(window, row(window, "lab"), "Look now");
  await expect(window.row("a.raw")).toHaveCount(0);
});

test("a watch is changed, and keeps its folder, its destination and what it knows", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  const lab = await watched(window, "lab");
  await host.file("lab/a.raw", "1");
  await window.sees("a.raw", "Done");
  await choose(window, lab, "Change…");
  const dialog = window.dialog("Change a watched folder");
  await expect(dialog).toContainText(host.path("lab"));
  for (const fixed of ["watch-folder", "watch-profile", "watch-prefix"]) await expect(dialog.getByTestId(fixed)).toBeDisabled();
  await window.photograph("watch-13-change");
  await window.field("Only these").fill("[");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toHaveCount(1);
  await window.field("Only these").fill("*.raw");
  await window.field("Marker file").fill(".done");
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await host.file("lab/b.raw", "2");
  await expect(lab).toContainText("1 new, waits for .done");
  await host.file("lab/b.raw.done", "");
  await window.sees("b.raw", "Done");
  await expect(window.row("a.raw")).toHaveCount(1);
  await choose(window, lab, "Change…");
  await expect(window.field("Marker file")).toHaveValue(".done");
  await expect(window.field("Only these")).toHaveValue("*.raw");
});

test("a watch follows its destination", async ({ window }) => {
  const { host } = window;
  const store = await host.store();
  const profile = await window.profile(store);
  const watch = await watched(window, "scanner");
  await window.profile(store, { name: "Other archive", bucket: "other-archive" }, store.accessKeySecret, profile);
  await expect(watch).toContainText("→ Other archive");
  await host.file("scanner/page 1.tif", "1");
  await expect(window.row("page 1.tif")).toContainText("oss://other-archive/2026/");
});

test("a watch whose destination is gone says so, and takes nothing", async ({ window }) => {
  const { page, host } = window;
  const profile = await window.profile(await host.store());
  const watch = await watched(window, "scanner");
  await host.file("scanner/page 1.tif", "1");
  await window.sees("page 1.tif", "Done");
  await host.invoke("delete_profile", { id: profile });
  await expect(watch).toContainText("Its destination was deleted");
  await host.file("scanner/page 2.tif", "2");
  await page.waitForTimeout(2500);
  await expect(window.row("page 2.tif")).toHaveCount(0);
});

test("files are deleted only after a word on it, and once they are verified", async ({ window }) => {
  const { host } = window;
  await window.profile(await host.store());
  const path = await host.file("camera/clip.mov", "what was filmed");
  const dialog = await form(window, "camera");
  await window.field("Quiet for").fill("1");
  await window.field("Once a file is verified").selectOption("It is deleted");
  await expect(dialog).toContainText("deleted from this computer for good");
  await dialog.getByRole("button", { name: "Watch folder" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Begin?");
  await window.photograph("watch-7-delete");
  await dialog.getByRole("button", { name: "Back" }).click();
  await expect(window.field("Once a file is verified")).toBeFocused();
  await dialog.getByRole("button", { name: "Watch folder" }).click();
  await expect(dialog.getByRole("button", { name: "Watch and delete" })).toBeFocused();
  await dialog.getByRole("button", { name: "Watch and delete" }).click();
  await expect(dialog).toHaveCount(0);
  await window.sees("clip.mov", "Done");
  await expect.poll(() => isThere(path)).toBe(false);
});

test("what cannot be watched is said beside its field", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await watched(window, "inbox");
  await window.sidebar.getByRole("button", { name: "Watch a folder…" }).click();
  const dialog = window.dialog("Watch a folder");
  const begin = dialog.getByRole("button", { name: "Watch folder" });
  await window.field("Hours").fill("tonight");
  await window.field("Quiet for").fill("ten");
  await window.field("Only these").fill("[");
  await begin.click();
  for (const sentence of ["Choose a folder.", "Hours as 19:00-07:00", "A whole number from 0", "A pattern cannot be understood."])
    await expect(dialog.getByRole("alert").filter({ hasText: sentence })).toBeVisible();
  await expect(dialog.getByTestId("watch-folder")).toBeFocused();
  await window.photograph("watch-8-wrong");

  // A closed dialog of the system changes nothing.
  await dialog.getByTestId("watch-folder").click();
  await expect(dialog).toContainText("No folder chosen");
  await host.chooseNext(host.path("inbox"));
  await dialog.getByTestId("watch-folder").click();
  await expect(dialog).toContainText(host.path("inbox"));
  await window.field("Hours").fill("Mon-Fri 19:00-07:00");
  await window.field("Quiet for").fill("10");
  await window.field("Only these").fill("*.raw");
  await begin.click();
  await expect(dialog.getByRole("alert")).toContainText("no other watch takes to the same place");
  await window.field("Prefix").fill("elsewhere/");
  await window.field("Once a file is verified").selectOption("It is moved to another folder");
  await begin.click();
  await expect(dialog.getByRole("alert")).toHaveText("Choose a folder.");
  await host.chooseNext(host.path("inbox/sent"));
  await dialog.getByTestId("watch-moveTo").click();
  await begin.click();
  await expect(dialog.getByRole("alert")).toContainText("outside of the watched one");
  await window.field("Once a file is verified").selectOption("It stays in the folder");
  await window.field("Marker file").fill("done");
  await begin.click();
  await expect(dialog.getByRole("alert")).toContainText("with its dot");
  await window.field("Marker file").fill(".done");
  await begin.click();
  await expect(dialog).toHaveCount(0);
  await expect(window.sidebar.getByTestId("watch")).toHaveCount(2);
  await host.file("inbox/a.raw", "1");
  await expect(window.sidebar.getByTestId("watch").last()).toContainText(/1 new, waits (for \.done|until)/);
  await expect(page.getByTestId("notice")).toHaveCount(0);
});

test("a path that was not picked here is not watched", async ({ window }) => {
  const { host } = window;
  const profile = await window.profile(await host.store());
  const typed = {
    folder: host.path(""),
    profile,
    prefix: "",
    quiet: "1",
    marker: "",
    depth: "subfolders",
    growing: "wait",
    include: "",
    exclude: "",
    then: "delete",
    moveTo: "",
    hours: "",
  };
  const problems = await host.invoke<{ field: string }[]>("add_watch", { form: typed });
  expect(problems.map(({ field }) => field)).toEqual(["folder"]);
  await expect(window.sidebar.getByTestId("watches")).toHaveCount(0);
});

test("a file that a newer version of it replaced says so, on its row and on the receipt", async ({ window }) => {
  const { page, host } = window;
  test.setTimeout(240_000);
  const store = await host.store(`[[fault]]\nthen = "stall"\n`);
  await window.profile(store);
  const watch = await watched(window, "instrument");
  const run = await host.file("instrument/run.raw", "first");
  await window.sees("run.raw", "Uploading");
  await host.change(run, "second, longer");
  await expect(page.getByRole("row", { name: "run.raw, Replaced by a newer version of the file" })).toBeVisible({ timeout: 60_000 });
  await host.play(store, "");
  // What hangs is given up first.
  await expect(page.getByRole("row", { name: "run.raw, Done" })).toBeVisible({ timeout: 120_000 });
  await expect(watch).toContainText("Up to date");
  await window.photograph("watch-9-replaced");
  await window.show("Now");
  await page.getByRole("row", { name: /^instrument/ }).getByRole("button", { name: "Receipt" }).click();
  await expect(page.getByTestId("receipt-files")).toContainText("Replaced by a newer version of the file");
});
