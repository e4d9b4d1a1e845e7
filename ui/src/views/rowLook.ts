//! How the state of a row, or of a batch, looks.

import type { BatchState } from "../bindings/BatchState";
import type { Row } from "../bindings/Row";
import type { RowState } from "../bindings/RowState";
import type { Action } from "../bindings/Action";
import type { IconName } from "../parts/icons";
import type { Text } from "../text/text";

/** The state of a row in words; of one that a newer version of its file replaced, that. */
export function stateWord({ state, replaced }: Pick<Row, "state" | "replaced">, text: Text): string {
  return replaced ? text.list.replaced : text.states[state];
}

/** What its state means. */
export function stateHint({ state, replaced }: Pick<Row, "state" | "replaced">, text: Text): string {
  return replaced ? text.list.replacedHint : text.stateHints[state];
}

/** Icon, colour and bar of a state. */
export interface Look {
  readonly icon: IconName;
  readonly colour: "quiet" | "accent" | "good" | "warn" | "bad";
  readonly bar: "moving" | "still" | "checking" | "good" | "ended";
}

export const LOOKS: Record<RowState, Look> = {
  queued: { icon: "clock", colour: "quiet", bar: "still" },
  uploading: { icon: "up", colour: "accent", bar: "moving" },
  growing: { icon: "wait", colour: "accent", bar: "still" },
  verifying: { icon: "shield", colour: "accent", bar: "checking" },
  waiting: { icon: "wait", colour: "warn", bar: "still" },
  retrying: { icon: "retry", colour: "warn", bar: "moving" },
  paused: { icon: "pausedState", colour: "quiet", bar: "still" },
  failed: { icon: "failed", colour: "bad", bar: "still" },
  conflict: { icon: "question", colour: "warn", bar: "still" },
  sourceChanged: { icon: "question", colour: "warn", bar: "still" },
  settling: { icon: "wait", colour: "warn", bar: "still" },
  cancelling: { icon: "ended", colour: "quiet", bar: "ended" },
  done: { icon: "done", colour: "good", bar: "good" },
  skipped: { icon: "ended", colour: "quiet", bar: "ended" },
  cancelled: { icon: "ended", colour: "quiet", bar: "ended" },
};

export const BATCH_LOOKS: Record<BatchState, Look> = {
  running: { icon: "up", colour: "accent", bar: "moving" },
  waiting: { icon: "wait", colour: "warn", bar: "still" },
  paused: { icon: "pausedState", colour: "quiet", bar: "still" },
  attention: { icon: "question", colour: "warn", bar: "still" },
  done: { icon: "done", colour: "good", bar: "still" },
};

/** How a row looks that waits for this: as it will. */
const PENDING_LOOK: Look = { icon: "ended", colour: "quiet", bar: "ended" };
const PENDING_REPLACE: Look = { icon: "up", colour: "quiet", bar: "still" };

/** How a row looks. */
export function lookOf({ state, pending }: Row): Look {
  if (pending === null) return LOOKS[state];
  return pending === "overwrite" ? PENDING_REPLACE : PENDING_LOOK;
}

/** Actions that stand as an icon at the row's end; the others are choices with words. */
export const ICON_ACTIONS: Partial<Record<Action, IconName>> = { pause: "pause", resume: "play", retry: "retry", cancel: "stop", remove: "close" };
