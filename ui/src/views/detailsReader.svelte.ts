//! Asks for the details of one file while it changes, and not while it does not.

import type { Details } from "../bindings/Details";
import type { Platform } from "../platform/platform";

/** Milliseconds between two questions about one file. */
export const BETWEEN = 250;

/** The details of the file that was asked about last. */
export class DetailsReader {
  /** What was told last; null until the first answer, and for a file that is off the list. */
  details = $state.raw<Details | null>(null);
  readonly #platform: Pick<Platform, "readDetails">;
  #id: number | null = null;
  #asking = false;
  /** Whether something changed since the last question. */
  #changed = false;
  #wake: () => void = () => undefined;

  constructor(platform: Pick<Platform, "readDetails">) {
    this.#platform = platform;
  }

  /** The file was opened, or changed. What changes too soon after a question waits for the next. */
  ask(id: number): void {
    if (id !== this.#id) {
      this.#id = id;
      this.details = null;
      this.#wake();
    }
    this.#changed = true;
    if (!this.#asking) void this.#go();
  }

  /** Asks no more. */
  stop(): void {
    this.#id = null;
    this.#wake();
  }

  async #go(): Promise<void> {
    this.#asking = true;
    while (this.#changed && this.#id !== null) {
      this.#changed = false;
      const id = this.#id;
      await this.#read(id);
      if (id !== this.#id) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, BETWEEN);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#asking = false;
  }

  async #read(id: number): Promise<void> {
    try {
      const details = await this.#platform.readDetails(id);
      if (id === this.#id) this.details = details;
    } catch {
      // The window says where the host does not answer; what was told last stays.
    }
  }
}
