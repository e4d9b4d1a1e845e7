//! How links are written: what is remembered, and what it means. Pure.

import type { LinkFormat } from "../bindings/LinkFormat";
import type { LinkPreference } from "../bindings/LinkPreference";

const HOUR = 3600;

/** Seconds of the durations that are offered. */
export const DURATIONS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR } as const;
export type DurationChoice = keyof typeof DURATIONS | "own";

/** The most hours that a signature may last. */
export const MOST_HOURS = 168;

/** The format as the host takes it: with the remembered pattern. */
export function formatOf(preference: LinkPreference): LinkFormat {
  return preference.format.type === "pattern" ? { type: "pattern", pattern: preference.pattern } : preference.format;
}

/** The choice that stands for a duration. */
export function choiceOf(seconds: number): DurationChoice {
  if (seconds === DURATIONS.hour) return "hour";
  if (seconds === DURATIONS.day) return "day";
  return seconds === DURATIONS.week ? "week" : "own";
}

/** Seconds of a choice; null where the typed hours are none that a signature may last. */
export function secondsOf(choice: DurationChoice, hours: string): number | null {
  if (choice !== "own") return DURATIONS[choice];
  const value = Number(hours.trim().replace(",", "."));
  const seconds = Math.round(value * HOUR);
  return hours.trim() !== "" && Number.isFinite(value) && seconds >= 1 && seconds <= MOST_HOURS * HOUR ? seconds : null;
}

/** Hours of a duration, as they are typed. */
export function hoursOf(seconds: number): string {
  return String(Number((seconds / HOUR).toFixed(2)));
}
