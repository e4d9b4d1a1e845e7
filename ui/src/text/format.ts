//! Numbers, sizes and times as people read them.

import { type Dictionary, type Language, LANGUAGES, TAGS } from "../bindings/Messages";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Something made once for each language. */
function forEach<Made>(make: (tag: string) => Made): Record<Language, Made> {
  return Object.fromEntries(LANGUAGES.map((language) => [language, make(TAGS[language])])) as Record<Language, Made>;
}

const NUMBERS = forEach((tag) => new Intl.NumberFormat(tag));

/** Picks the language: a fixed one, or for `system` the first of the system's that Ferry speaks. */
export function chooseLanguage(setting: string, system: readonly string[]): Language {
  const spoken = (code: string | undefined) => LANGUAGES.find((language) => language === code);
  const fixed = spoken(setting);
  if (fixed !== undefined) return fixed;
  for (const tag of system) {
    const exact = LANGUAGES.find((language) => TAGS[language].toLowerCase() === tag.toLowerCase());
    const language = exact ?? spoken(tag.toLowerCase().split("-")[0]);
    if (language !== undefined) return language;
  }
  return LANGUAGES[0];
}

/** The tag for `<html lang>`. */
export function languageTag(language: Language): string {
  return language === "zh" ? "zh-Hans" : TAGS[language];
}

/** A whole number with its thousands grouped. */
export function showNumber(value: number, language: Language): string {
  return NUMBERS[language].format(value);
}

/** The step of 1024 a size is written in. Switches at 1000 so that three digits always suffice. */
function unitOf(bytes: number): number {
  let unit = 0;
  for (let value = bytes; value >= 1000 && unit + 1 < UNITS.length; value /= 1024) unit += 1;
  return unit;
}

function inUnit(bytes: number, unit: number): string {
  const value = bytes / 1024 ** unit;
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** Bytes with three digits and a binary unit, as `1.46 GiB`. */
export function showBytes(bytes: number): string {
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit)} ${UNITS[unit] ?? ""}`;
}

/** The number of `part` in the unit of `whole`, without the unit, as the `1.20` of "1.20 of 3.40 GiB". */
export function showBytesLike(part: number, whole: number): string {
  return inUnit(part, unitOf(whole));
}

/** Bytes a second, as `18.4 MiB/s`. */
export function showSpeed(bytesPerSecond: number): string {
  return `${showBytes(bytesPerSecond)}/s`;
}

/** A length of time by its two largest units, as `2 min 5 s`. Less than a second reads as one second. */
export function showDuration(seconds: number, time: Dictionary["time"]): string {
  const whole = Math.max(1, Math.round(seconds));
  const two = (large: string, count: number, small: (count: number) => string) => (count === 0 ? large : time.two(large, small(count)));
  if (whole < 60) return time.seconds(whole);
  if (whole < 3600) return two(time.minutes(Math.floor(whole / 60)), whole % 60, time.seconds);
  if (whole < 86_400) return two(time.hours(Math.floor(whole / 3600)), Math.floor((whole % 3600) / 60), time.minutes);
  return two(time.days(Math.floor(whole / 86_400)), Math.floor((whole % 86_400) / 3600), time.hours);
}

// The medium date of zh-CN is the short one.
const MOMENTS = forEach((tag) => new Intl.DateTimeFormat(tag, { dateStyle: tag.startsWith("zh") ? "long" : "medium", timeStyle: "short" }));

/** A moment, in milliseconds since 1970, as `Nov 22, 2026, 6:30 PM` in the user's time zone. */
export function showMoment(ms: number, language: Language): string {
  return MOMENTS[language].format(ms);
}

// English names days and months as it is written in America, but the hour by 24, which is shorter.
const CLOCKS = forEach((tag) => new Intl.DateTimeFormat(tag, { timeStyle: "short", hourCycle: "h23" }));
const DAYS = forEach((tag) => new Intl.DateTimeFormat(tag, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));

/** A moment as briefly as it may be: `13:12` on the day of `now`, else `Nov 3, 13:12`. */
export function showClock(ms: number, language: Language, now: number): string {
  const today = new Date(ms).toDateString() === new Date(now).toDateString();
  return (today ? CLOCKS : DAYS)[language].format(ms);
}

const TIMES = forEach((tag) => new Intl.DateTimeFormat(tag, { timeStyle: "medium", hourCycle: "h23" }));

/** The time of a moment with its seconds, as `13:12:04`. */
export function showTime(ms: number, language: Language): string {
  return TIMES[language].format(ms);
}

const NEAR_DAYS = forEach((tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" }));
const DATES = forEach((tag) => new Intl.DateTimeFormat(tag, { month: "short", day: "numeric" }));
const YEARS = forEach((tag) => new Intl.DateTimeFormat(tag, { year: "numeric", month: "short", day: "numeric" }));

/** The day of a moment as briefly as it may be: `today 13:12`, `yesterday 18:30`, `Nov 3`, `Nov 3, 2025`. */
export function showDay(ms: number, language: Language, now: number): string {
  const [at, today] = [new Date(ms), new Date(now)];
  const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  const days = Math.round((midnight(at) - midnight(today)) / 86_400_000);
  if (days === 0 || days === -1) return `${NEAR_DAYS[language].format(days, "day")} ${CLOCKS[language].format(ms)}`;
  return (at.getFullYear() === today.getFullYear() ? DATES : YEARS)[language].format(ms);
}

/** A moment as it is typed: `2026-11-22 18:30` in the user's time zone. */
export function writeMoment(ms: number): string {
  const at = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

const MOMENT = /^(\d{4})-(\d{1,2})-(\d{1,2})[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** Reads a moment: as `writeMoment` writes it, or with a zone, as services print it (`2026-11-22T10:30:00Z`). Null if it is none. */
export function readMoment(text: string): number | null {
  const found = MOMENT.exec(text.trim());
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part: string | undefined) => Number(part ?? 0)) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > new Date(year, month, 0).getDate() || hour > 23 || minute > 59 || second > 59) return null;
  const zone = found[7];
  if (zone === undefined) return new Date(year, month - 1, day, hour, minute, second).getTime();
  const [, sign = "+", hours = "0", minutes = "0"] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  const ahead = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - ahead;
}
