import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Batch } from "../bindings/Batch";
import type { Cause } from "../bindings/Cause";
import type { Page } from "../bindings/Page";
import type { Row } from "../bindings/Row";
import type { Settings } from "../bindings/Settings";
import type { Target } from "../bindings/Target";
import type { Update } from "../bindings/Update";
import type { Viewport } from "../bindings/Viewport";
import type { Platform } from "../platform/platform";
import { Ferry } from "./ferry.svelte";
import { awaiting, only, ranged } from "./selection";
import { EMPTY, EVERY_ROW } from "./window";

const TOTAL = 20_000;
const BATCHES = { offset: 0, limit: 40 };

/** A host whose rows are numbered 1000 + place. It answers a viewport only when told to. */
class Host {
  receivers: ((update: Update) => void)[] = [];
  asked: Viewport[] = [];
  settings: Settings[] = [];
  passwords: string[] = [];
  needs: Cause[] = [];
  /** Numbers and rows of what was said to be selected. */
  chosen: [number, Target][] = [];
  #answers: (() => void)[] = [];
  #seq = 0;

  platform = {
    subscribe: (receive: (update: Update) => void) => {
      this.receivers.push(receive);
      return Promise.resolve();
    },
    setViewport: (viewport: Viewport) => {
      this.asked.push(viewport);
      return new Promise<void>((resolve) => this.#answers.push(resolve));
    },
    select: (number: number, target: Target) => {
      this.chosen.push([number, target]);
      return Promise.resolve();
    },
    act: () => Promise.reject(new Error("no")),
    setSettings: (settings: Settings, proxyPassword: string) => {
      this.settings.push(settings);
      this.passwords.push(proxyPassword);
      return Promise.resolve();
    },
  } as unknown as Platform;

  page(viewport: Viewport): Page {
    const length = Math.max(0, Math.min(viewport.limit, TOTAL - viewport.offset));
    const rows = Array.from({ length }, (_, place) => ({ id: 1000 + viewport.offset + place, state: "queued" }) as Row);
    return { viewport, total: TOTAL, rows };
  }

  /** The newest selection, counted: as many as were named. */
  selected() {
    const [number, target] = this.chosen.at(-1) ?? [0, { type: "all" } as Target];
    return { ...EMPTY.selected, number, files: target.type === "ids" ? target.ids.length : TOTAL };
  }

  send(update: object): void {
    this.#seq += 1;
    this.receivers.at(-1)?.({ seq: this.#seq, ...update } as Update);
  }

  snapshot(): void {
    this.#seq = 0;
    this.send({ ...EMPTY, type: "snapshot", seq: 1 });
    this.#seq = 1;
  }

  async answer(): Promise<void> {
    this.#answers.shift()?.();
    const viewport = this.asked.at(-1);
    if (viewport !== undefined) this.send({ type: "rows", page: this.page(viewport), rows: [], batches: null, work: null, totals: EMPTY.totals, needs: this.needs, notices: [], selected: this.selected() });
    await vi.waitFor(() => undefined);
  }
}

let host: Host;
let ferry: Ferry;

beforeEach(() => {
  host = new Host();
  ferry = new Ferry(host.platform, ["en"]);
  ferry.view = "history";
  ferry.subscribe();
  host.snapshot();
});

describe("subscribing", () => {
  it("subscribes again after a gap and takes the new snapshot", () => {
    host.send({ type: "dragging", seq: 9, count: 2, target: null });
    expect(host.receivers).toHaveLength(2);
    expect(ferry.window.dragging).toBe(0);
    host.snapshot();
    host.send({ type: "dragging", count: 2, target: null });
    expect(ferry.window.dragging).toBe(2);
    expect(host.receivers).toHaveLength(2);
  });

  it("does not listen to an earlier subscription", () => {
    const [first] = host.receivers;
    ferry.subscribe();
    host.snapshot();
    first?.({ type: "dragging", seq: 2, count: 5, target: null });
    expect(ferry.window.dragging).toBe(0);
    expect(host.receivers).toHaveLength(2);
  });
});

describe("asking for rows", () => {
  it("asks one at a time, and only for the newest viewport", async () => {
    for (const offset of [8, 16, 24, 32]) ferry.showRows({ offset, limit: 40 }, BATCHES);
    expect(host.asked.map((viewport) => viewport.offset)).toEqual([0]);
    await host.answer();
    await vi.waitFor(() => {
      expect(host.asked.map((viewport) => viewport.offset)).toEqual([0, 32]);
    });
  });

  it("begins at the top and with nothing selected under another filter", async () => {
    await host.answer();
    ferry.showRows({ offset: 80, limit: 40 }, BATCHES);
    await host.answer();
    ferry.selection = only(1080, 80);
    ferry.lookAt({ filter: "paused", text: "x" });
    await host.answer();
    expect(host.asked.at(-1)).toMatchObject({ list: { ...EVERY_ROW, filter: "paused", text: "x" }, offset: 0, limit: 40 });
    expect(ferry.selection.ids.size).toBe(0);
    expect(ferry.current).toBe(true);
  });
});

describe("batches", () => {
  const batch = (id: number, files: number) => ({ id, files, speed: 0 }) as Batch;
  const tell = (...batches: Batch[]) => {
    host.send({ type: "rows", page: null, rows: [], batches: { ...EMPTY.batches, total: batches.length, batches }, work: null, totals: EMPTY.totals, needs: [], notices: [], selected: host.selected() });
  };

  beforeEach(async () => {
    await host.answer();
    ferry.show("now");
    await host.answer();
  });

  it("opens the newest, and asks for its rows", async () => {
    tell(batch(7, 3), batch(4, 1));
    expect(ferry.openBatch).toBe(7);
    await vi.waitFor(() => {
      expect(host.asked.at(-1)).toMatchObject({ list: { ...EVERY_ROW, batch: 7 }, limit: 40, batches: "now" });
    });
    ferry.toggleBatch(4);
    tell(batch(7, 3), batch(4, 1));
    expect(ferry.openBatch).toBe(4);
    ferry.toggleBatch(4);
    tell(batch(7, 3), batch(4, 1));
    expect(ferry.openBatch).toBeNull();
    tell(batch(8, 2), batch(7, 3), batch(4, 1));
    expect(ferry.openBatch).toBe(8);
  });

  it("leaves the open one alone while something of it is selected", async () => {
    tell(batch(7, 3));
    await host.answer();
    ferry.selection = only(1001, 1);
    tell(batch(8, 3), batch(7, 3));
    expect(ferry.openBatch).toBe(7);
  });

  it("asks for no rows while none is open", async () => {
    expect(host.asked.at(-1)).toMatchObject({ list: EVERY_ROW, limit: 0, batchLimit: 40 });
    ferry.show("done");
    await host.answer();
    expect(host.asked.at(-1)).toMatchObject({ list: EVERY_ROW, limit: 0, batches: "done" });
  });

  it("folds the verified files of a large one until they are asked for", () => {
    tell(batch(7, 20));
    expect([ferry.folds, ferry.list.filter]).toEqual([false, "all"]);
    tell(batch(9, 21), batch(7, 20));
    expect([ferry.openBatch, ferry.folds, ferry.list.filter]).toEqual([9, true, "unverified"]);
    ferry.unfold();
    expect([ferry.folds, ferry.list]).toEqual([false, { ...EVERY_ROW, batch: 9 }]);
    ferry.show("needs");
    expect(ferry.list).toEqual({ ...EVERY_ROW, filter: "attention" });
  });
});

describe("the history", () => {
  it("is asked for by destination and day, and not again for the same", async () => {
    await host.answer();
    ferry.lookAt({ profile: 3, period: { kind: "days", from: "2026-01-05", to: "" } });
    await host.answer();
    expect(host.asked.at(-1)).toMatchObject({ list: { ...EVERY_ROW, profile: 3, fromMs: new Date(2026, 0, 5).getTime() } });
    const asked = host.asked.length;
    ferry.lookAt({ profile: 3 });
    await host.answer();
    expect(host.asked).toHaveLength(asked);
  });

  it("asks for another day's rows once that has begun", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date(2026, 0, 5, 23, 59) });
    ferry.lookAt({ period: { kind: "today", from: "", to: "" } });
    await host.answer();
    await host.answer();
    expect(host.asked.at(-1)?.list.fromMs).toBe(new Date(2026, 0, 5).getTime());
    vi.setSystemTime(new Date(2026, 0, 6, 0, 1));
    expect(ferry.current).toBe(false);
    await host.answer();
    expect(host.asked.at(-1)?.list.fromMs).toBe(new Date(2026, 0, 6).getTime());
    vi.useRealTimers();
  });
});

