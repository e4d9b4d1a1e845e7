//! Where the lines of the list stand: batches, and below the open one its files. Pure.

/** Height of a batch in CSS pixels. `--batch` in the style sheet says the same. */
export const BATCH_HEIGHT = 48;
/** A batch with more files than this folds its verified ones into one line. */
export const FOLD_FROM = 20;

/** What the list is made of. Without batches it is rows alone. */
export interface Lines {
  /** Batches in all. */
  readonly batches: number;
  /** Place of the open batch; null where none is open. */
  readonly open: number | null;
  /** Rows of the open batch, or of the list. */
  readonly rows: number;
  /** Height of a row in CSS pixels. */
  readonly rowHeight: number;
  /** Whether a line below the rows stands for those that are verified. */
  readonly fold: boolean;
}

/** A line of the list: the place of a batch or of a row, or the one that stands for verified rows. */
export type Line = { readonly kind: "batch" | "row"; readonly index: number } | { readonly kind: "fold" };

/** Batches that stand above the rows. */
function above({ batches, open }: Lines): number {
  return open === null ? batches : open + 1;
}

function below({ open, rows, fold, batches }: Lines): number {
  return open === null && batches > 0 ? 0 : rows + (fold ? 1 : 0);
}

/** How many lines there are. */
export function lineCount(lines: Lines): number {
  return lines.batches + below(lines);
}

/** The line at a place; null beyond the end. */
export function lineAt(lines: Lines, place: number): Line | null {
  if (place < 0 || place >= lineCount(lines)) return null;
  const first = above(lines);
  if (place < first) return { kind: "batch", index: place };
  const index = place - first;
  if (index < below(lines)) return index < lines.rows ? { kind: "row", index } : { kind: "fold" };
  return { kind: "batch", index: place - below(lines) };
}

/** The place of a line. */
export function placeOf(lines: Lines, line: Line): number {
  if (line.kind === "row") return above(lines) + line.index;
  if (line.kind === "fold") return above(lines) + lines.rows;
  return line.index < above(lines) ? line.index : line.index + below(lines);
}

/** Where a line begins, in CSS pixels. */
export function topOf(lines: Lines, line: Line): number {
  if (line.kind === "row") return above(lines) * BATCH_HEIGHT + line.index * lines.rowHeight;
  if (line.kind === "fold") return above(lines) * BATCH_HEIGHT + lines.rows * lines.rowHeight;
  return line.index * BATCH_HEIGHT + (line.index < above(lines) ? 0 : below(lines) * lines.rowHeight);
}

/** The scroll position, in CSS pixels, as it would be without the rows between the batches. */
export function topOfBatches(lines: Lines, scrollTop: number): number {
  const last = above(lines) * BATCH_HEIGHT;
  return scrollTop <= last ? scrollTop : Math.max(last, scrollTop - below(lines) * lines.rowHeight);
}

/** Height of a line in CSS pixels. */
export function heightOf(lines: Lines, line: Line): number {
  return line.kind === "batch" ? BATCH_HEIGHT : lines.rowHeight;
}

/** Height of all lines in CSS pixels. */
export function heightOfAll(lines: Lines): number {
  return lines.batches * BATCH_HEIGHT + below(lines) * lines.rowHeight;
}
