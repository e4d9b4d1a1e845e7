//! Which rows are selected, and where the keyboard stands. Pure.

import type { Target } from "../bindings/Target";

/** The selection. `all` means the whole queue, whatever its length; then `ids` is empty. */
export interface Selection {
  readonly all: boolean;
  readonly ids: ReadonlySet<number>;
  /** Place in the list where the keyboard stands. */
  readonly active: number | null;
  /** Place where a range begins. */
  readonly anchor: number | null;
}

/** Nothing selected. */
export const NOTHING: Selection = { all: false, ids: new Set(), active: null, anchor: null };

/** One row alone: a click, or an arrow key. */
export function only(id: number, index: number): Selection {
  return { all: false, ids: new Set([id]), active: index, anchor: index };
}

/** One row more or less: Ctrl+click, or Space. */
export function toggled(selection: Selection, id: number, index: number): Selection {
  // "All but one" cannot be asked of the host: a toggle begins a new selection there.
  const ids = new Set(selection.all ? [] : selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { all: false, ids, active: index, anchor: index };
}

/** The range from the anchor: Shift+click, or Shift with an arrow key. */
export function ranged(selection: Selection, ids: Iterable<number>, index: number): Selection {
  return { all: false, ids: new Set(ids), active: index, anchor: selection.anchor ?? index };
}

/** Every row of the queue. */
export function everything(selection: Selection): Selection {
  return { all: true, ids: new Set(), active: selection.active, anchor: selection.anchor };
}

/** The keyboard moved, the selection stays: Ctrl with an arrow key. */
export function moved(selection: Selection, index: number): Selection {
  return { ...selection, active: index };
}

/** First and last place of the range from the anchor to `index`. */
export function rangeTo(selection: Selection, index: number): readonly [number, number] {
  const anchor = selection.anchor ?? selection.active ?? index;
  return anchor <= index ? [anchor, index] : [index, anchor];
}

/** The place an arrow, page or end key leads to in a list of `total` rows; null if the key does not move. */
export function placeAfter(key: string, active: number | null, total: number, page: number): number | null {
  if (total === 0) return null;
  const from = active ?? -1;
  const within = (place: number) => Math.max(0, Math.min(total - 1, place));
  switch (key) {
    case "ArrowDown":
      return within(from + 1);
    case "ArrowUp":
      return active === null ? total - 1 : within(from - 1);
    case "PageDown":
      return within(from + page);
    case "PageUp":
      return within(Math.max(0, from) - page);
    case "Home":
      return 0;
    case "End":
      return total - 1;
    default:
      return null;
  }
}

/** Whether a row is selected. */
export function has(selection: Selection, id: number): boolean {
  return selection.all || selection.ids.has(id);
}

/** How many rows are selected, of `files` in the queue. */
export function count(selection: Selection, files: number): number {
  return selection.all ? files : selection.ids.size;
}

/** What an action on the selection is for. */
export function targetOf(selection: Selection): Target {
  return selection.all ? { type: "all" } : { type: "ids", ids: [...selection.ids] };
}

/** Drops rows that are gone, where `known` is every row of the list. */
export function pruned(selection: Selection, known: ReadonlySet<number>): Selection {
  if (selection.all || [...selection.ids].every((id) => known.has(id))) return selection;
  return { ...selection, ids: new Set([...selection.ids].filter((id) => known.has(id))) };
}
