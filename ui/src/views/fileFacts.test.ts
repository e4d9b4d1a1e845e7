import "../text/testTexts";
import { expect, it } from "vitest";
import type { Details } from "../bindings/Details";
import type { PartsView } from "../bindings/PartsView";
import type { Row } from "../bindings/Row";
import { problemOf } from "../state/testHost";
import { textOf } from "../text/text";
import { copyOf, factsOf, mapPieces, mapSentence } from "./fileFacts";

const [en, zh] = [textOf("en"), textOf("zh")];

const MAP: PartsView = { parts: 256, perCell: 2, acknowledged: 24, inFlight: 4, retrying: 0, verified: false, cells: [] };

const ROW: Row = {
  id: 7,
  batch: 1,
  name: "a\u202E.mov",
  folder: "/films",
  destination: "oss://films/raw/a.mov",
  profile: "Films",
  size: 2_147_483_648,
  acked: 201_326_592,
  inFlight: 0,
  percent: 9,
  speed: 12_582_912,
  secondsLeft: 60,
  state: "uploading",
  group: "active",
  actions: [],
  partsDone: 24,
  parts: 256,
  retries: 2,
  finishedMs: null,
  problem: null,
  pending: null,
  replaced: false,
  alreadyThere: false,
  there: null,
  here: null,
};

const DETAILS: Details = {
  id: 7,
  parts: MAP,
  retries: 2,
  retried: [{ atMs: 0, part: 9, cause: { en: "The store asks to slow down.", zh: "请稍后" }, code: "SlowDown", requestId: "5F1B" }],
  proof: null,
  checksums: [],
  etag: null,
  versionId: null,
  requestId: null,
  uploadId: "0004B9",
  startedMs: 0,
  finishedMs: null,
  tookMs: null,
};

const DONE: Details = {
  ...DETAILS,
  retries: 0,
  retried: [],
  proof: "crc64",
  checksums: [
    { name: "CRC-64/XZ", local: "123", remote: "123" },
    { name: "MD5", local: "00ff", remote: null },
  ],
  etag: '"9B2C"',
  uploadId: null,
  finishedMs: 90_000,
  tookMs: 90_000,
};

const labels = (row: Row, details: Details | null) => factsOf(row, details, "Films", en).map((facts) => facts.map((fact) => fact.label));

it.each([
  [MAP, "24 of 256 acknowledged, 4 in flight", "已确认 24 / 256，4 个传输中"],
  [{ ...MAP, inFlight: 0, retrying: 1 }, "24 of 256 acknowledged, 1 to be tried again", "已确认 24 / 256，1 个等待重试"],
  [{ ...MAP, acknowledged: 0, inFlight: 0 }, "0 of 256 acknowledged", "已确认 0 / 256"],
  [{ ...MAP, acknowledged: 256, inFlight: 0, verified: true }, "All 256 parts verified", "全部 256 个分片已校验"],
])("a map of parts has a sentence: %#", (map, english, chinese) => {
  expect([mapSentence(map, en), mapSentence(map, zh)]).toEqual([english, chinese]);
  expect(mapPieces(map, en)[0]?.cell).toBe(map.verified ? "verified" : "acknowledged");
});

it("lists what is so, and nothing that is not known", () => {
  expect(labels(ROW, null)).toEqual([["Speed", "Confirmed"], ["Destination", "From", "Profile"]]);
  expect(labels(ROW, DETAILS)).toEqual([["Speed", "Confirmed", "Started"], ["Destination", "From", "Profile"], ["Upload ID"]]);
  expect(labels({ ...ROW, state: "done", retries: 0, parts: 0 }, DONE)).toEqual([
    ["Confirmed", "Parts", "Started", "Finished", "Took", "Retries"],
    ["Destination", "From", "Profile"],
    ["Verified by", "CRC-64/XZ", "MD5", "ETag"],
  ]);
});

it("shows no speed while nothing moves, and the place for it while it is uploading", () => {
  const speed = (row: Row) => factsOf(row, null, "", en)[0]?.find((fact) => fact.label === "Speed")?.value;
  expect([speed(ROW), speed({ ...ROW, speed: 0 }), speed({ ...ROW, state: "paused" })]).toEqual(["12.0 MiB/s", "–", undefined]);
});

it("is copied whole, with nothing hidden in it", () => {
  const text = copyOf({ ...ROW, problem: problemOf("throttled") }, DETAILS, "Films", en);
  expect(text).toMatch(/^a⟨U\+202E⟩\.mov\nUploading\n24 of 256 acknowledged, 4 in flight\n\nSpeed: 12\.0 MiB\/s\n/);
  expect(text).toContain("\nUpload ID: 0004B9\n");
  expect(text).toMatch(/\nRetries: 2\n\d\d:00:00 The store asks to slow down\. part 9 · SlowDown · 5F1B\n\nthrottled$/);
  const done = copyOf({ ...ROW, state: "done" }, DONE, "Films", en);
  expect(done).toContain("\nVerified by: CRC-64/XZ of the whole object\nCRC-64/XZ: 123 (same on the store)\nMD5: 00ff (computed here only)\nETag: \"9B2C\"");
});
