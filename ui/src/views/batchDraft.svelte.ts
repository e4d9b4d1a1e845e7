//! What the next files shall be like, while its dialog is open: the host knows each change, and knows when it is over.

import type { BatchForm } from "../bindings/BatchForm";
import type { FieldProblem } from "../bindings/FieldProblem";
import type { OptionsForm } from "../bindings/OptionsForm";
import type { Problem } from "../bindings/Problem";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { Provider } from "../bindings/Provider";
import type { Platform } from "../platform/platform";
import { problemFrom } from "../platform/problem";
import { batchOf } from "../state/options";

/** Milliseconds the typing rests before the host is told. */
export const TYPING_RESTS = 250;

export class BatchDraft {
  form: BatchForm = $state({} as BatchForm);
  /** What is wrong, by field; files are refused meanwhile. */
  problems: readonly FieldProblem[] = $state.raw([]);
  /** Why the host did not answer, or a dialog of the system failed. */
  trouble: Problem | null = $state.raw(null);
  readonly provider: Provider;
  readonly #platform: Platform;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Calls go out one after the other: the last is the one that stays. */
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(platform: Platform, profile: ProfileForm) {
    this.#platform = platform;
    this.provider = profile.provider;
    this.form = batchOf(profile);
  }

  get options(): OptionsForm {
    return this.form.options;
  }

  /** Tells the host soon. To be called on each change. */
  changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#stage($state.snapshot(this.form)), TYPING_RESTS);
  }

  /** Problems are shown at once: until they are gone no file is taken. */
  leave(_field: string): void {
    clearTimeout(this.#timer);
    void this.#stage($state.snapshot(this.form));
  }

  problemOf(field: string): Problem | null {
    return this.problems.find((each) => each.field === field)?.problem ?? null;
  }

  /** Tells the host of the form as it is now; resolves to whether it can be used. */
  async ready(): Promise<boolean> {
    clearTimeout(this.#timer);
    await this.#stage($state.snapshot(this.form));
    return this.problems.length === 0 && this.trouble === null;
  }

  /** Opens one of the system's dialogs, with the form in force. */
  async pick(dialog: () => Promise<void>): Promise<void> {
    if (!(await this.ready())) return;
    try {
      await dialog();
    } catch (reason) {
      this.trouble = problemFrom(reason);
    }
  }

  /** The form is no longer in force. */
  close(): void {
    clearTimeout(this.#timer);
    void this.#stage(null);
    this.#closed = true;
  }

  #stage(form: BatchForm | null): Promise<void> {
    if (this.#closed) return this.#last;
    this.#last = this.#last.then(async () => {
      try {
        const problems = await this.#platform.stageBatch(form);
        this.problems = problems;
        this.trouble = null;
      } catch (reason) {
        this.trouble = problemFrom(reason);
      }
    });
    return this.#last;
  }
}
