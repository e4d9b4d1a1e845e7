//! Where the keyboard was before a dialog opened, also where the dialog is still being loaded.

import { getContext, hasContext, setContext } from "svelte";

const KEY = Symbol("focus before");

/** Keeps what has the focus now for the dialog below. To be called while a component is made. */
export function rememberFocus(): Element | null {
  const before = document.activeElement;
  setContext(KEY, before);
  return before;
}

/** What had the focus before the dialog was asked for. To be called while a component is made. */
export function focusBefore(): Element | null {
  return hasContext(KEY) ? getContext<Element | null>(KEY) : document.activeElement;
}
