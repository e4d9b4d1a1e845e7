//! Where a long name may be cut: in its middle. Pure.

/** Characters at the end of a name that are always shown: a number and an ending. */
const TAIL = 10;
/** Names up to this length are not split. */
const SHORT = 24;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Whether text runs from right to left somewhere: the two pieces of such a name would change places. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/u;

/** The part of a name that may be cut, and the end that may not. Never splits what is seen as one character. */
export function splitName(name: string): readonly [string, string] {
  if (name.length <= SHORT || RIGHT_TO_LEFT.test(name)) return [name, ""];
  let at = name.length;
  const ends = [...segmenter.segment(name)].map(({ index }) => index);
  at = ends[ends.length - TAIL] ?? 0;
  return [name.slice(0, at), name.slice(at)];
}
