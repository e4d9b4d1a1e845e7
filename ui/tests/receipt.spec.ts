//! What became of a batch: its receipt, another look at the store, and files of it.

import { readFile } from "node:fs/promises";
import { expect, test } from "./support/window";
import { gallery } from "./support/scenes";

const gone = (name: string) => `
[[fault]]
on = { operation = "HeadObject", key = "*${name}" }
then = { status = { status = 404, code = "NoSuchKey" } }
`;

test("a receipt accounts for what was dropped, and the store can be asked again", async ({
  window,
}) => {
  const { page, host } = window;
  const store = await gallery(window);
  await window.button("Receipt").click();
  const dialog = window.dialog("Receipt of gallery");
  await expect(page.getByTestId("receipt-sums")).toHaveText(/Dropped\s*3.*Uploaded, verified\s*3/s);
  await expect(dialog).toContainText("Safe to delete the local files: yes");
  await expect(page.getByTestId("receipt-files").getByRole("listitem")).toHaveCount(3);
  await expect(page.getByTestId("receipt-files")).toContainText(
    /verified by CRC-64\/XZ of the whole object · CRC-64 \d+ · ETag .* · request .* · started .* · took /,
  );
  await dialog.getByRole("button", { name: "Verify again" }).click();
  await expect(dialog).toContainText("All 3 objects are still what was verified.");
  await host.play(store, gone("second.jpg"));
  await dialog.getByRole("button", { name: "Verify again" }).click();
  await expect(dialog).toContainText("1 of 3 is no longer what was verified.");
  await expect(page.getByTestId("receipt-unlike")).toContainText(
    /gallery\/second\.jpg\s*No longer there\./,
  );
  await expect(dialog).toContainText("no, because 1 is no longer on the store");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
});

test("a receipt is written where the user says, and nowhere else", async ({ window }) => {
  const { page, host } = window;
  await gallery(window);
  await window.button("Receipt").click();
  const save = window.button("Save…");
  // The dialog of the system was closed.
  await save.click();
  await expect(page.getByTestId("receipt-note")).toBeHidden();
  const table = host.path("receipt.csv");
  await host.chooseNext(table);
  await save.click();
  await expect(page.getByTestId("receipt-note")).toHaveText(`Saved as ${table}.`);
  const lines = (await readFile(table, "utf8")).trim().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toContain("id,source,bucket,key,size");
  await page.getByTestId("receipt-format").selectOption("Media Hash List (ASC MHL)");
  const list = host.path("receipt.mhl");
  await host.chooseNext(list);
  await save.click();
  await expect(page.getByTestId("receipt-note")).toHaveText(`Saved as ${list}.`);
  expect((await readFile(list, "utf8")).match(/<hash>/g)).toHaveLength(3);
  await page.getByLabel("Read the local files for missing digests").uncheck();
  await host.chooseNext(list);
  await save.click();
  await expect(page.getByTestId("receipt-note")).toContainText(
    "without 3 files: its digest was not computed",
  );
});

test("what is taken off the list stays on its receipt", async ({ window }) => {
  const { page } = window;
  await gallery(window);
  await window.show("History");
  await window.list.press("Control+a");
  await page
    .getByRole("toolbar")
    .getByRole("button", { name: /^Remove/ })
    .click();
  await expect(window.row("first.jpg")).toBeHidden();
  await window.show("Done");
  await window.button("Receipt").click();
  await expect(page.getByTestId("receipt-files").getByRole("listitem")).toHaveCount(3);
  await expect(window.dialog("Receipt of gallery")).toContainText("yes, each of them");
});
