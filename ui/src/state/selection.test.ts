import { describe, expect, it } from "vitest";
import type { Page } from "../bindings/Page";
import type { Row } from "../bindings/Row";
import { awaiting, count, everything, has, moved, NOTHING, only, placeAfter, pruned, ranged, rangeTo, settled, targetOf, toggled } from "./selection";
import { EMPTY, type RowList } from "./window";

describe("selection", () => {
  it("is one row after a click, whatever it was", () => {
    const selection = only(7, 3);
    expect([...selection.ids]).toEqual([7]);
    expect([selection.active, selection.anchor]).toEqual([3, 3]);
    expect(count(only(8, 4), 100)).toBe(1);
  });

  it("takes rows in and out", () => {
    const two = toggled(only(7, 3), 9, 5);
    expect([...two.ids]).toEqual([7, 9]);
    expect([...toggled(two, 7, 3).ids]).toEqual([9]);
  });

  it("keeps a range's anchor while its other end moves", () => {
    const start = only(7, 10);
    expect(rangeTo(start, 14)).toEqual([10, 14]);
    const down = ranged(start, [7, 8, 9], 12);
    expect(rangeTo(down, 6)).toEqual([6, 10]);
    expect([down.active, down.anchor]).toEqual([12, 10]);
  });

  it("is the whole list after Ctrl+A, and begins anew with a toggle", () => {
    const list: RowList = { batch: 4, filter: "unverified", text: "" };
    const all = everything(only(7, 3));
    expect([has(all, 12345), count(all, 300_000)]).toEqual([true, 300_000]);
    expect(targetOf(all, list)).toEqual({ type: "matching", ...list });
    expect(targetOf(toggled(all, 5, 2), list)).toEqual({ type: "ids", ids: [5] });
  });

  it("drops rows that are gone and nothing else", () => {
    const two = toggled(only(7, 3), 9, 5);
    expect([...pruned(two, new Set([9, 10])).ids]).toEqual([9]);
    expect(pruned(two, new Set([7, 9]))).toBe(two);
    expect(pruned(everything(two), new Set())).toEqual(everything(two));
  });

  it("stays while the keyboard moves alone", () => {
    expect([...moved(only(7, 3), 8).ids]).toEqual([7]);
    expect(moved(only(7, 3), 8).active).toBe(8);
  });
});

describe("settled", () => {
  const page = (offset: number, total: number, ...ids: number[]): Page => ({
    viewport: { ...EMPTY.page.viewport, filter: "active", offset, limit: 40 },
    total,
    rows: ids.map((id) => ({ id }) as Row),
  });

  it("selects an awaited row once it is held", () => {
    const end = awaiting(99);
    expect(settled(end, page(0, 100, 1, 2))).toBe(end);
    const there = settled(end, page(98, 100, 8, 9));
    expect([[...there.ids], there.active, there.awaited]).toEqual([[9], 99, false]);
  });

  it("takes the last row where the list became shorter meanwhile", () => {
    const there = settled(awaiting(99), page(90, 92, 5, 6));
    expect([[...there.ids], there.active]).toEqual([[6], 91]);
  });

  it("stays with its row when rows before it leave", () => {
    const moved = settled(only(7, 3), page(0, 50, 4, 7, 9));
    expect([[...moved.ids], moved.active, moved.anchor]).toEqual([[7], 1, 1]);
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
