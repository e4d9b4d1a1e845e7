//! The settings' network while it is being edited. Each time a field is left, what can be saved is.

import type { FieldProblem } from "../bindings/FieldProblem";
import type { NetworkForm } from "../bindings/NetworkForm";
import type { Problem } from "../bindings/Problem";
import type { Ferry } from "../state/ferry.svelte";
import { BLANK_NETWORK, lacksServer, sameNetwork, savable, signsIn } from "../state/network";

export class NetworkDraft {
  network: NetworkForm = $state({ ...BLANK_NETWORK });
  /** The password of the proxy's user as it is typed; empty for the one that is kept. */
  proxyPassword = $state("");
  /** What was refused last, if one of the fields shows it. */
  #refused: FieldProblem | null = $state.raw(null);
  /** Whether it may be said that the server is missing: not before its field was left. */
  #left = $state(false);
  #saved: NetworkForm;
  /** Saves go out one after the other, so that none sends again what another sends already. */
  #last: Promise<void> = Promise.resolve();
  readonly #ferry: Ferry;

  constructor(ferry: Ferry) {
    this.#ferry = ferry;
    this.#saved = ferry.settings.network;
    this.network = { ...this.#saved };
  }

  /** Whether a proxy is chosen and its field was left, but it is not named. */
  get lacksServer(): boolean {
    return this.#left && lacksServer(this.network);
  }

  /** What the host refused, beside its field. */
  problemOf(field: string): Problem | null {
    return this.#refused?.field === field ? this.#refused.problem : null;
  }

  /** The field was left: what can be saved is saved. */
  leave(field: string): void {
    if (field === "network.proxy") this.#left = false;
    if (field === "network.proxyServer") this.#left = true;
    void this.#save();
  }

  /** Saves what was not left yet. Resolves to whether nothing is left to correct. */
  async close(): Promise<boolean> {
    this.#left = true;
    await this.#save();
    return this.#refused === null && !lacksServer(this.network);
  }

  #save(): Promise<void> {
    this.#last = this.#last.then(() => this.#send());
    return this.#last;
  }

  async #send(): Promise<void> {
    const typed = $state.snapshot(this.network);
    const network = savable(typed, this.#saved);
    // Where no user signs in, the host would forget it.
    const password = signsIn(typed) ? this.proxyPassword : "";
    if (password === "" && sameNetwork(network, this.#saved)) {
      this.#refused = null;
      return;
    }
    const problem = await this.#ferry.set({ network }, password);
    const field = problem === null ? null : fieldOf(problem, network, password);
    this.#refused = problem === null || field === null ? null : { field, problem };
    if (problem === null) {
      this.#saved = network;
      // What was typed meanwhile stays.
      if (this.proxyPassword === password) this.proxyPassword = "";
    } else if (field !== null) {
      // It stands beside the field.
      this.#ferry.trouble = null;
    }
  }
}

/** The field that a refusal is about; null where none of those that are shown is. */
function fieldOf(problem: Problem, network: NetworkForm, password: string): string | null {
  if (problem.kind === "caFileUnusable") return "network.caFile";
  if (network.proxy !== "manual") return null;
  if (problem.kind === "proxyInvalid") return "network.proxyServer";
  // The keyring did not take it.
  return password === "" ? null : "network.proxyPassword";
}
