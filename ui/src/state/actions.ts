//! What can be done with a row in each state. Pure.

import type { Action } from "../bindings/Action";
import type { RowState } from "../bindings/RowState";

/** The actions of a row, the likeliest first. */
const ACTIONS: Record<RowState, readonly Action[]> = {
  queued: ["pause", "cancel"],
  uploading: ["pause", "cancel"],
  verifying: ["pause", "cancel"],
  waiting: ["pause", "cancel"],
  retrying: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  failed: ["retry", "remove"],
  conflict: ["overwrite", "skip", "rename", "cancel"],
  sourceChanged: ["startOver", "cancel"],
  cancelling: [],
  done: ["remove"],
  skipped: ["remove"],
  cancelled: ["remove"],
};

/** The actions of the selection bar, in its order. */
export const SELECTION_ACTIONS = ["pause", "resume", "retry", "cancel", "remove"] as const satisfies readonly Action[];

/** Choices that join them while rows that wait for one are selected. */
export const SELECTION_CHOICES = ["overwrite", "skip", "rename", "startOver"] as const satisfies readonly Action[];

/** Bytes sent from which taking an upload back is asked about first. */
export const ASK_BEFORE_CANCEL = 1024 ** 3;

/** What can be done with a row. */
export function actionsOf(state: RowState): readonly Action[] {
  return ACTIONS[state];
}

/** Whether an action applies to a row. Any row can be removed: one that is under way is cancelled first. */
export function applies(action: Action, state: RowState): boolean {
  return action === "remove" ? state !== "cancelling" : ACTIONS[state].includes(action);
}

/** Whether the row has reached its end. */
export function ended(state: RowState): boolean {
  return state === "done" || state === "skipped" || state === "cancelled";
}

/** Whether the row wants the user. */
export function wantsAttention(state: RowState): boolean {
  return state === "failed" || state === "conflict" || state === "sourceChanged";
}

/** Whether bytes of the row may be on their way. */
export function running(state: RowState): boolean {
  return state === "queued" || state === "uploading" || state === "verifying" || state === "waiting" || state === "retrying";
}
