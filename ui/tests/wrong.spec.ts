//! What was seen wrong in the first window.

import { expect, test } from "./support/window";

test("files that are dropped while a dialog is open are not taken, and that is said", async ({
  window,
}) => {
  const { page, host } = window;
  const film = await host.file("film.mov", "a film");
  await window.button("Settings").click();
  await expect(window.dialog("Settings")).toBeVisible();
  await host.hold(1);
  const over = page.getByTestId("drag-over");
  await expect(over).toContainText("Close what is open first");
  await expect(over).not.toContainText("Drop 1 item");
  await host.drop(film);
  await expect(over).toHaveCount(0);
  await window.dialog("Settings").press("Escape");
  await expect(window.row("film.mov")).toHaveCount(0);
  await host.hold(1);
  await expect(over).toContainText("Drop 1 item");
  await host.drop(film);
  await window.sees("film.mov", "Done");
});

test("a file that was there already says that nothing was sent", async ({ window }) => {
  const { page, host } = window;
  const film = await host.file("film.mov", "a film");
  await host.drop(film);
  await window.sees("film.mov", "Done");
  await expect(window.row("film.mov")).not.toContainText("was there already");
  await host.drop(film);
  const again = page.getByRole("row", { name: "film.mov, Done" }).filter({ hasText: "was there already" });
  await expect(again).toHaveCount(1);
  await again.getByRole("button", { name: "Details" }).click();
  await expect(page.getByRole("region", { name: "Details" })).toContainText("nothing was sent");
});

test("another try is not offered where none helps", async ({ window }) => {
  const { page, host } = window;
  // Longer than an object key may be.
  const folders = Array.from({ length: 5 }, () => "x".repeat(220)).join("/");
  await host.file(`deep/${folders}/film.mov`, "a film");
  await host.drop(host.path("deep"));
  await page.getByTestId("drop-start").click();
  await window.sees("film.mov", "Failed");
  await window.show("Needs you");
  const needs = page.getByRole("region", { name: "What needs you" });
  await expect(needs).toContainText("“film.mov”");
  await expect(needs.getByRole("button")).toHaveText(["Remove all"]);
  await expect(window.row("film.mov").getByRole("button", { name: "Try again" })).toHaveCount(0);
});
