//! Looking for newer versions: in a build that knows where they are, off until it is turned on.

import { Releases } from "./support/releases";
import { type Window, expect, test as base } from "./support/window";

const test = base.extend<{ releases: Releases }>({
  // eslint-disable-next-line no-empty-pattern
  releases: async ({}, use) => {
    const releases = await Releases.start();
    await use(releases);
    releases.stop();
  },
  environment: ({ releases }, use) =>
    use({ FERRY_UPDATES: releases.place, FERRY_UPDATES_KEY: releases.key }),
});

const HOSTILE = "- <b>Faster</b> uploads\n- <img src=x onerror=alert(1)>\u202e";

async function look(window: Window) {
  const settings = await window.settings("Desktop");
  await settings.getByRole("button", { name: "Look now" }).click();
  return settings;
}

base("a build that knows no place offers no setting", async ({ window }) => {
  const settings = await window.settings("Desktop");
  await expect(settings.getByRole("heading", { name: "Notifications" })).toBeVisible();
  await expect(settings.getByText("Updates")).toHaveCount(0);
});

test("the setting is off, and nothing is told until it is on", async ({ window, releases }) => {
  releases.publish({ version: "99.1.0", notes: HOSTILE });
  const settings = await window.settings("Desktop");
  const box = settings.getByRole("checkbox", { name: "Look for new versions" });
  await expect(box).not.toBeChecked();
  const told = window.page.getByText("Ferry 99.1.0 is available.");
  await expect(told).toHaveCount(0);
  await box.check();
  await expect(told).toBeAttached();
  await settings.getByRole("button", { name: "Close" }).click();
  const notices = window.page.getByRole("region", { name: "Notices" });
  await expect(notices.getByText("- <b>Faster</b> uploads")).toBeVisible();
  await expect(notices.getByText("- <img src=x onerror=alert(1)>⟨U+202E⟩")).toBeVisible();
  await expect(notices.locator("b, img")).toHaveCount(0);
  await window.button("Open the download page").click();
  const page = releases.place.replace("latest.json", "page");
  await expect.poll(() => window.host.did()).toEqual([`opens ${page}`]);
  await window.button("Later").click();
  await expect(told).toHaveCount(0);
  // It stays on, and the next start tells of it again.
  await window.host.restart();
  await window.page.goto(window.host.url);
  await expect(told).toBeVisible();
});

test("who asks is told what came of it", async ({ window, releases }) => {
  const settings = await look(window);
  await expect(settings.getByText("Ferry could not look for a newer version.")).toBeVisible();
  releases.publish({ version: "0.0.1" });
  await settings.getByRole("button", { name: "Look now" }).click();
  await expect(settings.getByText("This is the newest version.")).toBeVisible();
  releases.publish({ version: "99.1.0" });
  await settings.getByRole("button", { name: "Look now" }).click();
  await expect(settings.getByText("There is a newer version")).toBeVisible();
});

test("a package is installed once it was wanted, and has the signature of its version", async ({
  window,
  releases,
}) => {
  const { page, host } = window;
  releases.publish({ version: "99.1.0", packaged: true, signedAs: "0.0.1" });
  const settings = await look(window);
  await expect(settings.getByText("There is a newer version")).toBeVisible();
  await settings.getByRole("button", { name: "Close" }).click();
  await window.button("Install…").click();
  await expect(page.getByText("is not signed as one")).toBeVisible();
  await expect(window.button("Restart now")).toHaveCount(0);
  await window.button("Dismiss").click();
  releases.publish({ version: "99.1.0", packaged: true });
  await (await look(window)).getByRole("button", { name: "Close" }).click();
  await window.button("Install…").click();
  await expect(page.getByText("its signature is right.")).toBeVisible();
  await window.button("Restart now").click();
  await expect.poll(() => host.did()).toEqual(["restarts with 7 bytes to install"]);
});
