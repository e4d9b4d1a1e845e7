//! The context menu of the list: what can be done with what was clicked.

import type { Batch } from "../bindings/Batch";
import type { Row } from "../bindings/Row";
import type { MenuLine } from "../parts/menu";
import { filesFor, SELECTION_ACTIONS, SELECTION_CHOICES } from "../state/actions";
import type { Ferry } from "../state/ferry.svelte";
import { count, targetOf } from "../state/selection";
import { actOnRow, actOnSelection } from "./commands";
import { copyLinks } from "./copyLinks";
import { ICON_ACTIONS } from "./rowLook";
import type { Stage } from "./stage.svelte";

const LINE: MenuLine = { kind: "line" };

/** What is offered for one row: its allowed actions, the likeliest first, then what is there for every row. */
export function rowLines(ferry: Ferry, stage: Stage, row: Row, ondetails: () => void): readonly MenuLine[] {
  const { text } = ferry;
  const acts: MenuLine[] = row.actions.map((action) => {
    const icon = ICON_ACTIONS[action];
    return {
      kind: "item",
      key: action,
      label: text.actions[action],
      ...(icon === undefined ? {} : { icon }),
      testid: `menu-${action}`,
      onpick: () => {
        actOnRow(ferry, stage, action, row);
      },
    };
  });
  const links: MenuLine[] =
    row.state === "done" ? [{ kind: "item", key: "link", label: text.links.copy, icon: "link", testid: "menu-link", onpick: () => void copyLinks(ferry, stage, { type: "ids", ids: [row.id] }) }] : [];
  const details: MenuLine = { kind: "item", key: "details", label: text.list.details, icon: "info", testid: "menu-details", onpick: ondetails };
  const folder: MenuLine = {
    kind: "item",
    key: "folder",
    label: text.openFolder,
    icon: "folder",
    testid: "menu-folder",
    onpick: () => {
      ferry.attempt(ferry.platform.showInFolder(row.id));
    },
  };
  return [...acts, ...(acts.length > 0 ? [LINE] : []), ...links, folder, details];
}

/** What is offered for several selected rows, with the numbers of those that each would change. */
export function selectionLines(ferry: Ferry, stage: Stage): readonly MenuLine[] {
  const { text, selected, selection } = ferry;
  const chosen = count(selection, ferry.window.page.total);
  const acts = [...SELECTION_ACTIONS, ...SELECTION_CHOICES].flatMap((action): MenuLine[] => {
    const files = filesFor(selected, action);
    const icon = ICON_ACTIONS[action];
    // Until the host has counted them, those that are common stand there without their numbers.
    const isChoice = SELECTION_CHOICES.some((choice) => choice === action);
    if (selected === null ? isChoice : files === 0) return [];
    const onpick = () => void actOnSelection(ferry, stage, action);
    return [{ kind: "item", key: action, label: selected === null ? text.actions[action] : `${text.actions[action]} ${text.number(files)}`, disabled: files === 0, ...(icon === undefined ? {} : { icon }), testid: `menu-${action}`, onpick }];
  });
  if (selected === null || selected.done === 0) return acts;
  const label = `${chosen === 1 ? text.links.copy : text.links.copyMany} ${text.number(selected.done)}`;
  return [...acts, LINE, { kind: "item", key: "link", label, icon: "link", testid: "menu-link", onpick: () => void copyLinks(ferry, stage, targetOf(selection, ferry.list)) }];
}

/** What is offered for a batch. */
export function batchLines(ferry: Ferry, batch: Batch): readonly MenuLine[] {
  const { text } = ferry;
  const open = ferry.openBatch === batch.id;
  const { action } = batch;
  const acts: MenuLine[] =
    action === "pause" || action === "resume"
      ? [
          {
            kind: "item",
            key: action,
            label: text.actions[action],
            icon: action === "pause" ? "pause" : "play",
            testid: `menu-${action}`,
            onpick: () => {
              ferry.act(action, { type: "matching", batch: batch.id, filter: "all", text: "" });
            },
          },
        ]
      : [];
  const decide: MenuLine[] =
    batch.attention > 0
      ? [
          {
            kind: "item",
            key: "decide",
            label: text.batches.attention(batch.attention),
            icon: "question",
            testid: "menu-decide",
            onpick: () => {
              ferry.show("needs");
            },
          },
        ]
      : [];
  return [
    ...acts,
    ...decide,
    {
      kind: "item",
      key: "open",
      label: open ? text.batches.close : text.batches.open,
      icon: open ? "down" : "right",
      testid: "menu-open",
      onpick: () => {
        ferry.toggleBatch(batch.id);
      },
    },
  ];
}
