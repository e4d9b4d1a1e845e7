import { describe, expect, it } from "vitest";
import type { Page } from "../bindings/Page";
import type { Row } from "../bindings/Row";
import { awaiting, count, everything, has, moved, NOTHING, only, placeAfter, pruned, ranged, sameRows, settled, targetOf, toggled } from "./selection";
import { EMPTY, EVERY_ROW } from "./window";

const LIST = { ...EVERY_ROW, batch: 4, filter: "unverified" } as const;
const SORT = { by: "name", descending: true } as const;

/** Rows `first`, `first + 1` … that stand at `offset` of a list of 20,000. */
const held = (first: number, offset: number, rows = 40): Page => ({
  viewport: { ...EMPTY.page.viewport, offset, limit: rows },
  total: 20_000,
  rows: Array.from({ length: rows }, (_, place) => ({ id: first + place }) as Row),
});

describe("selection", () => {
  it("is one row after a click, whatever it was", () => {
    const selection = only(7, 3);
    expect([...selection.ids]).toEqual([7]);
    expect([selection.active, selection.anchor]).toEqual([3, { id: 7, place: 3 }]);
    expect(count(only(8, 4), 100)).toBe(1);
  });

  it("takes rows in and out", () => {
    const two = toggled(only(7, 3), 9, 5);
    expect([...two.ids]).toEqual([7, 9]);
    expect([...toggled(two, 7, 3).ids]).toEqual([9]);
  });

  it("keeps a range's anchor while its other end moves", () => {
    const down = ranged(only(110, 10), held(100, 0), 12);
    expect([[...down.ids], down.active, down.anchor]).toEqual([[110, 111, 112], 12, { id: 110, place: 10 }]);
    const up = ranged(down, held(100, 0), 8);
    expect([[...up.ids], up.active]).toEqual([[108, 109, 110], 8]);
  });

  it("says a range by its ends where the window has not all of it", () => {
    const start = only(105, 5);
    const waits = ranged(start, held(100, 0), 19_999);
    expect([waits.awaited, waits.ids, waits.active]).toEqual(["range", start.ids, 19_999]);
    const far = settled(waits, held(20_060, 19_960));
    expect([far.awaited, far.span, far.ids.size]).toEqual([null, { from: { id: 105, place: 5 }, to: { id: 20_099, place: 19_999 } }, 0]);
    expect(count(far, 20_000)).toBe(19_995);
    expect([4, 5, 6_000, 19_999].map((place) => has(far, 100 + place, place))).toEqual([false, true, true, true]);
    const range = { from: 105, to: 20_099, sort: "name", descending: true };
    expect(targetOf(far, LIST, SORT)).toEqual({ type: "part", list: LIST, range, except: [], also: [] });
  });

  it("lets rows out of a range, and takes others in", () => {
    const far = settled(ranged(only(105, 5), held(100, 0), 19_999), held(20_060, 19_960));
    const some = toggled(toggled(far, 205, 105), 102, 2);
    expect([has(some, 205, 105), has(some, 102, 2), count(some, 20_000)]).toEqual([false, true, 19_995]);
    expect(targetOf(some, LIST, SORT)).toMatchObject({ except: [205], also: [102] });
    expect(sameRows(far, some)).toBe(false);
    const back = toggled(toggled(some, 205, 105), 102, 2);
    expect([has(back, 205, 105), has(back, 102, 2), count(back, 20_000)]).toEqual([true, false, 19_995]);
  });

  it("keeps a range's ends with their rows when rows come before them", () => {
    const far = settled(ranged(only(105, 5), held(100, 0), 19_999), held(20_060, 19_960));
    const later = settled(far, held(98, 0));
    expect(later.span?.from).toEqual({ id: 105, place: 7 });
    expect(sameRows(far, later)).toBe(true);
    expect([has(later, 104, 6), has(later, 105, 7)]).toEqual([false, true]);
  });

  it("is the whole list after Ctrl+A, but for what is let out of it", () => {
    const all = everything(only(7, 3));
    expect([has(all, 12345, 9), count(all, 300_000)]).toEqual([true, 300_000]);
    expect(targetOf(all, LIST, SORT)).toEqual({ type: "matching", list: LIST });
    const but = toggled(all, 5, 2);
    expect([has(but, 5, 2), has(but, 6, 3), count(but, 300_000)]).toEqual([false, true, 299_999]);
    expect(targetOf(but, LIST, SORT)).toEqual({ type: "part", list: LIST, range: null, except: [5], also: [] });
    expect(targetOf(toggled(but, 5, 2), LIST, SORT)).toEqual({ type: "matching", list: LIST });
  });

  it("drops rows that are gone and nothing else", () => {
    const two = toggled(only(7, 3), 9, 5);
    expect([...pruned(two, new Set([9, 10])).ids]).toEqual([9]);
    expect(pruned(two, new Set([7, 9]))).toBe(two);
    expect(count(pruned(toggled(everything(two), 7, 3), new Set([8, 9])), 2)).toBe(2);
  });

  it("stays while the keyboard moves alone", () => {
    expect([...moved(only(7, 3), 8).ids]).toEqual([7]);
    expect(moved(only(7, 3), 8).active).toBe(8);
  });
});

describe("settled", () => {
  const page = (offset: number, total: number, ...ids: number[]): Page => ({
    viewport: { ...EMPTY.page.viewport, offset, limit: 40 },
    total,
    rows: ids.map((id) => ({ id }) as Row),
  });

  it("selects an awaited row once it is held", () => {
    const end = awaiting(99);
    expect(settled(end, page(0, 100, 1, 2))).toBe(end);
    const there = settled(end, page(98, 100, 8, 9));
    expect([[...there.ids], there.active, there.awaited]).toEqual([[9], 99, null]);
  });

  it("takes the last row where the list became shorter meanwhile", () => {
    const there = settled(awaiting(99), page(90, 92, 5, 6));
    expect([[...there.ids], there.active]).toEqual([[6], 91]);
  });

  it("stays with its row when rows before it leave", () => {
    const moved = settled(only(7, 3), page(0, 50, 4, 7, 9));
    expect([[...moved.ids], moved.active, moved.anchor]).toEqual([[7], 1, { id: 7, place: 1 }]);
  });

  it("lets go of a row that left, and selects none in its place", () => {
    const left = settled(only(7, 1), page(0, 50, 4, 5, 9));
    expect([[...left.ids], left.active, left.activeId]).toEqual([[], 1, 5]);
  });

  it("knows nothing of a row out of sight", () => {
    const far = only(7, 300);
    expect(settled(far, page(0, 500, 1, 2, 3))).toBe(far);
  });
});

describe("placeAfter", () => {
  it.each([
    ["ArrowDown", null, 0],
    ["ArrowDown", 4, 5],
    ["ArrowDown", 9, 9],
    ["ArrowUp", null, 9],
    ["ArrowUp", 4, 3],
    ["ArrowUp", 0, 0],
    ["PageDown", 4, 7],
    ["PageDown", 8, 9],
    ["PageUp", 4, 1],
    ["PageUp", 1, 0],
    ["Home", 4, 0],
    ["End", 4, 9],
    ["x", 4, null],
  ])("%s from %s leads to %s of ten", (key, active, expected) => {
    expect(placeAfter(key, active, 10, 3)).toBe(expected);
  });

  it("leads nowhere in an empty list", () => {
    expect(placeAfter("End", NOTHING.active, 0, 3)).toBeNull();
  });
});
