//! The lines above the list: what concerns more than one row.

import { waiting } from "./support/scenes";
import { expect, test } from "./support/window";

test("a cause says once how many files it stops, and is tried again when asked", async ({
  window,
}) => {
  const { page, host } = window;
  const refusing = await waiting(window);
  const notices = page.getByRole("region", { name: "Notices" });
  await expect(notices.getByText(/does not answer\. .*3 files wait\./)).toBeVisible();
  await expect(notices.getByText(/Paused: key rejected by “夜间备份”\. 1 file waits\./)).toBeVisible();
  for (const name of ["frame 1.dpx", "frame 2.dpx", "frame 3.dpx", "nightly.tar"])
    await window.sees(name, "Waiting");
  // The key is still wrong: the profile is held again.
  await notices.getByRole("button", { name: "Try again" }).click();
  await expect(notices.getByText(/Paused: key rejected by “夜间备份”\. 1 file waits\./)).toBeVisible();
  await notices.getByRole("button", { name: "Enter a new key" }).click();
  const key = page.getByRole("textbox", { name: "AccessKey ID" });
  await expect(key).toBeFocused();
  await key.fill(refusing.accessKeyId);
  await window.field("AccessKey secret").fill(refusing.accessKeySecret);
  await window.button("Save").click();
  await window.sees("nightly.tar", "Done");
  await expect(notices.getByText(/夜间备份/)).toHaveCount(0);
  await host.drop(await host.file("another.tar", "5"));
  await window.sees("another.tar", "Done");
});

test("an outage ends when the store answers again, at once when asked", async ({ window }) => {
  const { page, host } = window;
  const store = await host.store(`[[fault]]\non = { operation = "PutObject" }\nthen = "reset"\n`);
  await window.profile(store);
  const files = ["1", "2", "3"].map((number) => host.file(`frame ${number}.dpx`, number));
  await host.drop(...(await Promise.all(files)));
  await expect(page.getByText(/3 files wait\./)).toBeVisible();
  await host.play(store, "");
  await window.button("Try now").click();
  for (const name of ["frame 1.dpx", "frame 2.dpx", "frame 3.dpx"]) await window.sees(name, "Done");
  await expect(window.button("Try now")).toHaveCount(0);
});

test("a clock that is far off is told of, and nothing stops for it", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store("clock-offset-seconds = 3600\n"));
  await host.drop(await host.file("a.txt", "a"));
  await window.sees("a.txt", "Done");
  await expect(page.getByText(/This computer's clock is .* behind the store's\./)).toBeVisible();
});

test("what the window was refused stands above the list until it is closed", async ({ window }) => {
  const { page } = window;
  await page.route("**/host/invoke/pick_files", (route) => route.abort());
  await page.keyboard.press("Control+o");
  await expect(page.getByText("The window could not reach Ferry's core.")).toBeVisible();
  await window.button("Dismiss").click();
  await expect(page.getByText("The window could not reach Ferry's core.")).toHaveCount(0);
});
