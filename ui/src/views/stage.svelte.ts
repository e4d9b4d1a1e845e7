//! Which dialog stands open, which row is looked at closely, and what was just said.

import type { Links } from "../bindings/Links";
import type { Target } from "../bindings/Target";
import { type Pasted, takeApart } from "../state/pasted";
import type { StoredWatch } from "./watchDraft.svelte";

/** A question with one way on and one way back. */
export interface Question {
  readonly title: string;
  readonly body: string;
  readonly confirm: string;
  readonly keep: string;
  readonly onConfirm: () => void;
}

/** Below this width the window shows icons in the place of words. The style sheets say the same. */
const NARROW = 1000;

/** The sections of the settings. */
export const SETTINGS_SECTIONS = ["transfers", "data"] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];

/** Where the form of a profile opens: at its first field, at its key, or with the keys of other tools. */
export type ProfileStart = "begin" | "key" | "import";

/** The dialog that is open. Only one can be. */
export type OpenDialog =
  | { readonly kind: "profile"; readonly id: number | null; readonly endpoint: string | null; readonly at: ProfileStart; readonly pasted: Pasted | null }
  | { readonly kind: "settings" }
  | { readonly kind: "batch" }
  | { readonly kind: "watch"; readonly changed: StoredWatch | null }
  | { readonly kind: "receipt"; readonly batch: number }
  | { readonly kind: "diagnostics" }
  | { readonly kind: "shortcuts" }
  | { readonly kind: "links"; readonly target: Target }
  | { readonly kind: "question"; readonly question: Question };

/** Where files go that are dropped while the options of a batch stand open. */
export interface Staged {
  readonly destination: string;
  /** Whether files are taken: not while something has to be corrected. */
  readonly usable: boolean;
}

/** How copying links went. */
export interface CopiedLinks {
  readonly links: Links;
  readonly public: boolean;
  /** Whether the clipboard took them. */
  readonly copied: boolean;
  /** What they are links to, for another try with other choices. */
  readonly target: Target;
}

/** What the window has set up beside the list. */
export class Stage {
  dialog = $state.raw<OpenDialog | null>(null);
  /** Number of the row whose details are open. */
  inspected = $state<number | null>(null);
  /** The batch whose options stand open. */
  staged = $state.raw<Staged | null>(null);
  /** Width of the window in the pixels of the page, zoomed as it is. */
  width = $state(NARROW);
  /** Whether there is room for icons only. */
  readonly narrow = $derived(this.width < NARROW);
  /** Whether the user chose to try the practice bucket first. */
  trying = $state(false);
  /** Whether the headline says what limits the speed: only where one asks. */
  limitAsked = $state(false);
  /** Where the settings open. */
  settingsSection: SettingsSection = "transfers";
  /** What was copied last, until it is dismissed. */
  copied = $state.raw<CopiedLinks | null>(null);

  /** Whether an open dialog is in the way of files that are dropped. The options of the next files are there for them. */
  get refusesDrops(): boolean {
    return this.dialog !== null && this.dialog.kind !== "batch";
  }

  newProfile(at: ProfileStart = "begin"): void {
    this.dialog = { kind: "profile", id: null, endpoint: null, at, pasted: null };
  }

  /** A new profile with what was pasted: an address, or a key. */
  connect(text: string): void {
    const pasted = takeApart(text);
    const at = pasted.address !== "" && pasted.accessKeyId === "" ? "key" : "begin";
    this.dialog = { kind: "profile", id: null, endpoint: null, at, pasted };
  }

  /** `endpoint` replaces the one in the form, where a store named another. */
  editProfile(id: number, endpoint: string | null = null): void {
    this.dialog = { kind: "profile", id, endpoint, at: "begin", pasted: null };
  }

  /** Opens a profile where its key stands. */
  editKey(id: number): void {
    this.dialog = { kind: "profile", id, endpoint: null, at: "key", pasted: null };
  }

  openSettings(section: SettingsSection = "transfers"): void {
    this.settingsSection = section;
    this.dialog = { kind: "settings" };
  }

  /** Opens what became of a batch. */
  openReceipt(batch: number): void {
    this.dialog = { kind: "receipt", batch };
  }

  openDiagnostics(): void {
    this.dialog = { kind: "diagnostics" };
  }

  openShortcuts(): void {
    this.dialog = { kind: "shortcuts" };
  }

  /** Opens the options of the next files. */
  openBatch(): void {
    this.dialog = { kind: "batch" };
  }

  /** Opens the form of a new watched folder, or of one that is changed. */
  openWatch(changed: StoredWatch | null = null): void {
    this.dialog = { kind: "watch", changed };
  }

  /** Opens the choices of links to these. */
  openLinks(target: Target): void {
    this.copied = null;
    this.dialog = { kind: "links", target };
  }

  ask(question: Question): void {
    this.dialog = { kind: "question", question };
  }

  closeDialog(): void {
    this.dialog = null;
  }
}