describe("one cause of what needs the user", () => {
  const list = { ...EVERY_ROW, filter: "failed", fault: "accessDenied" } as const;

  it("is shown alone from its first file on, until nothing is left of it", async () => {
    host.needs = [{ list, files: 2, name: null, problem: null, folder: null, folders: 0, actions: [], held: null }];
    ferry.show("needs");
    await host.answer();
    ferry.showCause(list);
    await host.answer();
    await vi.waitFor(() => {
      expect(host.asked.at(-1)?.list).toEqual(list);
    });
    expect(ferry.selection.ids.size).toBe(0);
    await host.answer();
    expect([[...ferry.selection.ids], ferry.selection.active]).toEqual([[1000], 0]);
    host.needs = [];
    await host.answer();
    expect([ferry.cause, ferry.list.filter, ferry.selection.ids.size]).toEqual([null, "attention", 0]);
  });
});

describe("the selection", () => {
  it("becomes the row under the ring when that row comes, and is known only then", async () => {
    await host.answer();
    let known = false;
    ferry.showRows({ offset: TOTAL - 40, limit: 40 }, BATCHES);
    ferry.selection = awaiting(TOTAL - 1);
    void ferry.known().then(() => (known = true));
    await vi.waitFor(() => {
      expect(host.asked.at(-1)?.offset).toBe(TOTAL - 40);
    });
    expect([ferry.selection.ids.size, known]).toEqual([0, false]);
    await host.answer();
    expect([[...ferry.selection.ids], ferry.selection.active]).toEqual([[1000 + TOTAL - 1], TOTAL - 1]);
    await vi.waitFor(() => {
      expect(host.chosen.at(-1)?.[1]).toEqual({ type: "ids", ids: [1000 + TOTAL - 1] });
    });
    host.send({ type: "rows", page: null, rows: [], batches: null, work: null, totals: EMPTY.totals, needs: [], notices: [], selected: host.selected() });
    await vi.waitFor(() => {
      expect(known).toBe(true);
    });
  });

  it("is a range of any length, told by its ends", async () => {
    await host.answer();
    ferry.selection = only(1003, 3);
    ferry.selection = ranged(ferry.selection, ferry.window.page, TOTAL - 1);
    ferry.showRows({ offset: TOTAL - 40, limit: 40 }, BATCHES);
    await host.answer();
    await host.answer();
    const range = { from: 1003, to: 1000 + TOTAL - 1, sort: "queue", descending: false };
    await vi.waitFor(() => {
      expect(host.chosen.at(-1)?.[1]).toEqual({ type: "part", list: EVERY_ROW, range, except: [], also: [] });
    });
    expect(ferry.target).toEqual(host.chosen.at(-1)?.[1]);
  });

  it("has no numbers before they are its own", async () => {
    await host.answer();
    ferry.selection = only(1003, 3);
    const counted = host.selected();
    host.send({ type: "rows", page: null, rows: [], batches: null, work: null, totals: EMPTY.totals, needs: [], notices: [], selected: counted });
    expect(ferry.selected?.files).toBe(1);
    ferry.selection = only(1004, 4);
    expect(ferry.selected).toBeNull();
    host.send({ type: "rows", page: null, rows: [], batches: null, work: null, totals: EMPTY.totals, needs: [], notices: [], selected: counted });
    expect(ferry.selected).toBeNull();
  });

  it("is told again when the stream begins anew", async () => {
    await host.answer();
    ferry.selection = only(1003, 3);
    host.send({ ...EMPTY, type: "snapshot", seq: 1, page: host.page({ ...EMPTY.page.viewport, limit: 40 }) });
    await vi.waitFor(() => {
      expect(host.chosen.map(([, target]) => target)).toEqual(Array(2).fill({ type: "ids", ids: [1003] }));
    });
  });
});

