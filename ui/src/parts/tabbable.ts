//! Which elements take the focus: what the dialogs and menus of bits-ui ask of the library `tabbable`, in whose place this stands
//! (`vite.config.ts`). That one also knows groups of radio buttons, shadow roots and media players, of which the page has none.

type Taking = HTMLElement | SVGElement;

const TAKING = "a[href], button, input, select, textarea, summary, [contenteditable], [tabindex]";
const NEVER = ":disabled, [type=hidden], [inert], [inert] *, details:not([open]) > :not(summary:first-of-type) *";

function isShown(element: Element): boolean {
  return element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
}

/** Whether it can have the focus at all. */
export function isFocusable(element: Element): boolean {
  return element.matches(TAKING) && !element.matches(NEVER) && isShown(element);
}

/** Whether the Tab key leads to it. */
export function isTabbable(element: Element): boolean {
  return (element as Taking).tabIndex >= 0 && isFocusable(element);
}

function within(container: Element, takes: (element: Element) => boolean): Taking[] {
  return [...container.querySelectorAll<Taking>(TAKING)].filter(takes);
}

/** All that can have the focus, in the order of the page. */
export function focusable(container: Element): Taking[] {
  return within(container, isFocusable);
}

/** All that the Tab key leads to, in its order: nothing of the page has a place of its own in it. */
export function tabbable(container: Element): Taking[] {
  return within(container, isTabbable);
}
