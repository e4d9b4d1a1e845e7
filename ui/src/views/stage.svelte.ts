//! Which dialog stands open, and which row is looked at closely.

/** A question with one way on and one way back. */
export interface Question {
  readonly title: string;
  readonly body: string;
  readonly confirm: string;
  readonly keep: string;
  readonly onConfirm: () => void;
}

/** The dialog that is open. Only one can be. */
export type OpenDialog =
  | { readonly kind: "profile"; readonly id: number | null; readonly endpoint: string | null }
  | { readonly kind: "settings" }
  | { readonly kind: "question"; readonly question: Question };

/** What the window has set up beside the list. */
export class Stage {
  dialog = $state.raw<OpenDialog | null>(null);
  /** Number of the row whose details are open. */
  inspected = $state<number | null>(null);

  newProfile(): void {
    this.dialog = { kind: "profile", id: null, endpoint: null };
  }

  /** `endpoint` replaces the one in the form, where a store named another. */
  editProfile(id: number, endpoint: string | null = null): void {
    this.dialog = { kind: "profile", id, endpoint };
  }

  openSettings(): void {
    this.dialog = { kind: "settings" };
  }

  ask(question: Question): void {
    this.dialog = { kind: "question", question };
  }

  closeDialog(): void {
    this.dialog = null;
  }
}
