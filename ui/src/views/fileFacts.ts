//! What the details of a file list, and the same as a text to copy.

import type { Details } from "../bindings/Details";
import type { PartsView } from "../bindings/PartsView";
import type { PartCell } from "../bindings/PartCell";
import type { RetriedRow } from "../bindings/RetriedRow";
import type { Row } from "../bindings/Row";
import type { Side } from "../bindings/Side";
import { showBytes, showSpeed } from "../text/format";
import type { Text } from "../text/text";
import { visibleName } from "../text/visible";
import { stateWord } from "./rowLook";

/** A line of the details. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Whether the value came from outside, with whatever characters. */
  readonly foreign: boolean;
  /** What stands below the value; empty for nothing. */
  readonly note: string;
}

type Candidate = readonly [label: string, value: string | null | undefined, foreign?: boolean, note?: string];

function present(facts: readonly Candidate[]): Fact[] {
  return facts.flatMap(([label, value, foreign = false, note = ""]) => (value === null || value === undefined || value === "" ? [] : [{ label, value, foreign, note }]));
}

function sideOf({ size, modifiedMs }: Side, text: Text): string {
  return modifiedMs === null ? showBytes(size) : `${showBytes(size)}, ${text.moment(modifiedMs)}`;
}

/** What the store said of a file that stopped or waits. */
export function answersOf({ problem }: Row, { details: words }: Text): Fact[] {
  return present([
    [words.code, problem?.code, true],
    [words.ec, problem?.ec, true],
    [words.request, problem?.requestId, true],
    [words.endpoint, problem?.suggestedEndpoint, true],
  ]);
}

/** The lines of the details in groups: how far it is, what it is, and what proves it. */
export function factsOf(row: Row, details: Details | null, profile: string, text: Text): Fact[][] {
  const words = text.details;
  const moment = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : text.moment(ms));
  const { proof = null, checksums = [], tookMs = null, retries = row.retries } = details ?? {};
  const groups: Candidate[][] = [
    [
      [words.speed, row.state === "uploading" ? (row.speed > 0 ? showSpeed(row.speed) : "–") : null],
      [words.acked, words.ackedOf(showBytes(row.acked), showBytes(row.size), row.percent)],
      [words.parts, row.parts === 0 ? words.single : null],
      [words.started, moment(details?.startedMs)],
      [words.finished, moment(details?.finishedMs)],
      [words.took, tookMs === null ? null : text.duration(tookMs / 1000)],
      [words.retries, retries === 0 ? text.number(0) : null],
    ],
    [
      [words.destination, row.destination, true],
      [words.folder, row.folder, true],
      [words.profile, profile],
      [words.there, row.there && sideOf(row.there, text)],
      [words.here, row.here && sideOf(row.here, text)],
    ],
    [
      [words.verifiedBy, proof && text.proofs[proof]],
      ...checksums.map(({ name, local, remote }): Candidate => [name, local, false, remote === null ? words.onlyHere : words.same]),
      [words.etag, details?.etag, true],
      [words.version, details?.versionId, true],
      [words.request, details?.requestId, true],
      [words.upload, details?.uploadId, true],
    ],
  ];
  return groups.map(present).filter((facts) => facts.length > 0);
}

/** What is to be said of a map of parts, piece by piece, each with the look of its cells. */
export function mapPieces(map: PartsView, text: Text): { readonly cell: PartCell; readonly text: string }[] {
  const words = text.details;
  if (map.verified) return [{ cell: "verified", text: words.mapVerified(map.parts) }];
  return [
    { cell: "acknowledged" as const, text: words.mapAcknowledged(map.acknowledged, map.parts) },
    ...(map.inFlight > 0 ? [{ cell: "inFlight" as const, text: words.mapInFlight(map.inFlight) }] : []),
    ...(map.retrying > 0 ? [{ cell: "retrying" as const, text: words.mapRetrying(map.retrying) }] : []),
  ];
}

/** The same in a sentence. */
export function mapSentence(map: PartsView, text: Text): string {
  return mapPieces(map, text)
    .map((piece) => piece.text)
    .reduce(text.details.both);
}

/** What stands in small letters beside a retry. */
export function retryNote({ part, code, requestId }: RetriedRow, text: Text): string {
  return [part === null ? null : text.details.part(part), code, requestId]
    .flatMap((note) => (note === null ? [] : [visibleName(note)]))
    .join(" · ");
}

/** All of it as a text. */
export function copyOf(row: Row, details: Details | null, profile: string, text: Text): string {
  const lines = [visibleName(row.name), stateWord(row, text)];
  if (details?.parts) lines.push(mapSentence(details.parts, text));
  for (const facts of factsOf(row, details, profile, text)) {
    lines.push("", ...facts.map(({ label, value, note }) => `${label}: ${visibleName(value)}${note && ` (${note})`}`));
  }
  const retried = details?.retried ?? [];
  if (retried.length > 0) lines.push("", `${text.details.retries}: ${text.number(details?.retries ?? 0)}`);
  for (const retry of retried) lines.push(`${text.exact(retry.atMs)} ${text.say(retry.cause)} ${retryNote(retry, text)}`.trim());
  if (row.problem !== null) lines.push("", row.problem.report);
  return lines.join("\n");
}
