import { describe, expect, it } from "vitest";
import { heightOf, heightOfAll, type Line, lineAt, lineCount, type Lines, placeOf, topOf, topOfBatches } from "./lines";

const cases: readonly (readonly [string, Lines, readonly string[]])[] = [
  ["batches alone", { batches: 3, open: null, rows: 5, fold: true, rowHeight: 28 }, ["batch 0", "batch 1", "batch 2"]],
  ["rows alone", { batches: 0, open: null, rows: 2, fold: false, rowHeight: 40 }, ["row 0", "row 1"]],
  ["an open batch in the middle", { batches: 3, open: 1, rows: 2, fold: false, rowHeight: 40 }, ["batch 0", "batch 1", "row 0", "row 1", "batch 2"]],
  ["a fold below the rows", { batches: 2, open: 0, rows: 1, fold: true, rowHeight: 28 }, ["batch 0", "row 0", "fold", "batch 1"]],
  ["an open batch whose rows are all folded", { batches: 1, open: 0, rows: 0, fold: true, rowHeight: 28 }, ["batch 0", "fold"]],
  ["nothing", { batches: 0, open: null, rows: 0, fold: false, rowHeight: 40 }, []],
];

const named = (line: Line | null) => (line === null ? "none" : line.kind === "fold" ? "fold" : `${line.kind} ${String(line.index)}`);

describe("lines", () => {
  it.each(cases)("%s", (_, lines, expected) => {
    expect(lineCount(lines)).toBe(expected.length);
    let top = 0;
    expected.forEach((name, place) => {
      const line = lineAt(lines, place);
      expect(named(line)).toBe(name);
      if (line === null) return;
      expect(placeOf(lines, line)).toBe(place);
      expect(topOf(lines, line)).toBe(top);
      top += heightOf(lines, line);
    });
    expect(heightOfAll(lines)).toBe(top);
    expect(lineAt(lines, expected.length)).toBeNull();
    expect(lineAt(lines, -1)).toBeNull();
  });
});

it("tells which batches are in sight beside many rows", () => {
  const lines: Lines = { batches: 9, open: 1, rows: 1000, fold: false, rowHeight: 28 };
  expect([0, 96, 97, 96 + 28_000, 96 + 28_000 + 48].map((top) => topOfBatches(lines, top))).toEqual([0, 96, 96, 96, 144]);
});
