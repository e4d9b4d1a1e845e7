import { describe, expect, it } from "vitest";
import { endsBetween } from "./announce";
import { EMPTY } from "./window";

describe("endsBetween", () => {
  const totals = { ...EMPTY.totals, files: 10, active: 5, done: 2, attention: 1 };

  it("says nothing of progress", () => {
    expect(endsBetween(totals, { ...totals, acked: 99, speed: 5 })).toBeNull();
  });

  it("sums up what ended", () => {
    expect(endsBetween(totals, { ...totals, active: 1, done: 5, attention: 2 })).toEqual({ done: 3, attention: 1, finished: false });
  });

  it("says when all has ended, but not while some are paused", () => {
    expect(endsBetween(totals, { ...totals, active: 0, done: 7 })?.finished).toBe(true);
    expect(endsBetween(totals, { ...totals, active: 0, paused: 5 })).toBeNull();
  });

  it("is not misled by rows that were taken off the list", () => {
    expect(endsBetween(totals, { ...totals, done: 0, attention: 0 })).toBeNull();
  });
});
