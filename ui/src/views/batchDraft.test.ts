import { beforeEach, describe, expect, it, vi } from "vitest";
import type { BatchForm } from "../bindings/BatchForm";
import type { FieldProblem } from "../bindings/FieldProblem";
import { ARCHIVE, hostOf, problemOf, refusal } from "../state/testHost";
import { BatchDraft, TYPING_RESTS } from "./batchDraft.svelte";

const archive = ARCHIVE.form;

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

describe("a batch", () => {
  it("begins as the profile says, tells the host when the typing rests, and ends with null", async () => {
    const told: (BatchForm | null)[] = [];
    const stageBatch = (form: BatchForm | null) => {
      told.push(form);
      return Promise.resolve([]);
    };
    const draft = new BatchDraft(hostOf({ stageBatch }), archive);
    draft.changed();
    draft.form.prefix = "other/";
    draft.changed();
    await vi.advanceTimersByTimeAsync(TYPING_RESTS);
    draft.close();
    draft.changed();
    await vi.runAllTimersAsync();
    expect(told).toEqual([{ prefix: "other/", existing: "settings", options: archive.options }, null]);
  });

  it("ends last, although an earlier call is still under way", async () => {
    const told: (string | null)[] = [];
    let answer: ((problems: FieldProblem[]) => void) | undefined;
    const stageBatch = (form: BatchForm | null) => {
      told.push(form?.prefix ?? null);
      return form === null ? Promise.resolve([]) : new Promise<FieldProblem[]>((resolve) => (answer = resolve));
    };
    const draft = new BatchDraft(hostOf({ stageBatch }), archive);
    draft.leave("prefix");
    await vi.advanceTimersByTimeAsync(0);
    draft.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(["2026/"]);
    answer?.([]);
    await vi.runAllTimersAsync();
    expect(told).toEqual(["2026/", null]);
  });

  it("opens no dialog of the system while something has to be corrected", async () => {
    const pickFiles = vi.fn(() => Promise.resolve());
    const stageBatch = (form: BatchForm | null) => Promise.resolve(form?.options.trafficLimit === 50 * 1024 ? [{ field: "options.trafficLimit", problem: problemOf("invalidInput") }] : []);
    const draft = new BatchDraft(hostOf({ stageBatch }), archive);
    draft.form.options.trafficLimit = 50 * 1024;
    await draft.pick(pickFiles);
    expect([draft.problemOf("options.trafficLimit")?.kind, pickFiles.mock.calls.length]).toEqual(["invalidInput", 0]);
    draft.form.options.trafficLimit = 0;
    await draft.pick(pickFiles);
    expect([draft.problems.length, pickFiles.mock.calls.length]).toEqual([0, 1]);
  });

  it("does not change the profile it began with", () => {
    const draft = new BatchDraft(hostOf({}), archive);
    draft.form.options.tags = [{ name: "a", value: "1" }];
    draft.form.options.metadata.push({ name: "b", value: "2" });
    expect([archive.options.tags, archive.options.metadata]).toEqual([[], []]);
  });

  it("keeps what the host was rejected with", async () => {
    const draft = new BatchDraft(hostOf({ stageBatch: () => refusal("denied") }), archive);
    expect(await draft.ready()).toBe(false);
    expect(draft.trouble?.kind).toBe("denied");
  });
});
