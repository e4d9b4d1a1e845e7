//! The destination in the top line: a folder is changed where it stands.

import { expect, test } from "./support/window";

test("another folder is typed, and the next file goes there", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.button("Change the folder").click();
  const folder = page.getByRole("combobox", { name: "Folder in the bucket" });
  await expect(folder).toHaveValue("2026/");
  await folder.fill("2027/raw");
  await page.keyboard.press("Enter");
  await expect(window.destination).toContainText("2027");
  await expect(window.button("raw")).toHaveAttribute("aria-current", "location");
  await expect(window.button("Change the folder")).toBeFocused();
  await host.drop(await host.file("a.txt", "a"));
  await window.sees("a.txt", "Done");
  await expect(window.row("a.txt")).toContainText("oss://media-archive/2027/raw/");
});

test("a step leads up, and folders of before are suggested", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store(), { prefix: "a/b/c/" });
  await window.destination.getByRole("button", { name: "b", exact: true }).click();
  await expect(window.destination.getByRole("button", { name: "c", exact: true })).toHaveCount(0);
  await window.button("Change the folder").click();
  await page.getByRole("combobox").fill("x/");
  await page.keyboard.press("Enter");
  await expect(window.destination.getByRole("button", { name: "x", exact: true })).toBeVisible();
  await window.button("Change the folder").click();
  await page.getByRole("combobox").click();
  await page.getByRole("option", { name: "a/b/" }).click();
  await expect(window.destination.getByRole("button", { name: "b", exact: true })).toBeVisible();
});

test("a name that no object can have is refused where it is typed, and Escape leaves all as it was", async ({
  window,
}) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.button("Change the folder").click();
  await page.getByRole("combobox").fill("/bad");
  await page.keyboard.press("Enter");
  await expect(window.destination.getByRole("alert")).not.toBeEmpty();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(window.destination).toContainText("2026");
  await expect(page.getByRole("combobox")).toHaveCount(0);
});
