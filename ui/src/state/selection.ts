//! Which rows are selected, and where the keyboard stands. Pure.

import type { Page } from "../bindings/Page";
import type { Target } from "../bindings/Target";
import { type RowList, rowAt } from "./window";

/** The selection. `all` means every row of the list, whatever its length; then `ids` is empty. */
export interface Selection {
  readonly all: boolean;
  readonly ids: ReadonlySet<number>;
  /** Place in the list where the keyboard stands. */
  readonly active: number | null;
  /** Number of the row at that place; null while it is not known. */
  readonly activeId: number | null;
  /** Whether the row at that place is to be selected as soon as it is known: a key led beyond the rows that are held. */
  readonly awaited: boolean;
  /** Place where a range begins. */
  readonly anchor: number | null;
}

/** Nothing selected. */
export const NOTHING: Selection = { all: false, ids: new Set(), active: null, activeId: null, awaited: false, anchor: null };

/** One row alone: a click, or an arrow key. */
export function only(id: number, index: number): Selection {
  return { all: false, ids: new Set([id]), active: index, activeId: id, awaited: false, anchor: index };
}

/** The row at a place that is not held yet: nothing is selected until it comes. */
export function awaiting(index: number): Selection {
  return { all: false, ids: new Set(), active: index, activeId: null, awaited: true, anchor: index };
}

/** One row more or less: Ctrl+click, or Space. */
export function toggled(selection: Selection, id: number, index: number): Selection {
  // "All but one" cannot be asked of the host: a toggle begins a new selection there.
  const ids = new Set(selection.all ? [] : selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { all: false, ids, active: index, activeId: id, awaited: false, anchor: index };
}

/** The range from the anchor: Shift+click, or Shift with an arrow key. */
export function ranged(selection: Selection, ids: Iterable<number>, index: number): Selection {
  return { all: false, ids: new Set(ids), active: index, activeId: null, awaited: false, anchor: selection.anchor ?? index };
}

/** Every row of the list. */
export function everything(selection: Selection): Selection {
  return { ...selection, all: true, ids: new Set(), awaited: false };
}

/** The keyboard moved, the selection stays: Ctrl with an arrow key. */
export function moved(selection: Selection, index: number): Selection {
  return { ...selection, active: index, activeId: null, awaited: false };
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

/** How many rows are selected, of `files` in the list. */
export function count(selection: Selection, files: number): number {
  return selection.all ? files : selection.ids.size;
}

/** What an action on the selection is for. */
export function targetOf(selection: Selection, list: RowList): Target {
  return selection.all ? { type: "matching", ...list } : { type: "ids", ids: [...selection.ids] };
}

/** Drops rows that are gone, where `known` is every row of the list. */
export function pruned(selection: Selection, known: ReadonlySet<number>): Selection {
  if (selection.all || [...selection.ids].every((id) => known.has(id))) return selection;
  return { ...selection, ids: new Set([...selection.ids].filter((id) => known.has(id))) };
}

/** The selection over rows that came or moved: the keyboard stays with its row, and an awaited row is selected. */
export function settled(selection: Selection, page: Page): Selection {
  const { active, activeId } = selection;
  if (active === null) return selection;
  const here = rowAt(page, Math.min(active, page.total - 1));
  if (selection.awaited) return here === null ? selection : only(here.id, Math.min(active, page.total - 1));
  if (activeId === null) return here === null ? selection : { ...selection, activeId: here.id };
  const place = page.rows.findIndex((row) => row.id === activeId);
  if (place >= 0) {
    const now = page.viewport.offset + place;
    return now === active ? selection : { ...selection, active: now, anchor: selection.anchor === active ? now : selection.anchor };
  }
  // Out of sight, or scrolled away from: nothing is known of it.
  if (here === null) return selection;
  // It left the list. What stands in its place is not what was selected.
  const ids = new Set(selection.ids);
  return ids.delete(activeId) ? { ...selection, ids, activeId: here.id } : { ...selection, activeId: here.id };
}
