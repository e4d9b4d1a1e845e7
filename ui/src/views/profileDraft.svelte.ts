//! A profile while it is being edited: what is typed, what it means, and how trying and saving went.

import type { FormReading } from "../bindings/FormReading";
import type { ImportCandidate } from "../bindings/ImportCandidate";
import type { KeyInput } from "../bindings/KeyInput";
import type { LimitForm } from "../bindings/LimitForm";
import type { NetworkForm } from "../bindings/NetworkForm";
import type { OptionsForm } from "../bindings/OptionsForm";
import type { Problem } from "../bindings/Problem";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { ProfileView } from "../bindings/ProfileView";
import type { Provider } from "../bindings/Provider";
import type { SaveSecret } from "../bindings/SaveSecret";
import type { SecretsInput } from "../bindings/SecretsInput";
import type { TestOutcome } from "../bindings/TestOutcome";
import type { Words } from "../bindings/Words";
import type { Platform } from "../platform/platform";
import { problemFrom } from "../platform/problem";
import { copyOf } from "../state/copy";
import type { Pasted } from "../state/pasted";
import { asProvider, blankForm, filledFrom, keyedFrom, type Section, sectionOf } from "../state/profileForm";
import { readMoment } from "../text/format";

/** Milliseconds the typing rests before the form is read. */
export const TYPING_RESTS = 250;

/** A part of the key that is missing, or cannot be read. */
export type MissingKey = "accessKeyId" | "accessKeySecret" | "tokenEnds";

/** Where the dialog stands. */
export type Busy = "no" | "testing" | "saving";

/** Which secret of a saved profile did not get where it was to go. */
export type Unkept = "key" | "proxyPassword";

/** The key as it is typed; `tokenEnds` as the user writes a moment. */
interface TypedKey {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string;
  tokenEnds: string;
}

const NO_KEY: TypedKey = { accessKeyId: "", accessKeySecret: "", securityToken: "", tokenEnds: "" };

export class ProfileDraft {
  form: ProfileForm = $state(blankForm());
  secret: TypedKey = $state({ ...NO_KEY });
  /** The password of the proxy's user as it is typed; empty for the one that is kept. */
  proxyPassword = $state("");
  /** The other tool's key that stands in the place of a typed one. */
  imported: ImportCandidate | null = $state.raw(null);
  /** Number of the saved profile; null before a new one is saved. */
  id: number | null = $state(null);
  /** What the host understood last. */
  reading: FormReading | null = $state.raw(null);
  outcome: TestOutcome | null = $state.raw(null);
  busy: Busy = $state("no");
  /** Why the last save failed. */
  saveProblem: Problem | null = $state.raw(null);
  /** Why a secret of the saved profile is not in the keyring. */
  keyringProblem: Problem | null = $state.raw(null);
  /** The secret that `keyringProblem` is about. */
  unkept: Unkept = $state("key");
  /** Fields whose problems are shown: those that were left, or all after a try to save. */
  #left: ReadonlySet<string> = $state.raw(new Set());
  #all = $state(false);
  #adopt = false;
  #adopted: { readonly endpoint: string; readonly remarks: readonly Words[] } = $state.raw({ endpoint: "", remarks: [] });
  /** What the last pasted URL filled in: the next one may replace it. */
  #filled = { endpoint: "", bucket: "", prefix: "", name: "" };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #platform: Platform;
  /** The profile as it was when the dialog opened; null for a new one. */
  readonly before: ProfileView | null;

