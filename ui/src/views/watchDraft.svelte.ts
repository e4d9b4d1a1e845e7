//! A watched folder that is being made or changed: what is typed and picked, and what is wrong with it.

import type { FieldProblem } from "../bindings/FieldProblem";
import type { Problem } from "../bindings/Problem";
import type { ProfileView } from "../bindings/ProfileView";
import type { WatchFolder } from "../bindings/WatchFolder";
import type { WatchForm } from "../bindings/WatchForm";
import type { Platform } from "../platform/platform";
import { problemFrom } from "../platform/problem";
import type { Text } from "../text/text";
import { sayProblem } from "./fieldProblems";

/** Seconds that a file has to stay as it is, unless something else is typed. */
const QUIET = "10";

function blank(profile: ProfileView | null, exclude: readonly string[]): WatchForm {
  return {
    folder: "",
    profile: profile?.id ?? 0,
    prefix: profile?.form.prefix ?? "",
    quiet: QUIET,
    marker: "",
    depth: "subfolders",
    growing: "wait",
    include: "",
    exclude: exclude.join(", "),
    then: "keep",
    moveTo: "",
    hours: "",
  };
}

/** A watch as it is now. */
export interface StoredWatch {
  readonly id: number;
  readonly form: WatchForm;
}

export class WatchDraft {
  form: WatchForm = $state({} as WatchForm);
  problems: readonly FieldProblem[] = $state.raw([]);
  /** Why the host did not do it, where that is about no field. */
  trouble: Problem | null = $state.raw(null);
  busy = $state(false);
  /** Whether the user is being asked for a word on files that are deleted. */
  asking = $state(false);
  /** The form that the problems are about. */
  #sent: WatchForm | null = $state.raw(null);
  readonly #platform: Platform;
  readonly #changed: StoredWatch | null;

  constructor(platform: Platform, changed: StoredWatch | null, profile: ProfileView | null, exclude: readonly string[]) {
    this.#platform = platform;
    this.#changed = changed;
    this.form = changed === null ? blank(profile, exclude) : { ...changed.form };
  }

  /** Another destination has a prefix of its own; a typed one stays. */
  choose(profile: ProfileView, before: ProfileView | undefined): void {
    if (this.form.prefix === (before?.form.prefix ?? "")) this.form.prefix = profile.form.prefix;
    this.form.profile = profile.id;
  }

  /** Lets the user pick a folder in the system's dialog. */
  async pick(which: WatchFolder): Promise<void> {
    try {
      const folder = await this.#platform.pickWatchFolder(which);
      if (folder === null) return;
      this.form[which === "watched" ? "folder" : "moveTo"] = folder;
    } catch (reason) {
      this.trouble = problemFrom(reason);
    }
  }

  /** The sentence beside a field, if anything is wrong with what stands there. */
  said(text: Text, field: keyof WatchForm, shared = ""): string | null {
    if (this.#sent?.[field] !== this.form[field]) return null;
    const problem = this.problems.find((each) => each.field === field)?.problem ?? null;
    const unpicked = (field === "folder" || field === "moveTo") && this.form[field] === "";
    return sayProblem(text, unpicked ? "watch.unpicked" : `watch.${field}`, problem, shared);
  }

  /** Begins to watch, or changes the watch; resolves to whether that is done. Where files will be deleted, the user is asked first. */
  async begin(): Promise<boolean> {
    if (this.busy) return false;
    if (this.form.then === "delete" && this.#changed?.form.then !== "delete" && !this.asking) {
      this.asking = true;
      return false;
    }
    this.busy = true;
    this.trouble = null;
    try {
      const form = $state.snapshot(this.form);
      this.problems = await (this.#changed === null ? this.#platform.addWatch(form) : this.#platform.changeWatch(this.#changed.id, form));
      this.#sent = form;
      return this.problems.length === 0;
    } catch (reason) {
      this.trouble = problemFrom(reason);
      return false;
    } finally {
      this.busy = false;
      this.asking = false;
    }
  }
}
