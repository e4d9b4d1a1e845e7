//! Each view in both languages and themes: no violation that axe finds, and pictures of
//! some. `cargo xtask pages --update-snapshots` makes the pictures anew.

import axe from "axe-core";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { HELD, done, gallery, mixed, waiting, watches } from "./support/scenes";
import { type Window, expect, test } from "./support/window";

const LANGUAGES = ["en", "zh"] as const;
const THEMES = ["light", "dark"] as const;
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface View {
  readonly name: string;
  /** Leads there from an open window, in English. */
  readonly open: (window: Window) => Promise<unknown>;
  /** Whether it is kept as pictures, in English in light, in Chinese in dark; or in all four ways, as the READMEs show it. */
  readonly pictured?: boolean | "each";
}

/** The same time of day stands for each, as it is another one at each run. Hours in hints stay. */
async function stopClock(window: Window): Promise<void> {
  await window.page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.nodeValue ?? "";
      const stopped = text.replace(/(?<![\d-])\d\d:\d\d(?![\d-])/g, "16:43");
      if (stopped !== text) texts.currentNode.nodeValue = stopped;
    }
  });
}

/** What axe finds on the page, as lines. */
async function findings(window: Window): Promise<string[]> {
  // Sent as a script of the browser's own: the page's policy lets none in.
  await window.page.evaluate(AXE);
  const { violations } = await window.page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ["violations"],
    }),
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}`),
  );
}

async function look(window: Window, view: View): Promise<void> {
  await view.open(window);
  for (const language of LANGUAGES) {
    for (const theme of THEMES) {
      await window.look(language, theme);
      expect(await findings(window), `${view.name}, ${language}, ${theme}`).toEqual([]);
      // A line break of a tooltip is one, not the characters that stand for it in code.
      await expect(window.page.locator(String.raw`[title*="\\n"]`)).toHaveCount(0);
      const usual = (language === "en") === (theme === "light");
      if (view.pictured === "each" || (view.pictured === true && usual)) {
        await window.page.mouse.move(0, 0);
        await stopClock(window);
        await expect(window.page).toHaveScreenshot(`${view.name}-${language}-${theme}.png`);
      }
    }
  }
}

const EDITING = async (window: Window) => {
  await window.profile(await window.host.store());
  await window.profiles("Edit…");
};

const VIEWS: readonly View[] = [
  {
    name: "empty",
    open: async (window) => {
      await window.show("Now");
      await window.button("Use the practice bucket").click();
    },
    pictured: true,
  },
  { name: "start", open: (window) => window.show("Now"), pictured: true },
  { name: "limit", open: (window) => window.button("No limit").click() },
  {
    name: "row-menu",
    open: async (window) => {
      await mixed(window);
      await window.row("b-roll").click({ button: "right" });
    },
  },
  {
    name: "profiles",
    open: (window) => window.sidebar.getByRole("button", { name: "Profiles" }).click(),
  },
  {
    name: "destination",
    open: async (window) => {
      await gallery(window);
      await window.button("Change the folder").click();
      await window.page.getByRole("option", { name: "2026/gallery/" }).waitFor();
    },
  },
  { name: "dragging", open: (window) => window.host.hold(3) },
  {
    name: "drop-review",
    open: async ({ host, page }) => {
      const files = ["Report.txt", "report.txt", "\\note.txt"];
      await host.drop(...(await Promise.all(files.map((name) => host.file(`odd/${name}`, name)))));
      await page.getByTestId("drop-existing").filter({ hasText: "none of them" }).waitFor();
    },
    pictured: true,
  },
  { name: "settings", open: (window) => window.button("Settings").click(), pictured: true },
  {
    name: "settings-proxy",
    open: async (window) => {
      await window.settings("Network");
      await window.field("Proxy").selectOption("Manual");
    },
  },
  {
    name: "settings-hours",
    open: async (window) => {
      await window.settings("Transfers");
      await window.button("Add hours").click();
    },
  },
  { name: "settings-appearance", open: async (window) => void (await window.settings("Appearance")), pictured: true },
  {
    name: "settings-automation",
    open: async (window) => {
      const dialog = await window.settings("Automation");
      await dialog.getByRole("checkbox", { name: "Keep an audit log" }).check();
      await dialog.getByRole("button", { name: "Add" }).click();
      await expect(dialog.getByTestId("hook-target")).toBeFocused();
    },
  },
  { name: "settings-data", open: async (window) => void (await window.settings("Data")), pictured: true },
  {
    name: "settings-desktop",
    open: async (window) => {
      await window.settings("Desktop");
    },
    pictured: true,
  },
  { name: "closing", open: (window) => window.host.close(true), pictured: true },
  { name: "new-profile", open: (window) => window.profiles("New profile…"), pictured: true },
  {
    name: "new-profile-wrong",
    open: async (window) => {
      await window.profiles("New profile…");
      await window.button("Save").click();
    },
  },
  {
    name: "profile-objects",
    open: async (window) => {
      await EDITING(window);
      await window.page.getByRole("tab", { name: "Objects" }).click();
    },
  },
  {
    name: "profile-names",
    open: async (window) => {
      await EDITING(window);
      await window.page.getByRole("tab", { name: "Names" }).click();
    },
  },
  {
    name: "profile-connection",
    open: async (window) => {
      await EDITING(window);
      await window.page.getByRole("tab", { name: "Connection" }).click();
    },
  },
  {
    name: "imports",
    open: async (window) => {
      await window.host.ossutil("x");
      await window.profiles("New profile…");
      await window.button("Import keys from another tool…").click();
    },
  },
  {
    name: "batch",
    open: async (window) => {
      await window.profile(await window.host.store());
      await window.add("Add with options…");
    },
  },
  {
    name: "watch-form",
    open: async (window) => {
      await window.profile(await window.host.store());
      await window.add("Watch a folder…");
      // It begins with the settings that hold then, and others are set below.
      await window.dialog("Watch a folder").waitFor();
    },
    pictured: true,
  },
  {
    name: "watch-form-delete",
    open: async (window) => {
      await window.profile(await window.host.store());
      await window.add("Watch a folder…");
      await window.field("Hours").fill("at night");
      await window.field("Once a file is verified").selectOption("It is deleted");
      await window.button("Watch folder").click();
      await window.button("Watch and delete").waitFor();
    },
  },
  { name: "watches", open: watches, pictured: true },
  {
    name: "watch-menu",
    open: async (window) => {
      await watches(window);
      await window.sidebar.getByTestId("watch-menu").first().click();
    },
  },
  { name: "done", open: done },
  {
    name: "batches",
    open: async (window) => {
      await window.show("Now");
      await window.host.file("album/first.jpg", "1");
      await window.host.drop(window.host.path("album"));
      await window.sees("first.jpg", "Done");
    },
    pictured: true,
  },
  {
    name: "needs",
    open: async (window) => {
      await mixed(window);
      await window.show("Needs you");
    },
    pictured: true,
  },
  {
    name: "history",
    open: async (window) => {
      await mixed(window);
      await window.show("History");
      await window.page.getByLabel("Date", { exact: true }).selectOption("Choose days");
    },
  },
  {
    name: "one-by-one",
    open: async (window) => {
      await mixed(window);
      await window.show("Needs you");
      await window.page.getByTestId("one-by-one").first().click();
      await window.page.getByRole("toolbar").waitFor();
    },
  },
  {
    name: "ended",
    open: async (window) => {
      await done(window);
      await window.show("Done");
    },
  },
  {
    name: "links",
    open: async (window) => {
      await done(window);
      await window.button("Links").click();
      await window.page.getByRole("menuitem", { name: "Link options…" }).click();
    },
  },
  {
    name: "copied",
    open: async (window) => {
      await done(window);
      await window.list.press("Control+a");
      await window.list.press("Control+c");
      await window.page.getByText(/^3 links copied/).hover();
    },
  },
  {
    name: "no-match",
    open: async (window) => {
      await done(window);
      await window.page.getByRole("radio", { name: "Paused" }).click();
    },
  },
  { name: "mixed", open: mixed, pictured: "each" },
  {
    name: "selected",
    open: async (window) => {
      await mixed(window);
      await window.list.press("Control+a");
      await window.page.getByRole("toolbar").getByRole("button", { name: "Decide" }).click();
    },
  },
  {
    name: "details",
    open: async (window) => {
      await mixed(window);
      await window.row("interview").getByRole("button", { name: "Details" }).click();
    },
  },
  {
    name: "details-parts",
    open: async (window) => {
      await mixed(window);
      await window.row("harbour").getByRole("button", { name: "Details" }).click();
      await window.page.getByRole("img", { name: /acknowledged/ }).waitFor();
    },
  },
  {
    name: "details-done",
    open: async (window) => {
      await done(window);
      await window.row("storyboard").getByRole("button", { name: "Details" }).click();
      await window.page.getByText("same on the store").waitFor();
    },
  },
  {
    name: "question",
    open: async (window) => {
      await window.profile(await window.host.store());
      await window.profiles("Delete…");
    },
  },
  {
    name: "deciding",
    open: async (window) => {
      await mixed(window);
      await window.row("colour grade v3.drp, Already").getByRole("button").first().click();
    },
  },
  {
    name: "undo",
    open: async (window) => {
      await mixed(window);
      await window.list.press("Control+a");
      await window.page.getByRole("toolbar").getByTestId("selection-remove").click();
      await expect(window.undoLine.or(window.page.getByTestId("undo-line"))).toBeVisible();
    },
  },
  { name: "waiting", open: waiting },
  { name: "shortcuts", open: (window) => window.page.keyboard.press("?"), pictured: true },
  {
    name: "working",
    open: async (window) => {
      const { host } = window;
      await window.profile(await host.store(HELD));
      await window.show("Now");
      await host.drop(await host.file("film.mov", 20 * 1024 ** 2));
      await expect(window.page.getByTestId("row").getByRole("progressbar")).toHaveAttribute("aria-valuenow", "80");
    },
  },
  {
    name: "receipt",
    open: async (window) => {
      await gallery(window);
      await window.button("Receipt").click();
      await window.button("Verify again").click();
      await window.page.getByText("All 3 objects are still what was verified.").waitFor();
      await window.page.getByTestId("receipt-format").selectOption("sha256sum list");
    },
  },
  {
    name: "receipt-unlike",
    open: async (window) => {
      const store = await gallery(window);
      await window.host.play(
        store,
        `[[fault]]\non = { operation = "HeadObject" }\nthen = { status = { status = 404, code = "NoSuchKey" } }\n`,
      );
      await window.button("Receipt").click();
      await window.button("Verify again").click();
      await window.page.getByTestId("receipt-unlike").waitFor();
    },
  },
  {
    name: "diagnostics",
    open: async (window) => {
      await gallery(window);
      await window.status.getByRole("button", { name: "Diagnostics" }).click();
      await window.page.getByRole("row", { name: /^PutObject/ }).waitFor();
    },
  },
  {
    name: "doctor",
    open: async (window) => {
      await window.profile(await window.host.store(), { region: "cn-beijing" });
      await window.status.getByRole("button", { name: "Diagnostics" }).click();
      await window.page.getByRole("tab", { name: "Endpoint doctor" }).click();
      await window.button("Examine").click();
      await window.page.getByTestId("doctor-advice").waitFor();
    },
  },
];

for (const view of VIEWS) {
  const looks = view.pictured !== undefined ? " and looks as it did" : "";
  test(`${view.name} keeps nobody out${looks}`, async ({ window }) => {
    await look(window, view);
  });
}
