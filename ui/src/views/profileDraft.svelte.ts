//! A profile while it is being edited: what is typed, what it means, and how trying and saving went.

import type { FormReading } from "../bindings/FormReading";
import type { Problem } from "../bindings/Problem";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { ProfileView } from "../bindings/ProfileView";
import type { SaveSecret } from "../bindings/SaveSecret";
import type { SecretInput } from "../bindings/SecretInput";
import type { TestOutcome } from "../bindings/TestOutcome";
import type { Platform } from "../platform/platform";
import { problemFrom } from "../platform/problem";

/** Milliseconds the typing rests before the form is read. */
export const TYPING_RESTS = 250;

/** A new profile's form. */
const BLANK: ProfileForm = {
  name: "",
  provider: "oss",
  endpoint: "",
  region: "",
  bucket: "",
  prefix: "",
  addressing: "auto",
  sign: "v4",
  integrity: "standard",
  existing: "ask",
  plainHttp: "refuse",
};

/** What a part of the key lacks. */
export type MissingKey = "accessKeyId" | "accessKeySecret";

/** Where the dialog stands. */
export type Busy = "no" | "testing" | "saving";

export class ProfileDraft {
  form: ProfileForm = $state({ ...BLANK });
  secret: SecretInput = $state({ accessKeyId: "", accessKeySecret: "", securityToken: "" });
  /** Number of the saved profile; null before a new one is saved. */
  id: number | null = $state(null);
  /** What the host understood last. */
  reading: FormReading | null = $state.raw(null);
  outcome: TestOutcome | null = $state.raw(null);
  busy: Busy = $state("no");
  /** Why the last save failed. */
  saveProblem: Problem | null = $state.raw(null);
  /** Why the saved profile's key is not in the keyring. */
  keyringProblem: Problem | null = $state.raw(null);
  /** Fields whose problems are shown: those that were left, or all after a try to save. */
  #left: ReadonlySet<string> = $state.raw(new Set());
  #all = $state(false);
  #adopt = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #platform: Platform;
  /** The profile as it was when the dialog opened; null for a new one. */
  readonly before: ProfileView | null;

  constructor(platform: Platform, before: ProfileView | null, endpoint: string | null) {
    this.#platform = platform;
    this.before = before;
    if (before !== null) {
      this.form = { ...before.form };
      this.id = before.id;
    }
    if (endpoint !== null) this.form.endpoint = endpoint;
  }

  /** Reads the form soon. To be called on each change. */
  changed(): void {
    this.outcome = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), TYPING_RESTS);
  }

  /** The field was left: its problems may be shown, and a pasted URL is taken apart. */
  leave(field: string): void {
    this.#left = new Set([...this.#left, field]);
    if (field !== "endpoint") return;
    this.#adopt = true;
    clearTimeout(this.#timer);
    void this.#read();
  }

  /** Stops waiting. */
  close(): void {
    clearTimeout(this.#timer);
  }

  async #read(): Promise<FormReading | null> {
    const asked = $state.snapshot(this.form);
    try {
      const reading = await this.#platform.readProfileForm(asked);
      if (!sameForm(asked, this.form)) return null;
      this.reading = reading;
      if (this.#adopt) this.#adoptUrl(reading);
      this.#adopt = false;
      return reading;
    } catch (reason) {
      this.saveProblem = problemFrom(reason);
      return null;
    }
  }

  /** A pasted URL that names bucket or prefix fills their fields. A plain endpoint stays as it was typed, and so does the
   *  region: what follows from the endpoint would contradict the next one. */
  #adoptUrl({ form }: FormReading): void {
    if (form.bucket === this.form.bucket && form.prefix === this.form.prefix) return;
    this.form.endpoint = form.endpoint;
    this.form.bucket = form.bucket;
    this.form.prefix = form.prefix;
  }

  /** What is wrong with a field, once it may be shown. */
  problemOf(field: string): Problem | null {
    if (!this.#all && !this.#left.has(field)) return null;
    return this.reading?.problems.find((each) => each.field === field)?.problem ?? null;
  }

  /** Whether a key is there already that empty fields keep. */
  get keepsKey(): boolean {
    return this.keyringProblem === null && this.id !== null && (this.before === null || this.before.secret !== "missing");
  }

  /** What the typed key lacks. */
  get missingKey(): MissingKey | null {
    const { accessKeyId, accessKeySecret, securityToken } = this.secret;
    const typed = accessKeyId !== "" || accessKeySecret !== "" || securityToken !== "";
    if (this.before?.practice === true || (!typed && this.keepsKey)) return null;
    if (accessKeyId.trim() === "") return "accessKeyId";
    return accessKeySecret === "" ? "accessKeySecret" : null;
  }

  /** The same, once it may be shown. */
  shownMissing(field: MissingKey): boolean {
    return (this.#all || this.#left.has(field)) && this.missingKey === field;
  }

  #secretInput(): SecretInput | null {
    const { accessKeyId, accessKeySecret, securityToken } = this.secret;
    if (accessKeyId === "" && accessKeySecret === "" && securityToken === "") return null;
    return { accessKeyId: accessKeyId.trim(), accessKeySecret: accessKeySecret.trim(), securityToken: securityToken.trim() };
  }

  /** Reads the form as it is now and says whether it can be used. All problems are shown from here on. */
  async #ready(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#all = true;
    const reading = await this.#read();
    return reading !== null && reading.problems.length === 0 && this.missingKey === null;
  }

  /** Tries the connection as typed. */
  async test(): Promise<void> {
    this.outcome = null;
    this.saveProblem = null;
    this.busy = "testing";
    try {
      if (!(await this.#ready())) return;
      const outcome = await this.#platform.testProfile({ id: this.id, form: $state.snapshot(this.form), secret: this.#secretInput() });
      this.outcome = outcome;
    } catch (reason) {
      this.outcome = { type: "failed", problem: problemFrom(reason) };
    } finally {
      this.busy = "no";
    }
  }

  /** Saves. Resolves to whether all of it, the key too, is where it was to go. */
  async save(place: SaveSecret): Promise<boolean> {
    this.saveProblem = null;
    this.busy = "saving";
    try {
      if (!(await this.#ready())) return false;
      const saved = await this.#platform.saveProfile({ id: this.id, form: $state.snapshot(this.form), secret: this.#secretInput() }, place);
      this.id = saved.id;
      this.keyringProblem = place === "keyring" ? saved.keyringProblem : null;
      return this.keyringProblem === null;
    } catch (reason) {
      this.saveProblem = problemFrom(reason);
      return false;
    } finally {
      this.busy = "no";
    }
  }
}

function sameForm(one: ProfileForm, other: ProfileForm): boolean {
  return (Object.keys(one) as (keyof ProfileForm)[]).every((field) => one[field] === other[field]);
}
