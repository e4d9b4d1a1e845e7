import { describe, expect, it } from "vitest";
import type { Row } from "../bindings/Row";
import type { Update } from "../bindings/Update";
import type { WatchLine } from "../bindings/WatchLine";
import { chosen, destinationOf, EMPTY, EVERY_ROW, reduce, rowAt, rowById, type WindowState } from "./window";

const row = (id: number, change: Partial<Row> = {}): Row => ({
  id,
  batch: 1,
  name: `file-${String(id)}`,
  folder: "",
  destination: "",
  profile: "",
  size: 100,
  acked: 0,
  inFlight: 0,
  percent: 0,
  group: "active",
  actions: [],
  speed: 0,
  secondsLeft: null,
  state: "queued",
  partsDone: 0,
  parts: 0,
  retries: 0,
  finishedMs: null,
  problem: null,
  pending: null,
  replaced: false,
  alreadyThere: false,
  there: null,
  here: null,
  ...change,
});

const snapshot: Update = {
  type: "snapshot",
  seq: 1,
  profiles: [],
  chosenProfile: null,
  settings: { ...EMPTY.settings, language: "en", theme: "dark", parallel: 4 },
  mostParallel: 9,
  page: { viewport: { ...EMPTY.page.viewport, offset: 10, limit: 3 }, total: 50, rows: [row(11), row(12), row(13)] },
  batches: { ...EMPTY.batches, total: 1, open: 1 },
  work: null,
  totals: { ...EMPTY.totals, files: 50 },
  needs: [],
  notices: [{ type: "adding", files: 3 }],
  selected: EMPTY.selected,
  undo: null,
};

function after(...updates: Update[]): WindowState {
  return updates.reduce((state: WindowState, update) => {
    const step = reduce(state, update);
    if (step.kind === "gap") throw new Error(`gap at ${String(update.seq)}`);
    return step.state;
  }, EMPTY);
}

const rows = (seq: number, change: Partial<Extract<Update, { type: "rows" }>>): Update => ({ type: "rows", seq, page: null, rows: [], batches: null, work: null, totals: EMPTY.totals, needs: [], notices: [], selected: EMPTY.selected, undo: null, ...change });

describe("reduce", () => {
  it("takes a snapshot whole, at any number", () => {
    const state = after({ ...snapshot, seq: 41 });
    expect(state.seq).toBe(41);
    expect(state.page.rows.map((each) => each.id)).toEqual([11, 12, 13]);
    expect(state.notices).toHaveLength(1);
    expect([state.settings.theme, state.mostParallel]).toEqual(["dark", 9]);
  });

  it("keeps the batches until others are told", () => {
    const batches = { ...EMPTY.batches, total: 7 };
    expect(after(snapshot, rows(2, {})).batches.total).toBe(1);
    expect(after(snapshot, rows(2, { batches })).batches).toBe(batches);
  });

  it("puts changed rows in their places and keeps the others as they are", () => {
    const before = after(snapshot);
    const state = after(snapshot, rows(2, { rows: [row(12, { acked: 60, state: "uploading" }), row(99)], totals: { ...EMPTY.totals, acked: 60 } }));
    expect(state.page.rows.map((each) => [each.id, each.acked])).toEqual([
      [11, 0],
      [12, 60],
      [13, 0],
    ]);
    expect(state.page.rows[0]).toBe(before.page.rows[0]);
    expect(state.totals.acked).toBe(60);
    expect(state.notices).toEqual([]);
  });

  it("takes a new page in the place of the old", () => {
    const page = { viewport: { ...EMPTY.page.viewport, list: { ...EVERY_ROW, filter: "paused" as const, text: "x" }, limit: 5 }, total: 1, rows: [row(7)] };
    expect(after(snapshot, rows(2, { page })).page).toEqual(page);
  });

  it("changes profiles and settings without touching rows", () => {
    const state = after(snapshot, { type: "setup", seq: 2, profiles: [], chosenProfile: 3, settings: { ...EMPTY.settings, language: "zh" } });
    expect([state.chosenProfile, state.settings.language, state.page.rows.length]).toEqual([3, "zh", 3]);
  });

  it("knows what is dragged, and forgets it with a new snapshot", () => {
    const held = after(snapshot, { type: "dragging", seq: 2, count: 3, target: 7 });
    expect([held.dragging, held.dragTarget]).toEqual([3, 7]);
    const again = reduce(held, { ...snapshot, seq: 1 });
    expect(again.kind === "next" && again.state.dragging).toBe(0);
  });

  it("keeps the watched folders until others are told, also over a snapshot", () => {
    const watches = [{ id: 1 }, { id: 2 }] as WatchLine[];
    const told = after(snapshot, { type: "watches", seq: 2, watches }, rows(3, {}));
    expect(told.watches).toBe(watches);
    const again = reduce(told, { ...snapshot, seq: 1 });
    expect(again.kind === "next" && again.state.watches).toBe(watches);
    expect(after(snapshot, { type: "watches", seq: 2, watches }, { type: "watches", seq: 3, watches: [] }).watches).toEqual([]);
  });

  it.each([
    ["a message before the snapshot", EMPTY, 1],
    ["a missing message", after(snapshot), 3],
    ["a message twice", after(snapshot), 1],
  ])("finds %s", (_, state, seq) => {
    expect(reduce(state, rows(seq, {})).kind).toBe("gap");
  });
});

describe("lookups", () => {
  const state = after(snapshot);

  it("finds rows by number and by place in the list", () => {
    expect(rowById(state, 12)?.name).toBe("file-12");
    expect(rowById(state, 1)).toBeNull();
    expect([9, 10, 12, 13].map((index) => rowAt(state.page, index)?.id)).toEqual([undefined, 11, 13, undefined]);
  });

  it("shows where files go", () => {
    expect(destinationOf({ provider: "s3", bucket: "b", prefix: "a/b/" })).toBe("s3://b/a/b/");
    expect(chosen(state)).toBeNull();
  });
});
