//! The settings: taken over when a field is left, and what is wrong with one stands beside it.

import { type Window, expect, test } from "./support/window";

async function settings(window: Window) {
  await window.button("Settings").click();
  return window.dialog("Settings");
}

/** Closes the dialog, loads the page anew and opens the dialog again: what it shows was kept. */
async function again(window: Window) {
  await window.dialog("Settings").getByRole("button", { name: "Close" }).click();
  await expect(window.dialog("Settings")).toHaveCount(0);
  await window.page.reload();
  return settings(window);
}

test("apply at once, and are there after a reload", async ({ window }) => {
  const { page } = window;
  await settings(window);
  await window.field("Appearance").selectOption("Dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await window.field("Language").selectOption("简体中文");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
});

test("take patterns, and say beside the field which cannot be understood", async ({ window }) => {
  const dialog = await settings(window);
  const field = window.field("Leave out of folders");
  await field.fill(" *.tmp，~$*,, cache/** ");
  await field.blur();
  await expect(field).toHaveValue("*.tmp, ~$*, cache/**");
  await field.fill("a[");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toContainText("A pattern cannot be understood.");
  await expect(field).toBeFocused();
  await field.fill("*.tmp");
  await again(window);
  await expect(field).toHaveValue("*.tmp");
});

test("leave out of folders what they say", async ({ window }) => {
  const { host } = window;
  await settings(window);
  await window.field("Leave out of folders").fill("*.tmp");
  await again(window);
  await window.dialog("Settings").press("Escape");
  await host.file("album/left out.tmp", "1");
  await host.file("album/taken.jpg", "2");
  await host.drop(host.path("album"));
  await window.sees("taken.jpg", "Done");
  await expect(window.row("left out")).toHaveCount(0);
});

test("take a proxy once it is named, and a password with it that nobody sees again", async ({
  window,
}) => {
  const { page } = window;
  const dialog = await settings(window);
  const proxy = window.field("Proxy");
  expect(await proxy.getByRole("option").allTextContents()).toEqual([
    "As the system says",
    "No proxy",
    "Manual",
  ]);
  await proxy.selectOption("Manual");
  await window.field("Server").fill(" ");
  await window.field("Server").blur();
  await expect(dialog).toContainText("A server, as http://proxy.example.com:3128");
  await window.field("Server").fill("proxy:3128");
  await window.field("User").fill("lin");
  await window.field("Password").fill("canary");
  await window.field("Reached directly").fill(".lan");
  await again(window);
  await expect(window.field("Server")).toHaveValue("http://proxy:3128");
  await expect(window.field("User")).toHaveValue("lin");
  await expect(window.field("Password")).toHaveValue("");
  expect(await page.content()).not.toContain("canary");
  await proxy.selectOption("No proxy");
  await again(window);
  await expect(proxy).toHaveValue("direct");
});

test("say beside a field of the network what was refused, and stay open for it", async ({
  window,
}) => {
  const { host } = window;
  const dialog = await settings(window);
  const field = window.field("CA file");
  await field.fill(await host.file("company.txt", "no certificate"));
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog.getByRole("alert")).toContainText("company.txt");
  await expect(field).toBeFocused();
  await field.fill("");
  await again(window);
  await expect(field).toHaveValue("");
});

test("take a limit by the hour once its row is left, and say beside it what was refused", async ({
  window,
}) => {
  const dialog = await settings(window);
  await window.field("Speed limit").fill("1.5");
  await window.button("Add hours").click();
  await expect(window.field("From")).toBeFocused();
  await window.field("From").fill("8:00");
  await window.field("Speed limit (MiB/s)").fill("0.5");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Times as 08:00 that do not overlap");
  await expect(window.field("From")).toBeFocused();
  await window.field("To").fill("19:00");
  await again(window);
  await expect(window.field("From")).toHaveValue("08:00");
  await expect(window.field("To")).toHaveValue("19:00");
  await expect(window.field("Speed limit (MiB/s)")).toHaveValue("0.5");
  await window.button("Remove these hours").click();
  await again(window);
  await expect(window.field("From")).toHaveCount(0);
});

test("take a number of requests within bounds, and refuse nonsense", async ({ window }) => {
  await settings(window);
  const field = window.field("Parallel requests");
  for (const [typed, taken] of [
    ["many", ""],
    ["9999", "256"],
    ["12", "12"],
  ] as const) {
    await field.fill(typed);
    await field.blur();
    await expect(field).toHaveValue(taken);
  }
  await again(window);
  await expect(field).toHaveValue("12");
});

test("the limit is a menu of the top line, with its unit", async ({ window }) => {
  const { page } = window;
  await window.button("No limit").click();
  await expect(page.getByRole("menuitemradio", { name: "No limit" })).toBeChecked();
  await page.getByRole("menuitemradio", { name: "20 MiB/s" }).click();
  await expect(window.button("Limit 20 MiB/s")).toBeVisible();
  await page.reload();
  await window.button("Limit 20 MiB/s").click();
  await expect(page.getByRole("menuitemradio", { name: "20 MiB/s" })).toBeChecked();
  await page.getByRole("menuitem", { name: /^Another limit/ }).click();
  await expect(window.field("Speed limit")).toHaveValue("20");
  await page.keyboard.press("Escape");
  await window.button("Limit 20 MiB/s").click();
  await page.getByRole("menuitemradio", { name: "No limit" }).click();
  await expect(window.button("No limit")).toBeVisible();
});
