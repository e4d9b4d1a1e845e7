//! Files that get options of their own, in force while their form is open.

import { expect, test } from "./support/window";

test("the options are in force while the form is open, and no longer", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.add("Add with options…");
  const dialog = window.dialog("Add with options");
  const prefix = window.field("Prefix");
  await prefix.fill("/bad");
  await expect(dialog).toContainText("Correct what is marked");
  await expect(dialog.getByRole("button", { name: "Choose files…" })).toBeDisabled();
  await prefix.fill("good/");
  await window.field("Storage class").selectOption("IA");
  await window.field("Content-Encoding").fill("aws-chunked");
  await expect(dialog.getByRole("alert")).toHaveText(/aws-chunked is for requests/);
  await window.field("Content-Encoding").fill("gzip");
  await expect(dialog).toContainText(
    "oss://media-archive/good/ · Storage class: Infrequent Access (IA) · Content-Encoding: gzip · If an object exists: As in Settings",
  );
  await host.hold(2);
  await expect(page.getByText("Drop 2 items to upload to oss://media-archive/good/")).toBeVisible();
  await host.drop(await host.file("dropped.txt", "1"));
  await host.chooseNext(await host.file("chosen.txt", "2"));
  await dialog.getByRole("button", { name: "Choose files…" }).click();
  await expect(dialog).toContainText("2 files added with these options.");
  await dialog.getByRole("button", { name: "Done" }).click();
  await host.drop(await host.file("later.txt", "3"));
  for (const [name, prefixed] of [
    ["dropped.txt", "good/"],
    ["chosen.txt", "good/"],
    ["later.txt", "2026/"],
  ] as const) {
    await window.sees(name, "Done");
    await expect(window.row(name)).toContainText(`oss://media-archive/${prefixed}`);
  }
});

test("no files are taken while something has to be corrected", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.add("Add with options…");
  await window.field("Speed of each connection").fill("50");
  await expect(
    page.getByText("Correct what is marked: no files are taken meanwhile."),
  ).toBeVisible();
  await host.hold(1);
  await expect(page.getByText("The options have to be corrected first")).toBeVisible();
  const refused = await host.ask("/host/drop", [[await host.file("dropped.txt", "1")], 0.5, 0.5]);
  expect(refused.status).toBe(422);
});
