//! The context menu of the list: what can be done with what was clicked.

import type { Action } from "../bindings/Action";
import type { Batch } from "../bindings/Batch";
import type { MoveTo } from "../bindings/MoveTo";
import type { Row } from "../bindings/Row";
import type { MenuLine } from "../parts/menu";
import { filesFor, SELECTION_ACTIONS, SELECTION_CHOICES } from "../state/actions";
import type { Ferry } from "../state/ferry.svelte";
import { count } from "../state/selection";
import { matching } from "../state/window";
import { actOnRow, actOnSelection } from "./commands";
import type { Text } from "../text/text";
import { copyLinks } from "./copyLinks";
import { ICON_ACTIONS } from "./rowLook";
import type { Stage } from "./stage.svelte";

const LINE: MenuLine = { kind: "line" };

/** The keys, with Alt, that move things in the order in which they are taken. */
const MOVES = { top: "Home", up: "ArrowUp", down: "ArrowDown", bottom: "End" } as const satisfies Record<MoveTo, string>;
export const MOVE_KEYS: Record<MoveTo, string> = { top: "Alt+Home", up: "Alt+↑", down: "Alt+↓", bottom: "Alt+End" };
const PLACES = ["top", "up", "down", "bottom"] as const satisfies readonly MoveTo[];

/** Where a key moves things; null for another key. */
export function moveOf(event: KeyboardEvent): MoveTo | null {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  return PLACES.find((place) => MOVES[place] === event.key) ?? null;
}

function moveLines(text: Text, onmove: (place: MoveTo) => void): readonly MenuLine[] {
  return PLACES.map((place) => ({
    kind: "item",
    key: `move-${place}`,
    label: text.move[place],
    below: MOVE_KEYS[place],
    testid: `move-${place}`,
    onpick: () => {
      onmove(place);
    },
  }));
}

/** Files have an order within their batch, where batches are what is shown, until they end. */
function canMove(ferry: Ferry, row: Row): boolean {
  return ferry.movesRows && row.group !== "ended" && row.pending === null;
}

/** In which order decisions are offered: what loses nothing first. */
const OF_A_CONFLICT = ["rename", "skip", "overwrite"] as const satisfies readonly Action[];
const OF_A_CHANGE = ["startOver", "waitUntilQuiet", "skip"] as const satisfies readonly Action[];

/** What a row offers to decide, of what is allowed. */
export function decisionsOf(row: Row): readonly Action[] {
  const order: readonly Action[] = row.state === "conflict" ? OF_A_CONFLICT : OF_A_CHANGE;
  return order.filter((action) => row.actions.includes(action));
}

/** The decisions of a row as a menu. */
export function decisionLines(row: Row, text: Text, onact: (action: Action) => void): readonly MenuLine[] {
  return decisionsOf(row).map((action) => ({
    kind: "item",
    key: action,
    label: text.actions[action],
    below: text.actionHints[action],
    testid: `row-${action}`,
    onpick: () => {
      onact(action);
    },
  }));
}

/** What is offered for one row: its allowed actions, the likeliest first, then what is there for every row. */
export function rowLines(ferry: Ferry, stage: Stage, row: Row, ondetails: () => void): readonly MenuLine[] {
  const { text } = ferry;
  const decisions = decisionsOf(row);
  const acts: MenuLine[] = [...decisions, ...row.actions.filter((action) => !decisions.includes(action))].map((action) => {
    const icon = ICON_ACTIONS[action];
    return {
      kind: "item",
      key: action,
      label: text.actions[action],
      ...(icon === undefined ? {} : { icon }),
      testid: `menu-${action}`,
      onpick: () => {
        actOnRow(ferry, action, row);
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
  const moves = canMove(ferry, row)
    ? moveLines(text, (place) => {
        ferry.move({ type: "ids", ids: [row.id] }, place);
      })
    : [];
  return [...acts, ...(acts.length > 0 ? [LINE] : []), ...moves, ...(moves.length > 0 ? [LINE] : []), ...links, folder, details];
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
    const onpick = () => void actOnSelection(ferry, action);
    return [{ kind: "item", key: action, label: selected === null ? text.actions[action] : `${text.actions[action]} ${text.number(files)}`, disabled: files === 0, ...(icon === undefined ? {} : { icon }), testid: `menu-${action}`, onpick }];
  });
  const moves = moveLines(text, (place) => {
    ferry.move(ferry.target, place);
  });
  if (ferry.movesRows && acts.length > 0) acts.push(LINE, ...moves);
  if (selected === null || selected.done === 0) return acts;
  const label = `${chosen === 1 ? text.links.copy : text.links.copyMany} ${text.number(selected.done)}`;
  return [...acts, LINE, { kind: "item", key: "link", label, icon: "link", testid: "menu-link", onpick: () => void copyLinks(ferry, stage, ferry.target) }];
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
              ferry.act(action, matching({ batch: batch.id }));
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
  const moves =
    batch.state === "done"
      ? []
      : [
          LINE,
          ...moveLines(text, (place) => {
            ferry.moveBatch(batch.id, place);
          }),
        ];
  return [
    ...acts,
    ...decide,
    ...moves,
    ...(moves.length > 0 ? [LINE] : []),
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
