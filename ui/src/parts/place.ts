//! Where menus and tooltips stand: beside what they belong to, and inside the window.

import type { Attachment } from "svelte/attachments";

/** Room between an anchor and what stands beside it, and between that and the window's edge. */
const GAP = 4;

/** Beside which edge of its anchor something stands. */
export interface Beside {
  readonly align: "start" | "center" | "end";
  readonly above: boolean;
}

/** The upper left corner of a box beside its anchor. What has no room there stands on the other side. Pure. */
export function cornerOf(anchor: DOMRect, box: { readonly width: number; readonly height: number }, inside: DOMRect, { align, above }: Beside): { x: number; y: number } {
  const over = anchor.top - GAP - box.height;
  const under = anchor.bottom + GAP;
  const fitsOver = over >= inside.top;
  const fitsUnder = under + box.height <= inside.bottom;
  const y = above ? (fitsOver || !fitsUnder ? over : under) : fitsUnder || !fitsOver ? under : over;
  const x = { start: anchor.left, center: anchor.left + (anchor.width - box.width) / 2, end: anchor.right - box.width }[align];
  const within = (at: number, from: number, to: number) => Math.max(from + GAP, Math.min(at, to - GAP));
  return { x: within(x, inside.left, inside.right - box.width), y: within(y, inside.top, inside.bottom - box.height) };
}

/** Puts an element of fixed position, whose corner its style sheet has at 0, 0, beside an anchor. */
export function besides(anchor: () => DOMRect | undefined, beside: Beside): Attachment<HTMLElement> {
  return (element) => {
    const at = anchor();
    if (at === undefined) return;
    // Engines do not agree whether a rectangle counts in pixels of the zoomed page: one that is known tells.
    const before = element.getBoundingClientRect();
    const probe = 100;
    element.style.left = `${String(probe)}px`;
    const scale = (element.getBoundingClientRect().left - before.left) / probe;
    const { x, y } = cornerOf(at, before, document.documentElement.getBoundingClientRect(), beside);
    element.style.left = `${String((x - before.left) / scale)}px`;
    element.style.top = `${String((y - before.top) / scale)}px`;
  };
}
