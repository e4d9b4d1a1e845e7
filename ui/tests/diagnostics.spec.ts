//! How this run fares, and what the endpoint doctor finds.

import { readFile } from "node:fs/promises";
import { expect, test } from "./support/window";
import { gallery } from "./support/scenes";

test("the figures are of this run", async ({ window }) => {
  const { page } = window;
  await gallery(window);
  await window.status.getByRole("button", { name: "Diagnostics" }).click();
  const row = page.getByRole("row", { name: /^PutObject/ });
  await expect(row.getByRole("cell").first()).toHaveText("3");
  await expect(page.getByRole("row", { name: /^Writes to the queue/ })).toBeVisible();
  await expect(page.getByTestId("diagnostics-facts")).toContainText(/Memory\s*[\d.]+ MiB/);
  await expect(page.getByText("No request had to be tried again.")).toBeVisible();
});

test("the doctor says what is wrong, and an export tells no secret", async ({ window }) => {
  const { page, host } = window;
  const store = await host.store();
  await window.profile(store);
  await window.profile(store, { name: "Elsewhere", region: "cn-beijing" });
  await window.settings("Data");
  await window.button("Diagnostics…").click();
  await page.getByRole("tab", { name: "Endpoint doctor" }).click();
  await window.button("Examine").click();
  const findings = page.getByTestId("doctor-result").getByRole("listitem");
  await expect(findings.filter({ hasText: "Signature and region" })).toHaveAttribute(
    "data-outcome",
    "failed",
  );
  await expect(findings.filter({ hasText: "1 MB written" })).toContainText("Not tried.");
  await expect(page.getByTestId("doctor-advice")).toContainText("see to “Signature and region”");
  await page.getByTestId("doctor-profile").selectOption("Media archive");
  await window.button("Examine").click();
  await expect(findings.filter({ hasText: "1 MB written" })).toContainText("and deleted again");
  await expect(page.getByTestId("doctor-advice")).toContainText("keep this endpoint");
  const file = host.path("diagnostics.json");
  await host.chooseNext(file);
  await window.button("Export…").click();
  await expect(page.getByTestId("diagnostics-note")).toHaveText(`Saved as ${file}.`);
  const text = await readFile(file, "utf8");
  const told = JSON.parse(text) as { doctor: unknown[]; figures: { operations: unknown[] } };
  expect(told.doctor).toHaveLength(2);
  expect(told.figures.operations.length).toBeGreaterThan(0);
  for (const secret of [store.accessKeyId, store.accessKeySecret])
    expect(text).not.toContain(secret);
});
