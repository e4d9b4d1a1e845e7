//! What runs by itself when something ends, while it is being edited. Each time a part of it is left, it is saved.

import type { HookForm } from "../bindings/HookForm";
import type { Problem } from "../bindings/Problem";
import { copyOf } from "../state/copy";
import type { Ferry } from "../state/ferry.svelte";

export class AutomationDraft {
  hooks: HookForm[] = $state([]);
  /** Why they were refused. */
  hooksProblem: Problem | null = $state.raw(null);
  file = $state("");
  fileProblem: Problem | null = $state.raw(null);
  readonly #ferry: Ferry;

  constructor(ferry: Ferry) {
    this.#ferry = ferry;
    this.hooks = copyOf(ferry.settings.hooks);
    this.file = ferry.settings.audit.file;
  }

  /** Saves what is called. Resolves to whether it was taken. */
  async takeHooks(): Promise<boolean> {
    const hooks = $state.snapshot(this.hooks).filter(({ target }) => target.trim() !== "");
    const kept = this.#ferry.window.settings.hooks;
    const same = hooks.length === kept.length && hooks.every(({ event, target }, at) => kept[at]?.event === event && kept[at].target === target);
    this.hooksProblem = same ? null : await this.#ferry.set({ hooks });
    // It stands beside the fields.
    if (this.hooksProblem !== null) this.#ferry.trouble = null;
    return this.hooksProblem === null;
  }

  /** Saves whether an audit log is kept, and where. Resolves to whether it was taken. */
  async takeAudit(on = this.#ferry.settings.audit.on): Promise<boolean> {
    const { audit } = this.#ferry.window.settings;
    const file = this.file.trim();
    this.fileProblem = on === audit.on && file === audit.file ? null : await this.#ferry.set({ audit: { ...audit, on, file } });
    if (this.fileProblem !== null) this.#ferry.trouble = null;
    return this.fileProblem === null;
  }
}