it("shows what a command was rejected with", async () => {
  ferry.act("pause", { type: "all" });
  await vi.waitFor(() => {
    expect(ferry.trouble?.kind).toBe("internal");
  });
  expect(ferry.trouble?.report).toContain("no");
});

describe("settings", () => {
  it("keep what was taken before a change that is refused, although the host has not told of it", async () => {
    const taken: Settings[] = [];
    host.platform.setSettings = (settings) => {
      if (settings.network.caFile === "/none") return Promise.reject(new Error("no"));
      taken.push(settings);
      return Promise.resolve();
    };
    await ferry.set({ theme: "dark" });
    await ferry.set({ network: { ...EMPTY.settings.network, caFile: "/none" } });
    await ferry.set({ language: "zh" });
    expect(taken.at(-1)).toEqual({ ...EMPTY.settings, theme: "dark", language: "zh" });
  });

  it("keeps a change that the host has not told of yet", async () => {
    ferry.set({ language: "zh" });
    ferry.set({ theme: "dark" });
    await vi.waitFor(() => {
      expect(host.settings).toEqual([
        { ...EMPTY.settings, language: "zh" },
        { ...EMPTY.settings, language: "zh", theme: "dark" },
      ]);
    });
  });

  it("sends a password once, although other changes follow at once", async () => {
    const network = { ...EMPTY.settings.network, caFile: "/ca.pem" };
    ferry.set({ language: "zh" });
    ferry.set({ network }, "canary");
    await ferry.set({ theme: "dark" });
    await ferry.set({ theme: "light" });
    expect(host.settings.at(-1)).toEqual({ ...EMPTY.settings, language: "zh", theme: "light", network });
    expect(host.passwords).toEqual(["", "canary", ""]);
  });

  it("forgets a password with what was refused before it", async () => {
    host.platform.setSettings = vi.fn<Platform["setSettings"]>().mockRejectedValueOnce(new Error("no")).mockResolvedValue();
    ferry.set({ language: "zh" });
    await ferry.set({ theme: "dark" }, "canary");
    await ferry.set({ theme: "light" });
    expect(vi.mocked(host.platform.setSettings).mock.calls.map(([, password]) => password)).toEqual(["", ""]);
  });
});
