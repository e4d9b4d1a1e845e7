//! Queues in a given state, each made by using the app: files are dropped, a store is told how to
//! behave, rows are acted upon.

import { rm } from "node:fs/promises";
import type { Action } from "../../src/bindings/Action";
import type { WatchForm } from "../../src/bindings/WatchForm";
import type { Store } from "./host";
import { type Window, expect } from "./window";

const MIB = 1024 ** 2;

/** The first two parts of each file arrive, the others are never answered: uploads stand still. */
export const HELD = `
[[fault]]
on = { operation = "UploadPart", part = 1 }
then = { delay = { milliseconds = 0 } }
[[fault]]
on = { operation = "UploadPart", part = 2 }
then = { delay = { milliseconds = 0 } }
[[fault]]
on = { operation = "UploadPart" }
then = "stall"
`;

/** Files of this name are never answered for. */
const stalled = (name: string) => `
[[fault]]
on = { operation = "PutObject", key = "*${name}" }
then = "stall"
`;

/** Gives a command for the file's row, beside the page. */
export async function act(window: Window, action: Action, name: string): Promise<void> {
  const id = Number(await window.row(name).getAttribute("data-id"));
  await window.host.invoke("act", { action, target: { type: "ids", ids: [id] } });
}

/** Drops files of these names and contents, one after the other, so that their order is known. */
async function drop(
  window: Window,
  files: readonly (readonly [name: string, content: string | number])[],
): Promise<void> {
  for (const [name, content] of files) {
    await window.host.drop(await window.host.file(name, content));
    const shown = (name.split("/").at(-1) ?? name).replace("\u202E", "⟨U+202E⟩");
    await expect(window.row(shown)).toBeVisible();
  }
}

/** Files in the practice bucket, all verified. */
export async function done(window: Window): Promise<void> {
  await drop(window, [
    ["storyboard.pdf", 2 * MIB],
    ["封面图 🎬.png", "a picture"],
    ["empty.txt", ""],
  ]);
  for (const name of ["storyboard.pdf", "封面图 🎬.png", "empty.txt"])
    await window.sees(name, "Done");
}

/** A folder of three files at a store of its own, all verified; its batch stands under "Now". */
export async function gallery(window: Window): Promise<Store> {
  const { host } = window;
  const store = await host.store();
  await window.profile(store);
  for (const name of ["first", "second", "third"]) await host.file(`gallery/${name}.jpg`, name);
  await window.show("Now");
  await host.drop(host.path("gallery"));
  await expect(window.page.getByRole("row", { name: /^gallery/ })).toHaveAttribute(
    "data-state",
    "done",
  );
  return store;
}

/**
 * One of each state that stands still, at a store of its own: verified, uploading, paused, skipped,
 * cancelled, in conflict, changed, failed, and one whose name has a hidden character.
 */
export async function mixed(window: Window): Promise<Store> {
  const store = await window.host.store(HELD);
  await window.profile(store);
  await drop(window, [
    ["storyboard.pdf", 2 * MIB],
    ["first/colour grade v3.drp", "as it was"],
    ["first/old teaser.mp4", "as it was"],
    ["invoice\u202Efdp.exe", "a name that lies"],
  ]);
  for (const name of ["storyboard.pdf", "colour grade v3.drp", "old teaser.mp4"])
    await window.sees(name, "Done");
  await unfit(window, store);
  await held(window);
  // A menu selects its row, and another view begins with nothing selected.
  await window.show("Done");
  await window.show("History");
  return store;
}

/** Two files that an object stands in the way of, one that changed, one that is gone. */
async function unfit(window: Window, store: Store): Promise<void> {
  const { host } = window;
  await host.drop(await host.file("second/colour grade v3.drp", "as it is now"));
  await window.sees("colour grade v3.drp", "Already exists");
  await host.drop(await host.file("second/old teaser.mp4", "as it is now"));
  await window.sees("old teaser.mp4", "Already exists");
  await window.decide("old teaser.mp4, Already exists", "Skip");
  // It is carried out while the others come.
  await window.sees("old teaser.mp4", "Will be skipped");
  const [changing, going] = ["notes.md", "interview with the river pilot.mov"];
  await host.play(store, HELD + stalled(changing) + stalled(going));
  const [changes, goes] = [await host.file(changing, "first"), await host.file(going, "first")];
  await host.drop(changes, goes);
  for (const name of [changing, going]) {
    await window.sees(name, "Uploading");
    await act(window, "pause", name);
    await window.sees(name, "Paused");
  }
  await host.play(store, HELD);
  await host.change(changes, "second");
  await rm(goes);
  for (const name of [changing, going]) await act(window, "resume", name);
  await window.sees(changing, "File changed");
  await window.sees(going, "Failed");
}

