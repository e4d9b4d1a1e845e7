//! The window's store: the host's messages reduced to state, and what the user is looking at.

import type { Action } from "../bindings/Action";
import type { Batch } from "../bindings/Batch";
import type { CloseChoice } from "../bindings/CloseChoice";
import type { Filter } from "../bindings/Filter";
import type { MoveTo } from "../bindings/MoveTo";
import type { Page } from "../bindings/Page";
import type { Problem } from "../bindings/Problem";
import type { Selected } from "../bindings/Selected";
import type { Settings } from "../bindings/Settings";
import type { Sort } from "../bindings/Sort";
import type { Target } from "../bindings/Target";
import type { Update } from "../bindings/Update";
import type { Viewport } from "../bindings/Viewport";
import type { Platform } from "../platform/platform";
import { problemFrom } from "../platform/problem";
import { inEveryLanguage } from "../text/catalogue";
import { chooseLanguage } from "../text/format";
import { type Text, textOf } from "../text/text";
import { type RowWindow, requestsFor } from "./scroll";
import { NOTHING, pruned, type Selection, settled, targetOf } from "./selection";
import { FOLD_FROM } from "./lines";
import { batchById, EMPTY, reduce, rowAt, type RowList, type WindowState } from "./window";

/** The most rows that a selection over a part of the list gathers. */
export const MOST_GATHERED = 5000;

/** Milliseconds between two speeds that are kept, and how many are. */
const SPEED_EVERY = 1000;
const SPEEDS_KEPT = 300;

/** What rows are sorted by. */
export interface SortOrder {
  readonly by: Sort;
  readonly descending: boolean;
}
const UNSORTED: SortOrder = { by: "queue", descending: false };

/** What the main part of the window shows. */
export type View = "now" | "needs" | "done" | "history";

interface Gathering {
  readonly viewport: Viewport;
  readonly resolve: (ids: readonly number[]) => void;
}

/** The store. One for the window. */
export class Ferry {
  /** What the host told last. */
  window = $state.raw<WindowState>(EMPTY);
  /** What the main part of the window shows. */
  view = $state<View>("now");
  /** The batch whose files are shown. */
  openBatch = $state<number | null>(null);
  /** That batch as it was last seen: it may be scrolled out of what the window has. */
  opened = $state.raw<Batch | null>(null);
  /** Counts the batches that were opened because they had just come. */
  openedByItself = $state(0);
  /** Whether the open batch shows its verified files too. */
  unfolded = $state(false);
  /** Which rows the history shows. */
  filter = $state<Filter>("all");
  /** Only names with this in them. */
  search = $state("");
  /** What rows are sorted by, and in which direction. */
  sort = $state.raw<SortOrder>(UNSORTED);
  /** The speeds of the last minutes, one each second, the newest last. */
  speeds = $state.raw<readonly number[]>([]);
  /** A command that failed, until the user closes it. */
  trouble = $state.raw<Problem | null>(null);

  /** The words of the chosen language. */
  readonly text: Text;

  readonly platform: Platform;
  #selection = $state.raw<Selection>(NOTHING);
  /** Counts up with each selection: the host's answer carries it. */
  #selectionNumber = $state(0);
  #selecting = false;
  #selectionTold = 0;
  /** Who waits until the selection is known. */
  #waiters: (() => void)[] = [];
  #rows: RowWindow = { offset: 0, limit: 40 };
  #batches: RowWindow = { offset: 0, limit: 40 };
  /** The newest batch that was seen: a newer one is opened. */
  #newest = 0;
  #speedAt = 0;
  #subscription = 0;
  #asked: Viewport | null = null;
  #asking = false;
  #gathering: Gathering | null = null;
  /** The settings asked for last. Nobody else changes them. */
  #settings: Settings | null = null;
  /** Whether the host told of settings since it took them. */
  #told = true;
  /** A password that goes with the next settings, and only with them. */
  #proxyPassword = "";
  #sending: Promise<Problem | null> | null = null;

  constructor(platform: Platform, systemLanguages: readonly string[]) {
    this.platform = platform;
    this.text = $derived(textOf(chooseLanguage(this.window.settings.language, systemLanguages)));
  }

