//! Which rows are selected, and where the keyboard stands. Pure.

import type { Page } from "../bindings/Page";
import type { RowList } from "../bindings/RowList";
import type { Sort } from "../bindings/Sort";
import type { Target } from "../bindings/Target";
import { rowAt } from "./window";

/** What rows are sorted by. */
export interface SortOrder {
  readonly by: Sort;
  readonly descending: boolean;
}

/** A row, and its place in the list as it was last seen. */
export interface End {
  readonly id: number;
  readonly place: number;
}

/** The rows from one to another of the list, which the window need not hold. */
export interface Span {
  readonly from: End;
  readonly to: End;
}

/** The selection: every row of the list or a span of it, without `except`, and `ids` beside them. */
export interface Selection {
  /** Every row of the list, whatever its length. */
  readonly all: boolean;
  readonly span: Span | null;
  readonly ids: ReadonlySet<number>;
  readonly except: ReadonlySet<number>;
  /** Place in the list where the keyboard stands. */
  readonly active: number | null;
  /** Number of the row at that place; null while it is not known. */
  readonly activeId: number | null;
  /** What is selected as soon as the row at that place is known: a key led beyond the rows that are held. */
  readonly awaited: "row" | "range" | null;
  /** Where a range begins. */
  readonly anchor: End | null;
}

/** Nothing selected. */
export const NOTHING: Selection = { all: false, span: null, ids: new Set(), except: new Set(), active: null, activeId: null, awaited: null, anchor: null };

/** One row alone: a click, or an arrow key. */
export function only(id: number, index: number): Selection {
  return { ...NOTHING, ids: new Set([id]), active: index, activeId: id, anchor: { id, place: index } };
}

/** The row at a place that is not held yet: nothing is selected until it comes. */
export function awaiting(index: number): Selection {
  return { ...NOTHING, active: index, awaited: "row" };
}

/** One row more or less: Ctrl+click, or Space. */
export function toggled(selection: Selection, id: number, index: number): Selection {
  const ids = new Set(selection.ids);
  const except = new Set(selection.except);
  if (!has(selection, id, index)) {
    if (!except.delete(id)) ids.add(id);
  } else if (!ids.delete(id)) except.add(id);
  return { ...selection, ids, except, active: index, activeId: id, awaited: null, anchor: { id, place: index } };
}

/**
 * The range from the anchor to a place: Shift+click, or Shift with an arrow key. Where the window has every row of it, these
 * are selected; a longer one is said by its ends. While the row at the place is not held, the selection stays as it is.
 */
export function ranged(selection: Selection, page: Page, index: number): Selection {
  const { active, activeId } = selection;
  const anchor = selection.anchor ?? (active === null || activeId === null ? null : { id: activeId, place: active });
  const row = rowAt(page, index);
  if (row === null) return { ...selection, active: index, activeId: null, awaited: "range", anchor };
  const to = { id: row.id, place: index };
  const from = anchor ?? to;
  const ids = heldBetween(page, from, to);
  const begun = { ...NOTHING, active: index, activeId: row.id, anchor: from };
  return ids === null ? { ...begun, span: { from, to } } : { ...begun, ids };
}

/** The rows between two, both included; null where the window has not all of them. */
function heldBetween(page: Page, one: End, other: End): ReadonlySet<number> | null {
  const places = [one, other].map((end) => page.rows.findIndex((row) => row.id === end.id));
  const [first, last] = [Math.min(...places), Math.max(...places)];
  return first < 0 ? null : new Set(page.rows.slice(first, last + 1).map((row) => row.id));
}

/** Every row of the list. */
export function everything(selection: Selection): Selection {
  return { ...NOTHING, all: true, active: selection.active, activeId: selection.activeId, anchor: selection.anchor };
}

