//! File names as they are, with what cannot be seen made visible.

/** A piece of a name: plain text, or the stand-in for a character that cannot be seen. */
export interface NamePiece {
  readonly text: string;
  /** The character's code point as `U+202E` where `text` is a stand-in. */
  readonly hidden: string | null;
}

// Control characters, direction marks and overrides, zero-width and filling characters, line and paragraph separators, tags, the byte
// order mark. The zero-width joiner and the variation selectors stay: emoji are built with them. `model/src/visible.rs` has the same rule
// for the command line; visible.json holds both to it.
const HIDDEN =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]/u;

function standIn(character: string, code: number): string {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `\u27e8${codeName(character)}\u27e9`;
}

function codeName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Cuts a name into plain pieces and stand-ins. */
export function visiblePieces(name: string): NamePiece[] {
  const pieces: NamePiece[] = [];
  let plain = "";
  for (const character of name) {
    if (!HIDDEN.test(character)) {
      plain += character;
      continue;
    }
    if (plain !== "") pieces.push({ text: plain, hidden: null });
    plain = "";
    pieces.push({ text: standIn(character, character.codePointAt(0) ?? 0), hidden: codeName(character) });
  }
  if (plain !== "") pieces.push({ text: plain, hidden: null });
  return pieces;
}

/** The same as one string, for titles and labels. */
export function visibleName(name: string): string {
  return visiblePieces(name)
    .map((piece) => piece.text)
    .join("");
}

/** The lines of a tooltip; empty ones are left out. */
export function tooltip(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}