  /** What the user selected. */
  get selection(): Selection {
    return this.#selection;
  }

  set selection(selection: Selection) {
    const before = this.#selection;
    this.#selection = this.current ? settled(selection, this.window.page) : selection;
    if (before.all !== this.#selection.all || before.ids !== this.#selection.ids) this.#select();
    else this.#release();
  }

  /** What actions would meet in the selection; null while the host has not counted it yet. */
  get selected(): Selected | null {
    const { selected } = this.window;
    return selected.number === this.#selectionNumber ? selected : null;
  }

  /** Resolves once the row where the keyboard stands is known and the selection is counted: only then may it be acted on. */
  known(): Promise<void> {
    if (this.#isKnown()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #isKnown(): boolean {
    return !this.#selection.awaited && this.selected !== null;
  }

  #release(): void {
    if (!this.#isKnown()) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const go of waiters) go();
  }

  #select(): void {
    this.#selectionNumber += 1;
    if (!this.#selecting) void this.#tellSelection();
  }

  /** Tells the selection, one message at a time: while one is on its way, newer ones replace each other. */
  async #tellSelection(): Promise<void> {
    this.#selecting = true;
    try {
      while (this.#selectionTold !== this.#selectionNumber) {
        this.#selectionTold = this.#selectionNumber;
        await this.platform.select(this.#selectionTold, targetOf(this.#selection, this.list));
      }
    } catch (reason) {
      this.trouble = problemFrom(reason);
    } finally {
      this.#selecting = false;
    }
  }

  /** Begins, or begins again after a gap, to listen. Messages of an earlier subscription are dropped. */
  subscribe(): void {
    this.#subscription += 1;
    const mine = this.#subscription;
    this.#asked = null;
    this.attempt(
      this.platform.subscribe((update) => {
        if (mine === this.#subscription) this.#receive(update);
      }),
    );
  }

  #receive(update: Update): void {
    const step = reduce(this.window, this.#withoutGathered(update));
    if (step.kind === "gap") {
      this.subscribe();
      return;
    }
    this.window = step.state;
    this.opened = batchById(this.window, this.openBatch) ?? this.opened;
    this.#openNewest();
    this.#keepSpeed();
    // A batch that grows is folded, which asks for other rows.
    if (this.window.page.viewport.filter !== this.list.filter) this.#ask();
    if ((update.type === "setup" || update.type === "snapshot") && this.#sending === null) this.#told = true;
    if (update.type === "snapshot") {
      // A page asked for before it will not come any more.
      this.#gathering?.resolve([]);
      this.#gathering = null;
      this.#ask();
      // The host begins with nothing selected.
      if (this.#selectionNumber > 0) this.#select();
    }
    const { rows, total } = step.state.page;
    const { selection } = this;
    // Also where nothing is dropped: rows came or moved under the keyboard.
    this.selection = rows.length === total ? pruned(selection, new Set(rows.map((row) => row.id))) : selection;
  }

  /** Takes a page that was asked for to gather numbers, so that the list does not jump to it. */
  #withoutGathered(update: Update): Update {
    const gathering = this.#gathering;
    if (gathering === null || update.type !== "rows" || update.page === null || !same(update.page.viewport, gathering.viewport)) return update;
    this.#gathering = null;
    gathering.resolve(update.page.rows.map((row) => row.id));
    return { ...update, page: null, rows: update.page.rows };
  }

  /** Opens a batch that has just come, where batches are shown and nothing is selected. */
  #openNewest(): void {
    const { batches, view } = this.window.batches;
    const newest = batches.reduce((most, batch) => Math.max(most, batch.id), 0);
    if (newest <= this.#newest || view !== "now" || this.view !== "now") return;
    this.#newest = newest;
    if (this.openBatch !== null && this.selection.ids.size > 0) return;
    this.#open(newest);
    this.openedByItself += 1;
  }

  #keepSpeed(): void {
    const { work } = this.window;
    const now = Date.now();
    if (work === null) {
      if (this.speeds.length > 0) this.speeds = [];
    } else if (now - this.#speedAt >= SPEED_EVERY) {
      this.#speedAt = now;
      this.speeds = [...this.speeds.slice(1 - SPEEDS_KEPT), work.speed];
    }
  }

  /** Shows another view. */
  show(view: View): void {
    if (view === this.view) return;
    this.view = view;
    this.#batches = { ...this.#batches, offset: 0 };
    this.#open(null);
  }

  /** Shows a batch's files, or hides them again. */
  toggleBatch(id: number): void {
    this.#open(this.openBatch === id ? null : id);
  }

  #open(id: number | null): void {
    this.openBatch = id;
    this.opened = batchById(this.window, id);
    // Once it ended, what was verified is all that there is to see.
    this.unfolded = this.opened?.state === "done";
    this.#another();
  }

  /** Shows the verified files of the open batch too. */
  unfold(): void {
    this.unfolded = true;
    this.#another();
  }

  /** Shows another part of the history. */
  lookAt(filter: Filter, search: string): void {
    if (filter === this.filter && search === this.search) return;
    this.filter = filter;
    this.search = search;
    this.#another();
  }

  /** Sorts by this; the second time the other way round, the third time as the queue is. */
  sortBy(by: Sort): void {
    if (this.sort.by !== by) this.sort = { by, descending: false };
    else this.sort = this.sort.descending ? UNSORTED : { by, descending: true };
    this.#another();
  }

  /** Whether rows can be moved: they stand as they are taken. */
  get movesRows(): boolean {
    return this.showsBatches && this.sort.by === "queue";
  }

  #another(): void {
    this.selection = NOTHING;
    this.#rows = { ...this.#rows, offset: 0 };
    this.#ask();
  }

  /** Says which rows and batches the list draws. */
  showRows(rows: RowWindow, batches: RowWindow): void {
    const same = (one: RowWindow, other: RowWindow) => one.offset === other.offset && one.limit === other.limit;
    if (same(rows, this.#rows) && same(batches, this.#batches)) return;
    this.#rows = rows;
    this.#batches = batches;
    this.#ask();
  }

  /** Which rows the list shows. */
  get list(): RowList {
    switch (this.view) {
      case "now":
        return { batch: this.openBatch, filter: this.folds ? "unverified" : "all", text: "" };
      case "done":
        return { batch: this.openBatch, filter: "all", text: "" };
      case "needs":
        return { batch: null, filter: "attention", text: "" };
      case "history":
        return { batch: null, filter: this.filter, text: this.search };
    }
  }

  /** Whether the list shows batches, and rows only of the open one. */
  get showsBatches(): boolean {
    return this.view === "now" || this.view === "done";
  }

  /** Whether verified files of the open batch are folded into one line. */
  get folds(): boolean {
    return this.view === "now" && !this.unfolded && (this.opened?.files ?? 0) > FOLD_FROM;
  }

  /** Whether the page that is held answers what the list shows now. */
  get current(): boolean {
    const { viewport } = this.window.page;
    const { list, sort } = this;
    const sameRows = viewport.batch === list.batch && viewport.filter === list.filter && viewport.text === list.text;
    return sameRows && viewport.sort === sort.by && viewport.descending === sort.descending;
  }

  #viewport(rows: RowWindow): Viewport {
    const noRows = this.showsBatches && this.openBatch === null;
    return {
      ...this.list,
      sort: this.sort.by,
      descending: this.sort.descending,
      offset: noRows ? 0 : rows.offset,
      limit: noRows ? 0 : rows.limit,
      batches: this.view === "done" ? "done" : "now",
      batchOffset: this.#batches.offset,
      batchLimit: this.#batches.limit,
    };
  }

  /** Sends the newest wish, one request at a time: while one is on its way, wishes replace each other. */
  #ask(): void {
    if (this.#asking || this.#gathering !== null || this.window.seq === null) return;
    const wish = this.#viewport(this.#rows);
    if (this.#asked !== null && same(this.#asked, wish)) return;
    this.#asking = true;
    this.#asked = wish;
    this.platform
      .setViewport(wish)
      .catch((reason: unknown) => {
        this.trouble = problemFrom(reason);
      })
      .finally(() => {
        this.#asking = false;
        if (this.window.seq !== null) this.#ask();
      });
  }

  /** The numbers of the rows `from`..=`to` of the list, at most [`MOST_GATHERED`]. Those not held are asked for. */
  async gather(from: number, to: number): Promise<readonly number[]> {
    const last = Math.min(to, this.window.page.total - 1);
    const held = heldIds(this.window.page, from, last);
    if (held !== null || this.#gathering !== null) return held ?? [];
    const ids: number[] = [];
    for (const rows of requestsFor(from, last, MOST_GATHERED)) ids.push(...(await this.#page(this.#viewport(rows))));
    this.#asked = null;
    this.#ask();
    return ids;
  }

  #page(viewport: Viewport): Promise<readonly number[]> {
    return new Promise((resolve) => {
      this.#gathering = { viewport, resolve };
      this.platform.setViewport(viewport).catch((reason: unknown) => {
        this.trouble = problemFrom(reason);
        this.#gathering = null;
        resolve([]);
      });
    });
  }

  /** Waits for a command and shows what it was rejected with. */
  attempt(work: Promise<unknown>): void {
    work.catch((reason: unknown) => {
      this.trouble = problemFrom(reason);
    });
  }

  /** Queues what is on the clipboard, and says where nothing on it can be. */
  paste(): void {
    const paste = async () => {
      if ((await this.platform.paste()) !== "nothing") return;
      this.trouble = {
        kind: "nothingToPaste",
        sentence: inEveryLanguage((text) => text.paste.nothing),
        hint: inEveryLanguage((text) => text.paste.nothingHint),
        code: null,
        ec: null,
        requestId: null,
        report: this.text.paste.nothing,
        suggestedEndpoint: null,
      };
    };
    this.attempt(paste());
  }

  /** Answers what shall become of the files on their way; the question is gone then. */
  answerClose(choice: CloseChoice, remember: boolean): void {
    this.window = { ...this.window, closing: null };
    this.attempt(this.platform.answerClose(choice, remember));
  }

  /** Does something with transfers. */
  act(action: Action, target: Target): void {
    this.attempt(this.platform.act(action, target));
  }

  /** Moves files within their batches. */
  move(target: Target, place: MoveTo): void {
    this.attempt(this.platform.moveTransfers(target, place));
  }

  /** Moves a batch among those with work left. */
  moveBatch(id: number, place: MoveTo): void {
    this.attempt(this.platform.moveBatch(id, place));
  }

  /** Takes back what was done last, while it waits. */
  undo(): void {
    const { undo } = this.window;
    if (undo !== null) this.attempt(this.platform.undo(undo.number));
  }

  /** The settings as they were saved last: the host tells of them a moment later. */
  get settings(): Settings {
    return this.#told ? this.window.settings : (this.#settings ?? this.window.settings);
  }

  /**
   * Changes some of the settings. A change builds on the one before it, although the host has not told of that yet.
   * Settles once all that was asked for is sent, with what was refused. An empty password keeps the one that is stored.
   */
  set(change: Partial<Settings>, proxyPassword = ""): Promise<Problem | null> {
    this.#settings = { ...(this.#settings ?? this.window.settings), ...change };
    if (proxyPassword !== "") this.#proxyPassword = proxyPassword;
    this.#sending ??= this.#send();
    return this.#sending;
  }

  /** Sends the settings, one after the other: the last that was asked for is the last to arrive. */
  async #send(): Promise<Problem | null> {
    let sent: Settings | null = null;
    try {
      while (this.#settings !== null && this.#settings !== sent) {
        sent = this.#settings;
        const password = this.#proxyPassword;
        this.#proxyPassword = "";
        this.#told = false;
        await this.platform.setSettings(sent, password);
      }
      return null;
    } catch (reason) {
      this.#settings = null;
      this.#proxyPassword = "";
      this.trouble = problemFrom(reason);
      return this.trouble;
    } finally {
      this.#sending = null;
    }
  }
}

function same(one: Viewport, other: Viewport): boolean {
  return (Object.keys(one) as (keyof Viewport)[]).every((key) => one[key] === other[key]);
}

function heldIds(page: Page, from: number, to: number): readonly number[] | null {
  const ids: number[] = [];
  for (let index = from; index <= to; index += 1) {
    const row = rowAt(page, index);
    if (row === null) return null;
    ids.push(row.id);
  }
  return ids;
}
