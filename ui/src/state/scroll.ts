//! Which rows of a long list are asked for and drawn. Pure.
//!
//! The list is drawn in a box as high as all rows together; WebKit and Blink lay out up to 2^25 pixels, so rows of 28 pixels
//! reach to 1,198,000. Only a window of rows around the visible ones is in the document.

import type { Density } from "../bindings/Density";

/** Height of a row in CSS pixels. `--row` in the style sheet says the same. */
export const ROW_HEIGHTS: Readonly<Record<Density, number>> = { compact: 28, comfortable: 40 };
/** Rows drawn beyond each edge of the visible part. */
export const OVERSCAN = 12;
/** The window moves in steps of this many rows, so that scrolling by a few pixels asks for nothing. */
export const STEP = 8;
/** The most rows one request may ask for. */
export const MOST_ROWS = 500;

/** A range of rows: `offset` before it, `limit` in it. */
export interface RowWindow {
  readonly offset: number;
  readonly limit: number;
}

/** The rows to hold for a scroll position and a height in CSS pixels. It does not depend on the list's length, which may grow any moment. */
export function rowWindow(scrollTop: number, height: number, rowHeight: number): RowWindow {
  const first = Math.max(0, Math.floor(Math.max(0, scrollTop) / rowHeight) - OVERSCAN);
  const offset = first - (first % STEP);
  const visible = Math.ceil(Math.max(0, height) / rowHeight) + 1;
  const limit = Math.ceil((visible + 2 * OVERSCAN + STEP) / STEP) * STEP;
  return { offset, limit: Math.min(MOST_ROWS, limit) };
}

/** The scroll position nearest to `scrollTop` that shows what stands at `top` with this height whole. */
export function scrollToShow(top: number, rowHeight: number, scrollTop: number, height: number): number {
  if (top < scrollTop) return top;
  const bottom = top + rowHeight;
  return bottom > scrollTop + height ? bottom - height : scrollTop;
}

/** Rows that fit whole into a height, at least one: the length of a Page Down. */
export function rowsPerPage(height: number, rowHeight: number): number {
  return Math.max(1, Math.floor(height / rowHeight));
}
