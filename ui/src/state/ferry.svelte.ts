//! The window's store: the host's messages reduced to state, and what the user is looking at.

import type { Action } from "../bindings/Action";
import type { Filter } from "../bindings/Filter";
import type { Page } from "../bindings/Page";
import type { Problem } from "../bindings/Problem";
import type { Selected } from "../bindings/Selected";
import type { Settings } from "../bindings/Settings";
import type { Target } from "../bindings/Target";
import type { Update } from "../bindings/Update";
import type { Viewport } from "../bindings/Viewport";
import type { Platform } from "../platform/platform";
import { problemFrom } from "../platform/problem";
import { chooseLanguage } from "../text/format";
import { type Text, textOf } from "../text/text";
import { type RowWindow, requestsFor } from "./scroll";
import { NOTHING, pruned, type Selection, settled, targetOf } from "./selection";
import { EMPTY, reduce, rowAt, type WindowState } from "./window";

/** The most rows that a selection over a part of the list gathers. */
export const MOST_GATHERED = 5000;

interface Gathering {
  readonly viewport: Viewport;
  readonly resolve: (ids: readonly number[]) => void;
}

/** The store. One for the window. */
export class Ferry {
  /** What the host told last. */
  window = $state.raw<WindowState>(EMPTY);
  /** Which rows the list shows. */
  filter = $state<Filter>("all");
  /** Only names with this in them. */
  search = $state("");
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
        await this.platform.select(this.#selectionTold, targetOf(this.#selection));
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

  /** Shows another part of the queue. */
  lookAt(filter: Filter, search: string): void {
    if (filter === this.filter && search === this.search) return;
    this.filter = filter;
    this.search = search;
    this.selection = NOTHING;
    this.#rows = { ...this.#rows, offset: 0 };
    this.#ask();
  }

  /** Says which rows the list draws. */
  showRows(rows: RowWindow): void {
    if (rows.offset === this.#rows.offset && rows.limit === this.#rows.limit) return;
    this.#rows = rows;
    this.#ask();
  }

  /** Whether the page that is held answers what the list shows now. */
  get current(): boolean {
    const { viewport } = this.window.page;
    return viewport.filter === this.filter && viewport.text === this.search;
  }

  #viewport(rows: RowWindow): Viewport {
    return { filter: this.filter, text: this.search, offset: rows.offset, limit: rows.limit };
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

  /** Does something with transfers. */
  act(action: Action, target: Target): void {
    this.attempt(this.platform.act(action, target));
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
  return one.filter === other.filter && one.text === other.text && one.offset === other.offset && one.limit === other.limit;
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
