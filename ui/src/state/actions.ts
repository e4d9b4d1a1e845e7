//! Where actions stand. Which of them are allowed, and for how many, the host says.

import type { Action } from "../bindings/Action";
import type { Selected } from "../bindings/Selected";

/** The actions of the selection bar, in its order. */
export const SELECTION_ACTIONS = ["pause", "resume", "retry", "cancel", "remove"] as const satisfies readonly Action[];

/** Choices for rows that wait for one, in the order of their menu. */
export const SELECTION_CHOICES = ["overwrite", "skip", "rename", "startOver", "waitUntilQuiet"] as const satisfies readonly Action[];

/** How many of the selected transfers an action would change. */
export function filesFor(selected: Selected | null, action: Action): number {
  return selected?.actions.find((count) => count.action === action)?.files ?? 0;
}
