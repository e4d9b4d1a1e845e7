import { describe, expect, it } from "vitest";
import { MOST_ROWS, OVERSCAN, rowsPerPage, rowWindow, scrollToShow, STEP } from "./scroll";

const ROW_HEIGHT = 28;

describe("rowWindow", () => {
  it("covers what is visible and the overscan, at every scroll position", () => {
    for (const height of [0, 51, 52, 366, 700, 4000]) {
      for (let top = 0; top < 40 * ROW_HEIGHT; top += 7) {
        const { offset, limit } = rowWindow(top, height, ROW_HEIGHT);
        const first = Math.floor(top / ROW_HEIGHT);
        const last = Math.floor((top + Math.max(0, height - 1)) / ROW_HEIGHT);
        expect(offset).toBeLessThanOrEqual(Math.max(0, first - OVERSCAN));
        expect(offset + limit).toBeGreaterThan(last + OVERSCAN - 1);
        expect(offset % STEP).toBe(0);
      }
    }
  });

  it("does not ask anew for each pixel", () => {
    const windows = new Set(Array.from({ length: ROW_HEIGHT * STEP }, (_, pixel) => JSON.stringify(rowWindow(100 * ROW_HEIGHT + pixel, 700, ROW_HEIGHT))));
    expect(windows.size).toBeLessThanOrEqual(2);
  });

  it("never asks for more than the host gives, nor before the first row", () => {
    expect(rowWindow(0, 1_000_000, ROW_HEIGHT).limit).toBe(MOST_ROWS);
    expect(rowWindow(-40, 300, ROW_HEIGHT).offset).toBe(0);
  });

  it("reaches the last of 300,000 rows", () => {
    const total = 300_000 * ROW_HEIGHT;
    const { offset, limit } = rowWindow(total - 700, 700, ROW_HEIGHT);
    expect(offset + limit).toBeGreaterThanOrEqual(300_000);
    // WebKit lays out lengths up to 2^25 pixels.
    expect(total).toBeLessThan(2 ** 25);
  });
});

describe("scrollToShow", () => {
  it.each([
    ["above", 104, 28, 500, 300, 104],
    ["below", 1040, 48, 0, 300, 1040 + 48 - 300],
    ["inside", 156, 28, 100, 300, 100],
    ["cut at the end", 380, 28, 100, 300, 380 + 28 - 300],
  ])("brings a line %s into sight", (_, top, lineHeight, scrollTop, height, expected) => {
    expect(scrollToShow(top, lineHeight, scrollTop, height)).toBe(expected);
  });
});

it("turns pages by whole rows, at least one", () => {
  expect([0, 27, 56, 365].map((height) => rowsPerPage(height, ROW_HEIGHT))).toEqual([1, 1, 2, 13]);
});
