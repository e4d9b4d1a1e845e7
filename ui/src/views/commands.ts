//! Actions of the user. What destroys or skips something waits in the host, and can be undone: nothing is asked first.

import type { Action } from "../bindings/Action";
import type { Row } from "../bindings/Row";
import { filesFor } from "../state/actions";
import type { Ferry } from "../state/ferry.svelte";
import { NOTHING } from "../state/selection";

/** Does something with one row. */
export function actOnRow(ferry: Ferry, action: Action, row: Row): void {
  ferry.act(action, { type: "ids", ids: [row.id] });
}

/** Does something with the selection, once it is known what it holds. */
export async function actOnSelection(ferry: Ferry, action: Action): Promise<void> {
  await ferry.known();
  const { selection, selected } = ferry;
  if (filesFor(selected, action) === 0) return;
  ferry.act(action, ferry.target);
  if (action === "remove") ferry.selection = { ...NOTHING, active: selection.active, activeId: selection.activeId, anchor: selection.anchor };
}
