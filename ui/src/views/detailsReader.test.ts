import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Details } from "../bindings/Details";
import { refusal } from "../state/testHost";
import { BETWEEN, DetailsReader } from "./detailsReader.svelte";

const detailsOf = (id: number, retries = 0): Details => ({
  id,
  parts: null,
  retries,
  retried: [],
  proof: null,
  checksums: [],
  etag: null,
  versionId: null,
  requestId: null,
  uploadId: null,
  startedMs: null,
  finishedMs: null,
  tookMs: null,
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("asks once for many changes, at most four times a second, and never while nothing changes", async () => {
  let answered = 0;
  const readDetails = vi.fn((id: number) => Promise.resolve(detailsOf(id, (answered += 1))));
  const reader = new DetailsReader({ readDetails });
  reader.ask(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(reader.details?.retries).toBe(1);
  for (let change = 0; change < 20; change += 1) reader.ask(1);
  await vi.advanceTimersByTimeAsync(BETWEEN - 1);
  expect(answered).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect([answered, reader.details?.retries]).toEqual([2, 2]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(answered).toBe(2);
  reader.ask(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(answered).toBe(3);
});

it("asks for another file at once, and takes no late answer of the one before", async () => {
  const answers = new Map<number, (details: Details) => void>();
  const readDetails = vi.fn((id: number) => new Promise<Details>((resolve) => answers.set(id, resolve)));
  const reader = new DetailsReader({ readDetails });
  reader.ask(1);
  reader.ask(2);
  answers.get(1)?.(detailsOf(1));
  await vi.advanceTimersByTimeAsync(0);
  expect(reader.details).toBeNull();
  await vi.advanceTimersByTimeAsync(BETWEEN);
  answers.get(2)?.(detailsOf(2));
  await vi.advanceTimersByTimeAsync(0);
  expect(reader.details?.id).toBe(2);
  reader.ask(3);
  expect(reader.details).toBeNull();
  await vi.advanceTimersByTimeAsync(0);
  expect(readDetails.mock.lastCall).toEqual([3]);
  reader.stop();
  answers.get(3)?.(detailsOf(3));
  await vi.advanceTimersByTimeAsync(BETWEEN);
  expect([reader.details, readDetails.mock.calls.length]).toEqual([null, 3]);
});

it("keeps what was told where a question fails, and asks again at the next change", async () => {
  const readDetails = vi.fn((id: number) => Promise.resolve(detailsOf(id)));
  const reader = new DetailsReader({ readDetails });
  reader.ask(1);
  await vi.advanceTimersByTimeAsync(BETWEEN);
  readDetails.mockImplementationOnce(() => refusal("internal"));
  reader.ask(1);
  await vi.advanceTimersByTimeAsync(BETWEEN);
  expect(reader.details?.id).toBe(1);
  reader.ask(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(readDetails).toHaveBeenCalledTimes(3);
});
