//! What every test of the page begins with: a host of its own, and the page open over it.

import { type Locator, type Page, expect, test as base } from "@playwright/test";
import type { ProfileForm } from "../../src/bindings/ProfileForm";
import type { SavedProfile } from "../../src/bindings/SavedProfile";
import type { Settings } from "../../src/bindings/Settings";
import { blankForm } from "../../src/state/profileForm";
import { EMPTY } from "../../src/state/window";
import { type Environment, Host, type Keyring, type Store } from "./host";

export { expect };

/** A text as a regular expression that matches it. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The window in a browser, held by what a person sees of it. */
export class Window {
  readonly page: Page;
  readonly host: Host;
  #settings: Settings = EMPTY.settings;

  constructor(page: Page, host: Host) {
    this.page = page;
    this.host = host;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** The control with this label; a note that stands beside the label is no part of the name. */
  field(name: string): Locator {
    const label = new RegExp(`^${literal(name)}\\s*(?:optional|seconds|MiB/s|MiB|KB/s)?$`);
    return this.page.getByLabel(label).and(this.page.locator("input, select, textarea"));
  }

  /** Opens the settings at one of their tabs. */
  async settings(tab: "Transfers" | "Network" | "Appearance" | "Desktop" | "Automation" | "Data"): Promise<Locator> {
    await this.button("Settings").click();
    await this.page.getByRole("tab", { name: tab }).click();
    return this.dialog("Settings");
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole("dialog", { name });
  }

  /** The row of the file whose name begins so. */
  row(name: string): Locator {
    return this.page.getByRole("row", { name: new RegExp(`^${literal(name)}`) });
  }

  /** Waits until the file's row says this of its state. */
  async sees(name: string, state: string): Promise<void> {
    await expect(this.page.getByRole("row", { name: `${name}, ${state}` })).toBeVisible();
  }

  /** Takes a decision from the menu of the row whose name begins so. */
  async decide(name: string, decision: string): Promise<void> {
    await this.row(name).getByRole("button", { name: "Decide" }).click();
    await this.page.getByRole("menuitem", { name: new RegExp(`^${literal(decision)}`) }).click();
  }

  /** The line that offers to undo what was done last. */
  get undoLine(): Locator {
    return this.page.getByRole("region", { name: "Can be undone" });
  }

  /** Waits until the file's bar says so many percent. */
  async progress(name: string, percent: number): Promise<void> {
    await expect(this.row(name).getByRole("progressbar")).toHaveAttribute(
      "aria-valuenow",
      String(percent),
    );
  }

  /** The list, which holds the keyboard for its rows. */
  get list(): Locator {
    return this.page.getByRole("treegrid");
  }

  /** Where files go that are added now. */
  get destination(): Locator {
    return this.page.getByRole("group", { name: "Files go to" });
  }

  /** The sidebar. */
  get sidebar(): Locator {
    return this.page.getByRole("navigation");
  }

  /** The line at the bottom. */
  get status(): Locator {
    return this.page.getByTestId("status");
  }

  /** Shows another view. */
  async show(view: "Now" | "Needs you" | "Done" | "History"): Promise<void> {
    await this.sidebar.getByRole("button", { name: new RegExp(`^${view}`) }).click();
  }

  /** Opens the profiles' menu and takes a line of it. */
  async profiles(line: string): Promise<void> {
    await this.sidebar.getByRole("button", { name: "Profiles" }).click();
    await this.page.getByRole("menuitem", { name: line }).click();
  }

  /** Opens the menu of what can be added and takes a line of it. */
  async add(line: string): Promise<void> {
    await this.button("Add").click();
    await this.page.getByRole("menuitem", { name: line }).click();
  }

  /** Sets settings beside the page, which follows. */
  async set(change: Partial<Settings>): Promise<void> {
    this.#settings = { ...this.#settings, ...change };
    await this.host.invoke("set_settings", { settings: this.#settings, proxyPassword: "" });
  }

  /** Sets the language and the theme, and waits until they are on. */
  async look(language: "en" | "zh", theme: "light" | "dark"): Promise<void> {
    await this.set({ language, theme });
    const root = this.page.locator("html");
    await expect(root).toHaveAttribute("lang", language === "zh" ? "zh-Hans" : "en");
    await expect(root).toHaveAttribute("data-theme", theme);
  }

  /** Keeps pictures of what is seen now, in both languages and themes, for people to look at. */
  async photograph(name: string): Promise<void> {
    const { language, theme } = this.#settings;
    for (const [tongue, light] of [["zh", "dark"], ["zh", "light"], ["en", "dark"], ["en", "light"]] as const) {
      await this.look(tongue, light);
      await this.page.screenshot({ path: `../artifacts/flows/${name}-${tongue}-${light}.png` });
    }
    await this.set({ language, theme });
  }

  /** Makes a profile for a store, beside the page; it is the chosen one. With a number, changes that one. */
  async profile(
    store: Store,
    change: Partial<ProfileForm> = {},
    secret = store.accessKeySecret,
    id: number | null = null,
  ): Promise<number> {
    const { endpoint, region, bucket } = store;
    const form = {
      ...blankForm(),
      name: "Media archive",
      endpoint,
      region,
      bucket,
      prefix: "2026/",
      addressing: "path",
      plainHttp: "allow",
      ...change,
    };
    const typed = {
      accessKeyId: store.accessKeyId,
      accessKeySecret: secret,
      securityToken: "",
      expiresMs: null,
    };
    const secrets = { key: { type: "typed", secret: typed }, proxyPassword: "" };
    const saved = await this.host.invoke<SavedProfile>("save_profile", {
      id,
      form,
      secrets,
      place: "keyring",
    });
    await expect(this.destination).toContainText(form.name);
    return saved.id;
  }
}

interface Fixtures {
  keyring: Keyring;
  environment: Environment;
  /** Where a test begins: the history has every row. */
  view: "Now" | "History";
  host: Host;
  window: Window;
}

export const test = base.extend<Fixtures>({
  keyring: ["memory", { option: true }],
  view: ["History", { option: true }],
  environment: [{}, { option: true }],
  host: async ({ keyring, environment }, use) => {
    const host = await Host.start(keyring, environment);
    await use(host);
    await host.stop();
  },
  window: async ({ page, host, view }, use) => {
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (message) => {
      // A refused command is an answer like any other.
      const refused = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !refused) wrong.push(message.text());
    });
    await page.goto(host.url);
    host.shows(page);
    const window = new Window(page, host);
    await expect(window.destination).toBeVisible();
    await window.show(view);
    await use(window);
    expect(wrong).toEqual([]);
  },
});
