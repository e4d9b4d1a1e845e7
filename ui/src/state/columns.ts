//! How wide the columns of the list are. Pure, but for where it is kept.

/** The columns that can be made wider; the name takes what they leave. */
export type Column = "size" | "state";

/** Widths in CSS pixels. */
export type Widths = Record<Column, number>;

/** Least, usual and most width of each. */
export const BOUNDS: Record<Column, readonly [least: number, usual: number, most: number]> = {
  size: [56, 72, 160],
  state: [140, 248, 480],
};

const KEPT = "columns";

/** A width within the bounds of its column. */
export function bounded(column: Column, width: number): number {
  const [least, , most] = BOUNDS[column];
  return Math.round(Math.max(least, Math.min(most, width)));
}

/** The widths of the last time, or the usual ones. */
export function keptWidths(storage: Pick<Storage, "getItem">): Widths {
  const [size, state] = (storage.getItem(KEPT) ?? "").split(" ").map(Number);
  const of = (column: Column, width: number | undefined) => (width === undefined || !(width > 0) ? BOUNDS[column][1] : bounded(column, width));
  return { size: of("size", size), state: of("state", state) };
}

/** Keeps the widths for the next time. */
export function keepWidths(storage: Pick<Storage, "setItem">, { size, state }: Widths): void {
  storage.setItem(KEPT, `${String(size)} ${String(state)}`);
}
