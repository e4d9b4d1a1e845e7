import { defineConfig } from "@playwright/test";
import { fileURLToPath } from "node:url";

/** The system's own: no browser is downloaded. */
const CHROMIUM = "/usr/bin/chromium";
/** Which fonts the pictures are drawn in. */
const FONTS = fileURLToPath(new URL("tests/fonts.conf", import.meta.url));

export default defineConfig({
  testDir: "tests",
  outputDir: "../artifacts/pages",
  snapshotPathTemplate: "{testDir}/pictures/{arg}{ext}",
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  // A machine that builds meanwhile takes its time: nothing waits for this where all is well.
  timeout: 90_000,
  reporter: "list",
  expect: {
    timeout: 10_000,
    // Another version of the browser may draw an edge a little differently; a row that changed is more than that.
    toHaveScreenshot: { maxDiffPixelRatio: 0.0005 },
  },
  use: {
    viewport: { width: 1100, height: 720 },
    locale: "en-US",
    timezoneId: "UTC",
    colorScheme: "light",
    contextOptions: { reducedMotion: "reduce" },
    permissions: ["clipboard-read", "clipboard-write"],
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: CHROMIUM,
      args: ["--no-sandbox"],
      env: { ...process.env, FONTCONFIG_FILE: FONTS },
    },
  },
});
