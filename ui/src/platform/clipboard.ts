//! Puts text on the clipboard.

/**
 * Copies a text that is still being made; resolves to whether it worked, and rejects with what the making was rejected with. Called
 * while the user's click is handled: engines let a page write to the clipboard only then, so the promise itself is handed over.
 */
export async function copyLater(text: Promise<string>): Promise<boolean> {
  try {
    const blob = text.then((made) => new Blob([made], { type: "text/plain" }));
    // Where the interface is missing, nobody else waits for it.
    blob.catch(() => undefined);
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return true;
  } catch {
    return copyText(await text);
  }
}

/** Copies `text`; resolves to whether it worked. Where the page may not use the clipboard interface, a selection is copied. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  // Inside an open dialog everything else is inert, so the text has to stand inside it too.
  (document.querySelector('[role="dialog"]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}
