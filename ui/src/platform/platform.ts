//! What the window asks of its host. Everything above this folder knows only this interface.

import type { Action } from "../bindings/Action";
import type { FormReading } from "../bindings/FormReading";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { SavedProfile } from "../bindings/SavedProfile";
import type { SaveSecret } from "../bindings/SaveSecret";
import type { SecretInput } from "../bindings/SecretInput";
import type { Settings } from "../bindings/Settings";
import type { Target } from "../bindings/Target";
import type { TestOutcome } from "../bindings/TestOutcome";
import type { Update } from "../bindings/Update";
import type { Viewport } from "../bindings/Viewport";

/** What a profile dialog sends. `secret` null means: the one that is kept already. */
export interface ProfileDraft {
  readonly id: number | null;
  readonly form: ProfileForm;
  readonly secret: SecretInput | null;
}

/** The host of the window. Each promise rejects with a `Problem`. */
export interface Platform {
  /** Starts the stream of updates: a snapshot first. A later call takes the place of an earlier one. */
  subscribe(receive: (update: Update) => void): Promise<void>;
  /** Says which rows are shown. */
  setViewport(viewport: Viewport): Promise<void>;
  /** Does something with transfers. */
  act(action: Action, target: Target): Promise<void>;
  /** Opens the system's dialog for files; resolves when it closes. */
  pickFiles(): Promise<void>;
  /** Opens the system's dialog for a folder; resolves when it closes. */
  pickFolder(): Promise<void>;
  /** Makes a profile the one that new files go to. */
  chooseProfile(id: number): Promise<void>;
  /** Says what a form means. */
  readProfileForm(form: ProfileForm): Promise<FormReading>;
  /** Saves a profile, new where `id` is null. */
  saveProfile(draft: ProfileDraft, place: SaveSecret): Promise<SavedProfile>;
  /** Copies a profile; resolves to the copy's number. */
  duplicateProfile(id: number): Promise<number>;
  /** Deletes a profile and its secret. */
  deleteProfile(id: number): Promise<void>;
  /** Tries a write under the prefix and takes it back. */
  testProfile(draft: ProfileDraft): Promise<TestOutcome>;
  /** Sets the window's settings. */
  setSettings(settings: Settings): Promise<void>;
  /** Closes a notice. */
  dismissNotice(id: number): Promise<void>;
}
