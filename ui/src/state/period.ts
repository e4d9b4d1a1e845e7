//! The days that the history shows. Pure.

import type { RowList } from "../bindings/RowList";

/** The usual spans, and days of the user's own. */
export const PERIODS = ["always", "today", "week", "month", "days"] as const;

/** Which days. `from` and `to` are for the user's own: as 2026-11-30, or empty. */
export interface Period {
  readonly kind: (typeof PERIODS)[number];
  readonly from: string;
  readonly to: string;
}

/** Whenever it was. */
export const ALWAYS: Period = { kind: "always", from: "", to: "" };

/** Days of a span that ends with today. */
const DAYS = { today: 1, week: 7, month: 30 } as const;

/** When the day begins that is so many days after this one, in milliseconds since 1970, by the clock on the wall. */
function dayFrom(day: Date, days: number): number {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days).getTime();
}

function typed(day: string, days: number): number | null {
  const [year = Number.NaN, month = Number.NaN, date = Number.NaN] = day.split("-").map(Number);
  const moment = dayFrom(new Date(year, month - 1, date), days);
  return Number.isNaN(moment) ? null : moment;
}

/** The moments that bound a period. The user's own last day belongs to it. */
export function boundsOf(period: Period, now: Date): Pick<RowList, "fromMs" | "untilMs"> {
  if (period.kind === "always") return { fromMs: null, untilMs: null };
  if (period.kind === "days") return { fromMs: typed(period.from, 0), untilMs: typed(period.to, 1) };
  return { fromMs: dayFrom(now, 1 - DAYS[period.kind]), untilMs: null };
}