  constructor(platform: Platform, before: ProfileView | null, endpoint: string | null) {
    this.#platform = platform;
    this.before = before;
    if (before !== null) {
      this.form = copyOf(before.form);
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

  /** Begins with what was pasted. */
  paste({ address, accessKeyId, accessKeySecret }: Pasted): void {
    this.secret = { ...this.secret, accessKeyId, accessKeySecret };
    if (address === "") return;
    this.form.endpoint = address;
    this.leave("endpoint");
  }

  /** Stops waiting. */
  close(): void {
    clearTimeout(this.#timer);
  }

  async #read(): Promise<FormReading | null> {
    if (this.#adopt) await this.#forgetPaste();
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

  /** What an earlier paste filled in, and nobody changed, gives way to another one that names a bucket. */
  async #forgetPaste(): Promise<void> {
    const { endpoint, bucket, prefix, name } = this.#filled;
    const typed = $state.snapshot(this.form);
    if (endpoint === "" || typed.endpoint === endpoint) return;
    const without = (value: string, filled: string) => (value === filled ? "" : value);
    const bare = { ...typed, bucket: without(typed.bucket, bucket), prefix: without(typed.prefix, prefix), name: without(typed.name, name) };
    if (bare.bucket !== "" || bucket === "") return;
    try {
      const reading = await this.#platform.readProfileForm(bare);
      if (reading.form.bucket !== "" && sameForm(typed, $state.snapshot(this.form))) this.form = bare;
    } catch (reason) {
      this.saveProblem = problemFrom(reason);
    }
  }

  /** A pasted URL that names bucket or prefix fills their fields. A plain endpoint stays as it was typed, and so does the
   *  region: what follows from the endpoint would contradict the next one. */
  #adoptUrl({ form, remarks }: FormReading): void {
    if (form.bucket === this.form.bucket && form.prefix === this.form.prefix) return;
    this.#adopted = { endpoint: form.endpoint, remarks };
    const name = this.form.name === "" && this.id === null ? form.bucket : "";
    this.#filled = { endpoint: form.endpoint, bucket: this.form.bucket === "" ? form.bucket : "", prefix: this.form.prefix === "" ? form.prefix : "", name };
    if (name !== "") this.form.name = name;
    this.form.endpoint = form.endpoint;
    this.form.bucket = form.bucket;
    this.form.prefix = form.prefix;
  }

  /** What to know about the address. What was said of a pasted URL stays while the endpoint that came out of it does. */
  get remarks(): readonly Words[] {
    const { endpoint, remarks } = this.#adopted;
    const now = this.reading?.remarks ?? [];
    const before = endpoint === this.form.endpoint ? remarks.filter((each) => !now.some((other) => other.en === each.en)) : [];
    return [...before, ...now];
  }

  /** What is wrong with a field, once it may be shown. */
  problemOf(field: string): Problem | null {
    if (!this.#all && !this.#left.has(field)) return null;
    return this.reading?.problems.find((each) => each.field === field)?.problem ?? null;
  }

  /** The sections that hold a problem that is shown. */
  get troubled(): ReadonlySet<Section> {
    const fields = (this.reading?.problems ?? []).map((each) => each.field).filter((field) => this.problemOf(field) !== null);
    const missing = this.missingKey;
    if (missing !== null && this.shownMissing(missing)) fields.push(missing);
    return new Set(fields.map(sectionOf));
  }

  /** What the objects shall be like. */
  get options(): OptionsForm {
    return this.form.options;
  }

  /** How the store is reached. */
  get network(): NetworkForm {
    return this.form.network;
  }

  /** How fast its transfers together may be. */
  get limit(): LimitForm {
    return this.form.limit;
  }

  /** The dialect. */
  get provider(): Provider {
    return this.form.provider;
  }

  /** Changes the dialect; options that it does not have go. */
  set provider(provider: Provider) {
    this.form = asProvider(provider, $state.snapshot(this.form));
  }

  /** Fills in what another tool has. Of a saved profile only the key changes. */
  take(candidate: ImportCandidate): void {
    const typed = $state.snapshot(this.form);
    this.form = this.before === null && this.id === null ? filledFrom(candidate, typed) : keyedFrom(candidate, typed);
    this.imported = candidate;
    this.secret = { ...NO_KEY };
    this.changed();
  }

  /** Puts the typed key in the place of another tool's. */
  typeInstead(): void {
    this.imported = null;
    this.form.keySource = "keyring";
    this.form.keyCommand = "";
  }

  /** Whether a key is there already that empty fields keep. */
  get keepsKey(): boolean {
    if (this.id === null || this.imported !== null) return false;
    if (this.keyringProblem !== null && this.unkept === "key") return false;
    return this.before === null || (this.before.secret !== "missing" && this.before.form.keySource === "keyring");
  }

  /** What the typed key lacks. */
  get missingKey(): MissingKey | null {
    if (this.before?.practice === true || this.form.keySource !== "keyring" || this.imported !== null) return null;
    const { accessKeyId, accessKeySecret, tokenEnds } = this.secret;
    const typed = Object.values(this.secret).some((part) => part !== "");
    if (!typed && this.keepsKey) return null;
    // A secret alone is a new one of the key that is there.
    if (accessKeyId.trim() === "" && !this.keepsKey) return "accessKeyId";
    if (accessKeySecret === "") return "accessKeySecret";
    return tokenEnds.trim() !== "" && readMoment(tokenEnds) === null ? "tokenEnds" : null;
  }

  /** The same, once it may be shown. */
  shownMissing(field: MissingKey): boolean {
    return (this.#all || this.#left.has(field)) && this.missingKey === field;
  }

  #key(): KeyInput | null {
    if (this.form.keySource !== "keyring") return null;
    if (this.imported !== null) return { type: "imported", id: this.imported.id };
    const { accessKeyId, accessKeySecret, securityToken, tokenEnds } = this.secret;
    if (accessKeyId === "" && accessKeySecret === "" && securityToken === "") return null;
    const secret = { accessKeyId: accessKeyId.trim(), accessKeySecret: accessKeySecret.trim(), securityToken: securityToken.trim(), expiresMs: readMoment(tokenEnds) };
    return { type: "typed", secret };
  }

  #secrets(): SecretsInput {
    return { key: this.#key(), proxyPassword: this.network.proxy === "manual" ? this.proxyPassword : "" };
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
      const outcome = await this.#platform.testProfile({ id: this.id, form: $state.snapshot(this.form), secrets: this.#secrets() });
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
      const secrets = this.#secrets();
      const saved = await this.#platform.saveProfile({ id: this.id, form: $state.snapshot(this.form), secrets }, place);
      this.id = saved.id;
      this.keyringProblem = saved.keyringProblem;
      if (saved.keyringProblem !== null) {
        // The host keeps the key first, and tells of one problem.
        this.unkept = secrets.proxyPassword === "" || (secrets.key !== null && saved.secret === "missing") ? "key" : "proxyPassword";
        return false;
      }
      this.proxyPassword = "";
      return true;
    } catch (reason) {
      this.saveProblem = problemFrom(reason);
      return false;
    } finally {
      this.busy = "no";
    }
  }
}

function sameForm(one: ProfileForm, other: ProfileForm): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
