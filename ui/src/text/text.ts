//! The words of the chosen language, and the pieces that need them.

import type { Words } from "../bindings/Words";
import type { Dictionary, Language } from "../bindings/Messages";
import { dictionaryOf } from "./catalogue";
import { showClock, showDay, showDuration, showMoment, showNumber, showTime } from "./format";
import { visibleName } from "./visible";

/** Words and formats of one language. */
export interface Text extends Dictionary {
  readonly language: Language;
  /** The host's words in this language, with no character hidden. */
  readonly say: (words: Words) => string;
  readonly number: (value: number) => string;
  readonly duration: (seconds: number) => string;
  /** A moment, in milliseconds since 1970, in the user's time zone. */
  readonly moment: (ms: number) => string;
  /** Such a moment as briefly as it may be: the time today, else the day and the time. */
  readonly clock: (ms: number) => string;
  /** The time of such a moment, with its seconds. */
  readonly exact: (ms: number) => string;
  /** Such a moment by its day. */
  readonly day: (ms: number) => string;
}

/** The text of a language. */
export function textOf(language: Language): Text {
  const dictionary = dictionaryOf(language);
  return {
    ...dictionary,
    language,
    // They hold names and answers as they came.
    say: (words) => visibleName(words[language]),
    number: (value) => showNumber(value, language),
    duration: (seconds) => showDuration(seconds, dictionary.time),
    moment: (ms) => showMoment(ms, language),
    clock: (ms) => showClock(ms, language, Date.now()),
    exact: (ms) => showTime(ms, language),
    day: (ms) => showDay(ms, language, Date.now()),
  };
}
