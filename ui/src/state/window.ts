//! What the window knows, and how messages change it. Pure.

import type { Batch } from "../bindings/Batch";
import type { BatchPage } from "../bindings/BatchPage";
import type { Cause } from "../bindings/Cause";
import type { Notice } from "../bindings/Notice";
import type { Page } from "../bindings/Page";
import type { ProfileView } from "../bindings/ProfileView";
import type { Provider } from "../bindings/Provider";
import type { Row } from "../bindings/Row";
import type { RowList } from "../bindings/RowList";
import type { Selected } from "../bindings/Selected";
import type { Settings } from "../bindings/Settings";
import type { Target } from "../bindings/Target";
import type { Totals } from "../bindings/Totals";
import type { Undo } from "../bindings/Undo";
import type { Update } from "../bindings/Update";
import type { WatchLine } from "../bindings/WatchLine";
import type { Work } from "../bindings/Work";
import { NO_LIMIT } from "./limit";
import { BLANK_NETWORK } from "./network";

/** A list of every row. */
export const EVERY_ROW: RowList = { batch: null, filter: "all", text: "", fault: null, profile: null, fromMs: null, untilMs: null };

/** Whether two lists show the same rows. */
export function sameList(one: RowList, other: RowList): boolean {
  return (Object.keys(EVERY_ROW) as (keyof RowList)[]).every((key) => one[key] === other[key]);
}

/** What is meant by all of a list. */
export function matching(list: Partial<RowList>): Target {
  return { type: "matching", list: { ...EVERY_ROW, ...list } };
}

/** Everything the window shows that comes from the host. */
export interface WindowState {
  /** Number of the last message; null before the first snapshot. */
  readonly seq: number | null;
  readonly profiles: readonly ProfileView[];
  readonly chosenProfile: number | null;
  readonly settings: Settings;
  /** The most requests side by side that they take. */
  readonly mostParallel: number;
  readonly page: Page;
  readonly batches: BatchPage;
  /** What is being uploaded; null while nothing is. */
  readonly work: Work | null;
  readonly totals: Totals;
  /** What needs the user, by cause. */
  readonly needs: readonly Cause[];
  readonly notices: readonly Notice[];
  /** The watched folders, in the order they were made. */
  readonly watches: readonly WatchLine[];
  /** What actions would meet in the selection of that number. */
  readonly selected: Selected;
  /** What was done last and can be undone. */
  readonly undo: Undo | null;
  /** Files and folders held over the window. */
  readonly dragging: number;
  /** The destination in the sidebar that they are held over. */
  readonly dragTarget: number | null;
  /** The window is to close while files are on their way, and waits for an answer; whether there is a tray. */
  readonly closing: { readonly tray: boolean } | null;
}

/** The state before the first snapshot. */
export const EMPTY: WindowState = {
  seq: null,
  profiles: [],
  chosenProfile: null,
  settings: {
    language: "system",
    theme: "system",
    density: "compact",
    partSize: null,
    historyDays: null,
    log: "warnings",
    parallel: null,
    limit: NO_LIMIT,
    links: { kind: { type: "signed", seconds: 86_400 }, format: { type: "url" }, pattern: "{name}: {url}" },
    hours: "",
    onMetered: "upload",
    interface: "",
    exclude: [],
    network: BLANK_NETWORK,
    desktop: { onClose: "ask", tray: true, keepAwake: true, notifyDone: true, notifyNeeds: true },
    integrity: "standard",
    existing: "ask",
    connectSeconds: null,
    idleSeconds: null,
    audit: { on: false, file: "", forced: null },
    hooks: [],
    updates: null,
  },
  mostParallel: 1,
  page: { viewport: { list: EVERY_ROW, sort: "queue", descending: false, offset: 0, limit: 0, batches: "now", batchOffset: 0, batchLimit: 0 }, total: 0, rows: [] },
  batches: { view: "now", offset: 0, total: 0, open: 0, batches: [] },
  work: null,
  totals: { files: 0, bytes: 0, acked: 0, inFlight: 0, percent: 0, speed: 0, secondsLeft: null, limitedBy: null, active: 0, paused: 0, attention: 0, conflict: 0, changed: 0, failed: 0, needs: 0, done: 0, endedOtherwise: 0, today: { verified: 0, verifiedBytes: 0, lastError: null } },
  needs: [],
  notices: [],
  watches: [],
  selected: { number: 0, files: 0, unfinished: 0, done: 0, actions: [] },
  undo: null,
  dragging: 0,
  dragTarget: null,
  closing: null,
};

