import { expect, it } from "vitest";
import { boundsOf, type Period } from "./period";

/** Midnight of a day, by the clock on the wall. */
const day = (year: number, month: number, date: number) => new Date(year, month - 1, date).getTime();
const now = new Date(2026, 2, 1, 13, 30);

it.each<[Period["kind"], string, string, number | null, number | null]>([
  ["always", "2026-01-01", "2026-01-02", null, null],
  ["today", "", "", day(2026, 3, 1), null],
  ["week", "", "", day(2026, 2, 23), null],
  ["month", "", "", day(2026, 1, 31), null],
  ["days", "2026-01-05", "2026-01-31", day(2026, 1, 5), day(2026, 2, 1)],
  ["days", "", "2026-01-05", null, day(2026, 1, 6)],
  ["days", "2026-01-05", "", day(2026, 1, 5), null],
  ["days", "", "", null, null],
])("%s, from %s to %s", (kind, from, to, fromMs, untilMs) => {
  expect(boundsOf({ kind, from, to }, now)).toEqual({ fromMs, untilMs });
});
