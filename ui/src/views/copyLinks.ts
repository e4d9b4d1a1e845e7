//! Links onto the clipboard.

import type { LinkPreference } from "../bindings/LinkPreference";
import type { Links } from "../bindings/Links";
import type { Target } from "../bindings/Target";
import { copyLater } from "../platform/clipboard";
import { problemFrom } from "../platform/problem";
import type { Ferry } from "../state/ferry.svelte";
import { formatOf } from "../state/links";
import type { Stage } from "./stage.svelte";

/** Copies links as they were written last, or as `preference` says. Resolves to whether they are on the clipboard. */
export async function copyLinks(ferry: Ferry, stage: Stage, target: Target, preference: LinkPreference = ferry.settings.links): Promise<boolean> {
  let made: Links | null = null;
  const making = ferry.platform.makeLinks(target, preference.kind, formatOf(preference)).then((links) => {
    made = links;
    // Nothing to copy: what is on the clipboard stays there.
    if (links.count === 0) throw new NothingToCopy();
    return links.text;
  });
  const told = (copied: boolean) => {
    if (made !== null) stage.copied = { links: made, public: preference.kind.type === "public", copied, target };
  };
  try {
    const copied = await copyLater(making);
    told(copied);
    return copied;
  } catch (reason) {
    if (reason instanceof NothingToCopy) told(false);
    else ferry.trouble = problemFrom(reason);
    return false;
  }
}

class NothingToCopy extends Error {}
