//! What a screen reader is told: ends, summed up; never progress. Pure.

import type { Totals } from "../bindings/Totals";

/** What changed since the last announcement. */
export interface Ends {
  readonly done: number;
  readonly attention: number;
  /** Whether nothing is under way any more. */
  readonly finished: boolean;
}

/** The ends between two sums; null if there is nothing to say. */
export function endsBetween(before: Totals, after: Totals): Ends | null {
  const done = Math.max(0, after.done - before.done);
  const attention = Math.max(0, after.attention - before.attention);
  const finished = before.active > 0 && after.active === 0 && after.paused === 0 && after.files > 0;
  return done === 0 && attention === 0 && !finished ? null : { done, attention, finished };
}
