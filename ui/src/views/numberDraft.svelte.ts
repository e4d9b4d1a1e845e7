//! A number of the settings while it is being edited: empty for automatic. It is saved when the field is left.

import type { Problem } from "../bindings/Problem";
import type { Ferry } from "../state/ferry.svelte";

type NumberSetting = "parallel" | "partSize" | "connectSeconds" | "idleSeconds";

export class NumberDraft {
  /** What is typed. */
  typed = $state("");
  /** Why it was refused; `unreadable` where it is no whole number. */
  problem: Problem | "unreadable" | null = $state.raw(null);
  readonly #ferry: Ferry;
  readonly #name: NumberSetting;

  constructor(ferry: Ferry, name: NumberSetting) {
    this.#ferry = ferry;
    this.#name = name;
    this.typed = shown(ferry.settings[name]);
  }

  /** Saves what is typed. Resolves to whether it was taken. */
  async take(): Promise<boolean> {
    const typed = this.typed.trim();
    const number = typed === "" ? null : Number(typed);
    if (number !== null && !/^\d{1,9}$/.test(typed)) {
      this.problem = "unreadable";
      return false;
    }
    // What is kept, not what is on its way: leaving the field and closing the dialog ask at once.
    this.problem = number === this.#ferry.window.settings[this.#name] ? null : await this.#ferry.set({ [this.#name]: number });
    // It stands beside the field.
    if (this.problem !== null) this.#ferry.trouble = null;
    else this.typed = shown(number);
    return this.problem === null;
  }
}

function shown(number: number | null): string {
  return number === null ? "" : String(number);
}
