//! The settings' speed limit while it is being edited. Each time a part of it is left, it is saved.

import type { LimitForm } from "../bindings/LimitForm";
import type { Problem } from "../bindings/Problem";
import type { Ferry } from "../state/ferry.svelte";
import { copyOf } from "../state/copy";
import { sameLimit } from "../state/limit";

export class LimitDraft {
  limit: LimitForm = $state({ hours: [], otherwise: "" });
  /** Why what is typed was refused. */
  problem: Problem | null = $state.raw(null);
  #saved: LimitForm;
  readonly #ferry: Ferry;

  constructor(ferry: Ferry) {
    this.#ferry = ferry;
    this.#saved = copyOf(ferry.settings.limit);
    this.limit = copyOf(this.#saved);
  }

  /** Saves what is typed. Resolves to whether it was taken. */
  async take(): Promise<boolean> {
    const limit = $state.snapshot(this.limit);
    if (sameLimit(limit, this.#saved)) {
      this.problem = null;
      return true;
    }
    const problem = await this.#ferry.set({ limit });
    this.problem = problem;
    if (problem === null) this.#saved = limit;
    // It stands beside the field.
    else this.#ferry.trouble = null;
    return problem === null;
  }
}
