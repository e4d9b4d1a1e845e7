//! The window before the first file, and how files come in.

import { mkdir } from "node:fs/promises";
import { expect, test } from "./support/window";

test.use({ view: "Now" });

test("invites, and says that practice stays on this computer", async ({ window }) => {
  const { page } = window;
  await window.button("Use the practice bucket").click();
  await expect(page.getByText("They are uploaded to oss://practice/")).toBeVisible();
  await expect(page.getByText("Nothing leaves this computer")).toBeVisible();
  await expect(window.destination).toContainText("Practice, on this computer");
  await window.look("zh", "dark");
  await expect(page.getByTestId("destination")).not.toContainText("Practice");
  await window.look("en", "light");
  await expect(page.getByRole("treegrid")).toHaveCount(0);
});

test("takes what is chosen in the system's dialogs, by buttons and by keys", async ({ window }) => {
  const { page, host } = window;
  await window.button("Use the practice bucket").click();
  // The first dialog is closed without a choice.
  await page.getByRole("button", { name: "Add files…" }).first().click();
  await host.chooseNext(await host.file("note.txt", "a note"));
  await page.getByRole("button", { name: "Add files…" }).first().click();
  await window.sees("note.txt", "Done");
  await host.file("album/first.jpg", "1");
  await host.chooseNext(host.path("album"));
  await window.add("Add folder…");
  await window.sees("first.jpg", "Done");
  await host.chooseNext(await host.file("second.jpg", "2"));
  await page.keyboard.press("Control+o");
  await window.sees("second.jpg", "Done");
});

test("says where a drag will go, and takes what is let go", async ({ window }) => {
  const { page, host } = window;
  await host.hold(3);
  await expect(page.getByText("Drop 3 items to upload to oss://practice/")).toBeVisible();
  await host.hold(0);
  await expect(page.getByText(/^Drop \d/)).toHaveCount(0);
  await host.hold(1);
  await host.drop(await host.file("会议 录像 #1 100%.mp4", 20 * 1024 ** 2));
  await expect(page.getByText(/^Drop \d/)).toHaveCount(0);
  await window.sees("会议 录像 #1 100%.mp4", "Done");
  await expect(window.status).toContainText("1 file verified");
});

test("takes a folder with nothing in it without a word of failure", async ({ window }) => {
  const { page, host } = window;
  await mkdir(host.path("nothing"));
  await host.drop(host.path("nothing"), await host.file("something.txt", "1"));
  await window.sees("something.txt", "Done");
  await expect(page.getByRole("alert")).toHaveCount(0);
});
