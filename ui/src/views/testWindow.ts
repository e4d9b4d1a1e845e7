//! For tests only: the window over a host that is given, and hands for it.

import { flushSync, mount, unmount } from "svelte";
import type { Platform } from "../platform/platform";
import { Ferry } from "../state/ferry.svelte";
import App from "./App.svelte";

let app: object | undefined;

/** The window over this host. */
export async function openOver(platform: Platform): Promise<Ferry> {
  const ferry = new Ferry(platform, ["en"]);
  const target = document.createElement("div");
  document.body.append(target);
  app = mount(App, { target, props: { ferry } });
  await settle();
  return ferry;
}

/** Leaves nothing of the window behind. */
export function close(): void {
  if (app !== undefined) void unmount(app);
  app = undefined;
  document.body.replaceChildren();
  delete document.documentElement.dataset["theme"];
}

/** Lets what was started come to rest; `rests` are milliseconds for what waits itself. */
export async function settle(rests = 0): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, rests));
  flushSync();
}

export const all = (testid: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`)];

export const one = (testid: string, within: ParentNode = document): HTMLElement => {
  const found = within.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
  if (found === null) throw new Error(`no ${testid}`);
  return found;
};

export const row = (name: string): HTMLElement => {
  const found = all("row").find((each) => each.dataset["name"]?.startsWith(name));
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
};

export const click = async (element: HTMLElement, more: MouseEventInit = {}) => {
  element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...more }));
  await settle();
};
