//! How large the page is drawn. Pure, but for where it is kept.

/** The steps of Ctrl + and Ctrl -, as browsers have them. */
export const ZOOMS = [0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const;

const KEPT = "zoom";

/** The next step from `zoom`: larger, smaller, or the size it is made for. */
export function zoomAfter(key: string, zoom: number): number | null {
  switch (key) {
    case "+":
    case "=":
      return ZOOMS.find((step) => step > zoom) ?? zoom;
    case "-":
      return ZOOMS.findLast((step) => step < zoom) ?? zoom;
    case "0":
      return 1;
    default:
      return null;
  }
}

/** The zoom of the last time; 1 where there is none. */
export function keptZoom(storage: Pick<Storage, "getItem">): number {
  const kept = Number(storage.getItem(KEPT));
  return ZOOMS.find((step) => step === kept) ?? 1;
}

/** Keeps the zoom for the next time. */
export function keepZoom(storage: Pick<Storage, "setItem">, zoom: number): void {
  storage.setItem(KEPT, String(zoom));
}
