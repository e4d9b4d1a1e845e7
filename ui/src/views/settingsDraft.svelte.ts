//! The settings that are typed, while the dialog is open: it keeps what is in them whichever of its tabs shows.

import type { Problem } from "../bindings/Problem";
import type { Ferry } from "../state/ferry.svelte";
import { AutomationDraft } from "./automationDraft.svelte";
import { LimitDraft } from "./limitDraft.svelte";
import { NetworkDraft } from "./networkDraft.svelte";
import { NumberDraft } from "./numberDraft.svelte";

/** The tabs of the dialog. */
export const TABS = ["transfers", "network", "appearance", "desktop", "automation", "data"] as const;
export type Tab = (typeof TABS)[number];

export class SettingsDraft {
  readonly parallel: NumberDraft;
  readonly partSize: NumberDraft;
  readonly connectSeconds: NumberDraft;
  readonly idleSeconds: NumberDraft;
  readonly limit: LimitDraft;
  readonly network: NetworkDraft;
  hours = $state("");
  hoursProblem: Problem | null = $state.raw(null);
  readonly automation: AutomationDraft;
  exclude = $state("");
  excludeProblem: Problem | null = $state.raw(null);
  readonly #ferry: Ferry;

  constructor(ferry: Ferry) {
    this.#ferry = ferry;
    this.parallel = new NumberDraft(ferry, "parallel");
    this.partSize = new NumberDraft(ferry, "partSize");
    this.connectSeconds = new NumberDraft(ferry, "connectSeconds");
    this.idleSeconds = new NumberDraft(ferry, "idleSeconds");
    this.limit = new LimitDraft(ferry);
    this.network = new NetworkDraft(ferry);
    this.hours = ferry.settings.hours;
    this.automation = new AutomationDraft(ferry);
    this.exclude = shown(ferry.settings.exclude);
  }

  /** Saves the hours of uploads. Resolves to whether they were taken. */
  async takeHours(): Promise<boolean> {
    this.hours = this.hours.trim();
    const same = this.hours === this.#ferry.window.settings.hours;
    this.hoursProblem = same ? null : await this.#ferry.set({ hours: this.hours });
    if (this.hoursProblem !== null) this.#ferry.trouble = null;
    return this.hoursProblem === null;
  }

  /** Saves the patterns. Resolves to whether they were taken. */
  async takeExclude(): Promise<boolean> {
    const patterns = this.exclude
      // Commas in { } and [ ] belong to a pattern.
      .split(/[,，](?![^{]*\})(?![^[]*\])/)
      .map((pattern) => pattern.trim())
      .filter((pattern) => pattern !== "");
    this.exclude = shown(patterns);
    // What is kept, not what is on its way: leaving the field and closing the dialog ask at once.
    const same = this.exclude === shown(this.#ferry.window.settings.exclude);
    this.excludeProblem = same ? null : await this.#ferry.set({ exclude: patterns });
    // It stands beside the field.
    if (this.excludeProblem !== null) this.#ferry.trouble = null;
    return this.excludeProblem === null;
  }

  /** Saves all that is typed. Resolves to the first tab with something that was refused. */
  async take(): Promise<Tab | null> {
    const taken = [await this.parallel.take(), await this.partSize.take(), await this.limit.take(), await this.takeHours(), await this.takeExclude()];
    if (taken.includes(false)) return "transfers";
    const patience = [await this.connectSeconds.take(), await this.idleSeconds.take()];
    if (!(await this.network.close()) || patience.includes(false)) return "network";
    const automation = [await this.automation.takeHooks(), await this.automation.takeAudit()];
    return automation.includes(false) ? "automation" : null;
  }
}

function shown(patterns: readonly string[]): string {
  return patterns.join(", ");
}