/** One file that was taken back half way, one that is paused there, two that stand there. */
async function held(window: Window): Promise<void> {
  const half = 80;
  await drop(window, [["rehearsal take.wav", 20 * MIB]]);
  await window.progress("rehearsal take.wav", half);
  await act(window, "cancel", "rehearsal take.wav");
  await window.sees("rehearsal take.wav", "Will be cancelled");
  await drop(window, [["b-roll.zip", 20 * MIB]]);
  await window.progress("b-roll.zip", half);
  await act(window, "pause", "b-roll.zip");
  await window.sees("b-roll.zip", "Paused");
  await drop(window, [
    ["harbour at dawn, master.mov", 20 * MIB],
    ["采访 第二部分（终稿）.mp4", 20 * MIB],
  ]);
  await window.progress("harbour", half);
  await window.progress("采访", half);
  await expect(window.sidebar).not.toContainText("/s");
  await window.sees("old teaser.mp4", "Skipped");
  await window.sees("rehearsal take.wav", "Cancelled");
  await expect(window.undoLine).toHaveCount(0);
}

/** Files that wait: one store went away, another one refuses the key. */
export async function waiting(window: Window): Promise<Store> {
  const { host } = window;
  const [away, refusing] = [await host.store(), await host.store()];
  await window.profile(away);
  await host.end(away);
  await drop(window, [
    ["frame 1.dpx", "1"],
    ["frame 2.dpx", "2"],
    ["frame 3.dpx", "3"],
  ]);
  await expect(window.page.getByText(/3 files wait\./)).toBeVisible();
  await window.profile(refusing, { name: "夜间备份", prefix: "" }, "not the secret");
  await drop(window, [["nightly.tar", "4"]]);
  await expect(window.page.getByText(/Paused: key rejected by “夜间备份”\..*1 file waits\./)).toBeVisible();
  return refusing;
}

/** Watched folders: one waits for its files to be quiet, one is paused, one is not there. */
export async function watches(window: Window): Promise<void> {
  const { host } = window;
  const profile = await window.profile(await host.store());
  const watched = (name: string) => window.sidebar.getByTestId("watch").filter({ hasText: name });
  for (const name of ["microscope", "显微镜 二号", "camera card"]) {
    await host.file(`${name}/.keep`, "");
    await host.chooseNext(host.path(name));
    const folder = await host.invoke<string>("pick_watch_folder", { which: "watched" });
    const form: WatchForm = {
      folder,
      profile,
      prefix: "2026/",
      quiet: "600",
      marker: "",
      depth: "subfolders",
      growing: "wait",
      include: "*.raw",
      exclude: "",
      then: "keep",
      moveTo: "",
      hours: "",
    };
    await host.invoke("add_watch", { form });
    await expect(watched(name)).toContainText("Up to date");
  }
  for (const name of ["1", "2", "3"]) await host.file(`microscope/scan ${name}.raw`, name);
  await expect(watched("microscope")).toContainText("3 new");
  await watched("显微镜").getByTestId("watch-pause").click();
  await rm(host.path("camera card"), { recursive: true });
  await expect(watched("显微镜")).toContainText("Paused");
  await expect(watched("camera card")).toContainText("is not there");
}

/** So many small files, `photo 0001.jpg` and on, all paused. */
export async function paused(window: Window, count: number): Promise<void> {
  const { host } = window;
  await window.profile(await host.store(`[[fault]]\nthen = "stall"\n`));
  const name = (number: number) => `photos/photo ${String(number + 1).padStart(4, "0")}.jpg`;
  await Promise.all(Array.from({ length: count }, (_, number) => host.file(name(number), "1")));
  await host.drop(host.path("photos"));
  const all = window.page.getByRole("radio", { name: /^All/ });
  await expect(all).toContainText(count.toLocaleString("en-US"));
  await host.invoke("act", { action: "pause", target: { type: "all" } });
  await expect(window.page.getByRole("radio", { name: /^Paused/ })).toContainText(
    count.toLocaleString("en-US"),
  );
}
