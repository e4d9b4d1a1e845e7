//! The window's store: the host's messages reduced to state, and what the user is looking at.

import type { Action } from "../bindings/Action";
import type { Batch } from "../bindings/Batch";
import type { CloseChoice } from "../bindings/CloseChoice";
import type { Filter } from "../bindings/Filter";
import type { MoveTo } from "../bindings/MoveTo";
import type { Problem } from "../bindings/Problem";
import type { Selected } from "../bindings/Selected";
import type { Settings } from "../bindings/Settings";
import type { RowList } from "../bindings/RowList";
import type { Sort } from "../bindings/Sort";
import type { Target } from "../bindings/Target";
import type { Update } from "../bindings/Update";
import type { Viewport } from "../bindings/Viewport";
import type { Platform } from "../platform/platform";
import { problemFrom } from "../platform/problem";
import { inEveryLanguage } from "../text/catalogue";
import { chooseLanguage } from "../text/format";
import { type Text, textOf } from "../text/text";
import { ALWAYS, boundsOf, type Period } from "./period";
import type { RowWindow } from "./scroll";
import { awaiting, count, NOTHING, pruned, sameRows, type Selection, settled, type SortOrder, targetOf } from "./selection";
import { FOLD_FROM } from "./lines";
import { batchById, EMPTY, EVERY_ROW, reduce, sameList, type WindowState } from "./window";

/** Milliseconds between two speeds that are kept, and how many are. */
const SPEED_EVERY = 1000;
const SPEEDS_KEPT = 300;

const UNSORTED: SortOrder = { by: "queue", descending: false };

/** What the main part of the window shows. */
export type View = "now" | "needs" | "done" | "history";

/** What the history is asked for. */
export interface HistoryQuery {
  /** In which states. */
  readonly filter: Filter;
  /** Only names with this in them. */
  readonly text: string;
  /** Only to this destination. */
  readonly profile: number | null;
  readonly period: Period;
}

/** All of the history. */
export const WHOLE_HISTORY: HistoryQuery = { filter: "all", text: "", profile: null, period: ALWAYS };

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
  history = $state.raw(WHOLE_HISTORY);
  /** The files of one cause, where these alone are shown of what needs the user. */
  cause = $state.raw<RowList | null>(null);
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
  /** The settings asked for last. Nobody else changes them. */
  #settings: Settings | null = null;
  /** Those that the host took last: after a refusal, these hold, although it may not have told of them yet. */
  #taken: Settings | null = null;
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
    if (sameRows(before, this.#selection)) this.#release();
    else this.#select();
  }

  /** What actions on the selection are for. */
  get target(): Target {
    return targetOf(this.#selection, this.list, this.sort);
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
    return this.#selection.awaited === null && this.selected !== null;
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
        await this.platform.select(this.#selectionTold, this.target);
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
    const step = reduce(this.window, update);
    if (step.kind === "gap") {
      this.subscribe();
      return;
    }
    this.window = step.state;
    this.opened = batchById(this.window, this.openBatch) ?? this.opened;
    this.#openNewest();
    this.#keepSpeed();
    this.#leaveCause();
    // A batch that grows is folded, and another day has begun: that asks for other rows.
    if (!sameList(this.window.page.viewport.list, this.list)) this.#ask();
    if ((update.type === "setup" || update.type === "snapshot") && this.#sending === null) this.#told = true;
    if (update.type === "snapshot") {
      // A page asked for before it will not come any more.
      this.#ask();
      // The host begins with nothing selected.
      if (this.#selectionNumber > 0) this.#select();
    }
    const { rows, total } = step.state.page;
    const { selection } = this;
    // Also where nothing is dropped: rows came or moved under the keyboard.
    this.selection = rows.length === total ? pruned(selection, new Set(rows.map((row) => row.id))) : selection;
  }

  /** Opens a batch that has just come, where batches are shown and nothing is selected. */
  #openNewest(): void {
    const { batches, view } = this.window.batches;
    const newest = batches.reduce((most, batch) => Math.max(most, batch.id), 0);
    if (newest <= this.#newest || view !== "now" || this.view !== "now") return;
    this.#newest = newest;
    if (this.openBatch !== null && count(this.selection, this.window.page.total) > 0) return;
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
    this.cause = null;
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
  lookAt(change: Partial<HistoryQuery>): void {
    const { history } = this;
    if ((Object.keys(change) as (keyof HistoryQuery)[]).every((key) => change[key] === history[key])) return;
    this.history = { ...history, ...change };
    this.#another();
  }

  /** Shows, of what needs the user, the files of this cause alone, and begins with the first; with null all files again. */
  showCause(cause: RowList | null): void {
    this.cause = cause;
    this.#another();
    if (cause !== null) this.selection = awaiting(0);
  }

  /** Once nothing is left of a cause, all that needs the user is shown again. */
  #leaveCause(): void {
    const { cause } = this;
    if (cause !== null && !this.window.needs.some(({ list }) => sameList(list, cause))) this.showCause(null);
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
        return { ...EVERY_ROW, batch: this.openBatch, filter: this.folds ? "unverified" : "all" };
      case "done":
        return { ...EVERY_ROW, batch: this.openBatch };
      case "needs":
        return this.cause ?? { ...EVERY_ROW, filter: "attention" };
      case "history": {
        const { filter, text, profile, period } = this.history;
        return { ...EVERY_ROW, filter, text, profile, ...boundsOf(period, new Date()) };
      }
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
    return sameList(viewport.list, list) && viewport.sort === sort.by && viewport.descending === sort.descending;
  }

  #viewport(rows: RowWindow): Viewport {
    const noRows = this.showsBatches && this.openBatch === null;
    return {
      list: this.list,
      sort: this.sort.by,
      descending: this.sort.descending,
      offset: noRows ? 0 : rows.offset,
      limit: noRows ? 0 : rows.limit,
      batches: this.view === "done" ? "done" : "now",
      batchOffset: this.#batches.offset,
      batchLimit: this.#batches.limit,
    };
  }

  /** Sends the newest viewport, one request at a time: while one is on its way, newer ones replace each other. */
  #ask(): void {
    if (this.#asking || this.window.seq === null) return;
    const viewport = this.#viewport(this.#rows);
    if (this.#asked !== null && same(this.#asked, viewport)) return;
    this.#asking = true;
    this.#asked = viewport;
    this.platform
      .setViewport(viewport)
      .catch((reason: unknown) => {
        this.trouble = problemFrom(reason);
      })
      .finally(() => {
        this.#asking = false;
        if (this.window.seq !== null) this.#ask();
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
        this.#taken = sent;
      }
      return null;
    } catch (reason) {
      this.#settings = this.#taken;
      this.#proxyPassword = "";
      this.trouble = problemFrom(reason);
      return this.trouble;
    } finally {
      this.#sending = null;
    }
  }
}

function same(one: Viewport, other: Viewport): boolean {
  return (Object.keys(one) as (keyof Viewport)[]).every((key) => key === "list" || one[key] === other[key]) && sameList(one.list, other.list);
}
