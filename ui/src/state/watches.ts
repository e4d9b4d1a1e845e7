//! How a watched folder stands, in words. Pure.

import type { WatchLine } from "../bindings/WatchLine";
import { showClock, showDay } from "../text/format";
import type { Text } from "../text/text";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What a watched folder is shown as. */
export interface WatchLook {
  readonly word: string;
  /** What helps, where something is wrong. */
  readonly hint: string;
  readonly kind: "trouble" | "paused" | "hours" | "looking" | "new" | "current";
}

/** How long ago something was, as briefly as it may be. */
export function ago(ms: number, text: Text, now: number): string {
  const past = now - ms;
  if (past < MINUTE) return text.watches.justNow;
  if (past < HOUR) return text.watches.minutesAgo(Math.floor(past / MINUTE));
  if (past < DAY) return text.watches.hoursAgo(Math.floor(past / HOUR));
  return showDay(ms, text.language, now);
}

/** How a watch stands, as the host told it at this moment. */
export function lookOf(watch: WatchLine, text: Text, told: number): WatchLook {
  const words = text.watches;
  const { activity, problem, waiting } = watch;
  const quietly = (kind: WatchLook["kind"], word: string): WatchLook => ({ kind, word, hint: "" });
  if (activity.type === "paused") return quietly("paused", words.paused);
  if (watch.profileName === "") return quietly("trouble", words.noDestination);
  if (problem !== null) return { kind: "trouble", word: text.say(problem.sentence), hint: text.say(problem.hint) };
  if (activity.type === "elsewhere" || activity.type === "away") return quietly("trouble", words.stopped);
  if (activity.type === "closed") {
    const begins = showClock((Math.floor(told / MINUTE) + activity.minutes) * MINUTE, text.language, told);
    return quietly("hours", waiting > 0 ? words.newUntil(waiting, begins) : words.until(begins));
  }
  if (activity.type === "looking") return quietly("looking", words.looking);
  // A number and its unit stay on one line.
  if (waiting > 0) return quietly("new", watch.marker === "" ? words.quiet(waiting, text.duration(watch.quietSeconds).replaceAll(" ", "\u00a0")) : words.marked(waiting, watch.marker));
  if (watch.refused > 0) return quietly("trouble", words.refused(watch.refused));
  return quietly("current", words.upToDate);
}

/** How many of them cannot go on. */
export function troubled(watches: readonly WatchLine[], text: Text): number {
  return watches.filter((watch) => lookOf(watch, text, 0).kind === "trouble").length;
}