/** The keyboard moved, the selection stays: Ctrl with an arrow key. */
export function moved(selection: Selection, index: number): Selection {
  return { ...selection, active: index, activeId: null, awaited: null };
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

/** Whether more may be selected than is named. */
function isQuery(selection: Selection): boolean {
  return selection.all || selection.span !== null;
}

/** Whether the row with this number, at this place of the list, is selected. */
export function has(selection: Selection, id: number, index: number): boolean {
  const { all, span, ids, except } = selection;
  if (ids.has(id)) return true;
  if (except.has(id)) return false;
  if (span === null) return all;
  const { from, to } = span;
  // The ends know themselves, wherever they stand by now.
  if (id === from.id || id === to.id) return true;
  return index >= Math.min(from.place, to.place) && index <= Math.max(from.place, to.place);
}

/** How many rows are selected, of `files` in the list. */
export function count(selection: Selection, files: number): number {
  const { all, span, ids, except } = selection;
  const meant = span === null ? (all ? files : 0) : Math.abs(span.to.place - span.from.place) + 1;
  return Math.max(0, meant - except.size) + ids.size;
}

/** Whether two selections mean the same rows, wherever the keyboard stands. */
export function sameRows(one: Selection, other: Selection): boolean {
  const sameEnds = one.span?.from.id === other.span?.from.id && one.span?.to.id === other.span?.to.id;
  return one.all === other.all && sameEnds && one.ids === other.ids && one.except === other.except;
}

/** What an action on the selection is for, in a list that is sorted so. */
export function targetOf(selection: Selection, list: RowList, sort: SortOrder): Target {
  const { span, ids, except } = selection;
  if (!isQuery(selection)) return { type: "ids", ids: [...ids] };
  if (span === null && ids.size === 0 && except.size === 0) return { type: "matching", list };
  const range = span === null ? null : { from: span.from.id, to: span.to.id, sort: sort.by, descending: sort.descending };
  return { type: "part", list, range, except: [...except], also: [...ids] };
}

/** Drops rows that are gone, where `known` is every row of the list. */
export function pruned(selection: Selection, known: ReadonlySet<number>): Selection {
  const ids = within(selection.ids, known);
  const except = within(selection.except, known);
  return ids === selection.ids && except === selection.except ? selection : { ...selection, ids, except };
}

function within(ids: ReadonlySet<number>, known: ReadonlySet<number>): ReadonlySet<number> {
  const kept = [...ids].filter((id) => known.has(id));
  return kept.length === ids.size ? ids : new Set(kept);
}

/** A row at the place where it stands by now, if it is in sight. */
function seen<T extends End | null>(end: T, page: Page): T | End {
  const place = end === null ? -1 : page.rows.findIndex((row) => row.id === end.id);
  return end === null || place < 0 || page.viewport.offset + place === end.place ? end : { id: end.id, place: page.viewport.offset + place };
}

/** The selection with its ends where they stand by now. */
function inPlace(selection: Selection, page: Page): Selection {
  const anchor = seen(selection.anchor, page);
  const [from, to] = selection.span === null ? [null, null] : [seen(selection.span.from, page), seen(selection.span.to, page)];
  if (anchor === selection.anchor && from === (selection.span?.from ?? null) && to === (selection.span?.to ?? null)) return selection;
  return { ...selection, anchor, span: from === null || to === null ? null : { from, to } };
}

/** The selection over rows that came or moved: the keyboard stays with its row, and what is awaited is selected. */
export function settled(selection: Selection, page: Page): Selection {
  const { active, activeId, awaited } = selection;
  if (active === null) return selection;
  const last = Math.min(active, page.total - 1);
  const here = rowAt(page, last);
  if (awaited !== null) {
    if (here === null) return selection;
    return awaited === "row" ? only(here.id, last) : ranged(inPlace(selection, page), page, last);
  }
  if (activeId === null) return here === null ? selection : { ...inPlace(selection, page), activeId: here.id };
  const placed = inPlace(selection, page);
  const place = page.rows.findIndex((row) => row.id === activeId);
  if (place >= 0) {
    const now = page.viewport.offset + place;
    return now === active ? placed : { ...placed, active: now };
  }
  // Out of sight, or scrolled away from: nothing is known of it.
  if (here === null) return placed;
  // It left the list. What stands in its place is not what was selected.
  const ids = new Set(selection.ids);
  return ids.delete(activeId) ? { ...placed, ids, activeId: here.id } : { ...placed, activeId: here.id };
}
