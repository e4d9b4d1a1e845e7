import { describe, expect, it } from "vitest";
import type { RowState } from "../bindings/RowState";
import { actionsOf, applies, ended, running, wantsAttention } from "./actions";
import { endsBetween } from "./announce";
import { EMPTY } from "./window";

const STATES: Record<RowState, "running" | "resting" | "attention" | "ended"> = {
  queued: "running",
  uploading: "running",
  verifying: "running",
  waiting: "running",
  retrying: "running",
  paused: "resting",
  failed: "attention",
  conflict: "attention",
  sourceChanged: "attention",
  cancelling: "resting",
  done: "ended",
  skipped: "ended",
  cancelled: "ended",
};

describe("actions", () => {
  it.each(Object.entries(STATES) as [RowState, string][])("fit a row that is %s", (state, group) => {
    expect([running(state), wantsAttention(state), ended(state)]).toEqual([group === "running", group === "attention", group === "ended"]);
    expect(applies("pause", state)).toBe(group === "running");
    expect(applies("resume", state)).toBe(state === "paused");
    expect(applies("retry", state)).toBe(state === "failed");
    expect(applies("remove", state)).toBe(state !== "cancelling");
    expect(actionsOf(state).every((action) => applies(action, state))).toBe(true);
  });

  it("lets the user choose where a choice is due", () => {
    expect(actionsOf("conflict")).toEqual(["overwrite", "skip", "rename", "cancel"]);
    expect(actionsOf("sourceChanged")).toEqual(["startOver", "cancel"]);
  });
});

describe("endsBetween", () => {
  const totals = { ...EMPTY.totals, files: 10, active: 5, done: 2, attention: 1 };

  it("says nothing of progress", () => {
    expect(endsBetween(totals, { ...totals, sent: 99, speed: 5 })).toBeNull();
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