/** What a message did. After a gap the window has to subscribe again; until then its state stays as it was. */
export type Step = { readonly kind: "next"; readonly state: WindowState } | { readonly kind: "gap" };

/** The state after a message. */
export function reduce(state: WindowState, update: Update): Step {
  if (update.type !== "snapshot" && (state.seq === null || update.seq !== state.seq + 1)) return { kind: "gap" };
  const { seq } = update;
  switch (update.type) {
    case "snapshot": {
      const { profiles, chosenProfile, settings, mostParallel, page, batches, work, totals, needs, notices, selected, undo } = update;
      // They are told of on their own, soon.
      const { watches } = state;
      return next({ seq, profiles, chosenProfile, settings, mostParallel, page, batches, work, totals, needs, notices, watches, selected, undo, dragging: 0, dragTarget: null, closing: null });
    }
    case "rows": {
      const page = update.page ?? withRows(state.page, update.rows);
      const { work, totals, needs, notices, selected, undo } = update;
      return next({ ...state, seq, page, batches: update.batches ?? state.batches, work, totals, needs, notices, selected, undo });
    }
    case "setup": {
      const { profiles, chosenProfile, settings } = update;
      return next({ ...state, seq, profiles, chosenProfile, settings });
    }
    case "watches":
      return next({ ...state, seq, watches: update.watches });
    case "closeAsked":
      return next({ ...state, seq, closing: { tray: update.tray } });
    case "dragging":
      return next({ ...state, seq, dragging: update.count, dragTarget: update.target });
  }
}

function next(state: WindowState): Step {
  return { kind: "next", state };
}

function withRows(page: Page, changed: readonly Row[]): Page {
  if (changed.length === 0) return page;
  const byId = new Map(changed.map((row) => [row.id, row]));
  return { ...page, rows: page.rows.map((row) => byId.get(row.id) ?? row) };
}

/** The profile that new files go to. */
export function chosen(state: WindowState): ProfileView | null {
  return state.profiles.find((profile) => profile.id === state.chosenProfile) ?? null;
}

/** The row with this number, if it is among those the window has. */
export function rowById(state: WindowState, id: number): Row | null {
  return state.page.rows.find((row) => row.id === id) ?? null;
}

/** The row at this place of the filtered list, if it is among those the window has. */
export function rowAt(page: Page, index: number): Row | null {
  return page.rows[index - page.viewport.offset] ?? null;
}

/** The batch with this number, if it is among those the window has. */
export function batchById(state: WindowState, id: number | null): Batch | null {
  return state.batches.batches.find((batch) => batch.id === id) ?? null;
}

/** The notice of what stops the work of now; null while anything of it moves, or nothing is told. */
export function stopOf({ work, notices, profiles }: WindowState): Notice | null {
  if (work === null || work.speed > 0) return null;
  const names = new Set(work.profiles);
  const endpoints = new Set(profiles.filter(({ name }) => names.has(name)).map(({ form }) => form.endpoint));
  const stops = (notice: Notice) => {
    if (notice.type === "offline") return endpoints.has(notice.endpoint);
    if (notice.type === "profileHeld") return names.has(notice.name);
    return ["journal", "volumeMissing", "standby"].includes(notice.type);
  };
  return notices.find(stops) ?? null;
}

/** Where a profile's files go, as `oss://bucket/prefix`. */
export function destinationOf(form: { provider: Provider; bucket: string; prefix: string }): string {
  return `${form.provider}://${form.bucket}/${form.prefix}`;
}
