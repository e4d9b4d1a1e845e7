//! Dialogs that are loaded when they are first opened.

import { expect, test } from "./support/window";

test("a dialog that is loaded late gives the keyboard back", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  const settings = window.button("Settings");
  for (let time = 0; time < 2; time += 1) {
    await settings.focus();
    await page.keyboard.press("Enter");
    await expect(window.dialog("Settings")).toBeVisible();
    await expect(window.dialog("Settings").locator(":focus")).toHaveCount(1);
    await page.keyboard.press("Escape");
    await expect(window.dialog("Settings")).toHaveCount(0);
    await expect(settings).toBeFocused();
  }
});

test("Escape also ends a dialog that is still being loaded", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  let load: () => void = () => undefined;
  const loads = new Promise<void>((resolve) => (load = resolve));
  await page.route("**/assets/dialogs-*.js", async (route) => {
    await loads;
    await route.continue();
  });
  const settings = window.button("Settings");
  await settings.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(settings).toBeFocused();
  load();
  await expect(window.dialog("Settings")).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(window.dialog("Settings")).toBeVisible();
});
