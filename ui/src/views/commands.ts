//! Actions of the user that may need a question first.

import type { Action } from "../bindings/Action";
import type { Row } from "../bindings/Row";
import { ASK_BEFORE_CANCEL, applies, running } from "../state/actions";
import type { Ferry } from "../state/ferry.svelte";
import { count, has, NOTHING, targetOf } from "../state/selection";
import { showBytes } from "../text/format";
import type { Stage } from "./stage.svelte";

/** Does something with one row. Taking back much that was sent is asked about first. */
export function actOnRow(ferry: Ferry, stage: Stage, action: Action, row: Row): void {
  const go = () => {
    ferry.act(action, { type: "ids", ids: [row.id] });
  };
  if (action !== "cancel" || row.sent < ASK_BEFORE_CANCEL) {
    go();
    return;
  }
  const words = ferry.text.confirm;
  stage.ask({ title: words.cancelTitle(1), body: words.cancelBody(showBytes(row.sent)), confirm: words.cancelDo(1), keep: words.keep, onConfirm: go });
}

/** The selected rows that the window holds; of others it knows only the number. */
export function selectedRows(ferry: Ferry): readonly Row[] {
  return ferry.window.page.rows.filter((row) => has(ferry.selection, row.id));
}

/** How many of the selection an action fits. Rows that the window does not hold are taken to fit: the host decides. */
export function fitting(ferry: Ferry, action: Action): number {
  const rows = selectedRows(ferry);
  const all = count(ferry.selection, ferry.window.totals.files);
  return rows.filter((row) => applies(action, row.state)).length + Math.max(0, all - rows.length);
}

/** Does something with the selection. Taking back several uploads, or unfinished ones off the list, is asked about first. */
export function actOnSelection(ferry: Ferry, stage: Stage, action: Action): void {
  const { selection } = ferry;
  const rows = selectedRows(ferry);
  const all = count(selection, ferry.window.totals.files);
  if (all === 0) return;
  const target = targetOf(selection);
  const only = rows.length === 1 && all === 1 ? rows[0] : undefined;
  const words = ferry.text.confirm;
  if (action === "cancel" && only !== undefined) {
    actOnRow(ferry, stage, action, only);
  } else if (action === "cancel") {
    stage.ask({
      title: words.cancelTitle(fitting(ferry, action)),
      body: words.cancelBodyMany,
      confirm: words.cancelDo(all),
      keep: words.keep,
      onConfirm: () => {
        ferry.act(action, target);
      },
    });
  } else if (action === "remove") {
    const go = () => {
      ferry.act(action, target);
      ferry.selection = { ...NOTHING, active: selection.active, anchor: selection.active };
    };
    const unfinished = rows.length < all || rows.some((row) => running(row.state) || row.state === "paused");
    if (unfinished) stage.ask({ title: words.removeTitle(all), body: words.removeBody, confirm: words.removeDo, keep: words.keepList, onConfirm: go });
    else go();
  } else {
    ferry.act(action, target);
  }
}
