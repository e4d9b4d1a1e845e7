//! Actions of the user that may need a question first.

import type { Action } from "../bindings/Action";
import type { Row } from "../bindings/Row";
import { ASK_BEFORE_CANCEL, filesFor } from "../state/actions";
import type { Ferry } from "../state/ferry.svelte";
import { NOTHING, type Selection, targetOf } from "../state/selection";
import { rowById } from "../state/window";
import { showBytes } from "../text/format";
import { visibleName } from "../text/visible";
import type { Stage } from "./stage.svelte";

/** Does something with one row. Taking back much that was sent is asked about first. */
export function actOnRow(ferry: Ferry, stage: Stage, action: Action, row: Row): void {
  const go = () => {
    ferry.act(action, { type: "ids", ids: [row.id] });
  };
  const sent = row.acked + row.inFlight;
  if (action !== "cancel" || sent < ASK_BEFORE_CANCEL) {
    go();
    return;
  }
  const words = ferry.text.confirm;
  stage.ask({ title: words.cancelOne(visibleName(row.name)), body: words.cancelBody(showBytes(sent)), confirm: words.cancelDo(1), keep: words.keep, onConfirm: go });
}

/** The only row of the selection, if the window holds it. */
function onlyRow(ferry: Ferry, { all, ids }: Selection): Row | null {
  const [id] = ids;
  return all || ids.size !== 1 || id === undefined ? null : rowById(ferry.window, id);
}

/** Does something with the selection, once it is known what it holds. Taking back several uploads, or unfinished ones off the
 *  list, is asked about first; the question names the file, or how many there are. */
export async function actOnSelection(ferry: Ferry, stage: Stage, action: Action): Promise<void> {
  await ferry.known();
  const { selection, selected } = ferry;
  const files = filesFor(selected, action);
  if (selected === null || files === 0) return;
  const target = targetOf(selection, ferry.list);
  const only = onlyRow(ferry, selection);
  const words = ferry.text.confirm;
  if (action === "cancel" && only !== null) {
    actOnRow(ferry, stage, action, only);
  } else if (action === "cancel") {
    stage.ask({
      title: words.cancelTitle(files),
      body: words.cancelBodyMany,
      confirm: words.cancelDo(files),
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
    const title = only === null ? words.removeTitle(files) : words.removeOne(visibleName(only.name));
    if (selected.unfinished > 0) stage.ask({ title, body: words.removeBody, confirm: words.removeDo, keep: words.keepList, onConfirm: go });
    else go();
  } else {
    ferry.act(action, target);
  }
}
