//! The folder of a row, as far as it says something where the row stands. Pure.

import type { Batch } from "../bindings/Batch";
import type { Row } from "../bindings/Row";

/** The folder of an object below what was dropped; where there is no batch, the whole of its place in the bucket. */
export function folderBelow(row: Pick<Row, "destination">, batch: Pick<Batch, "name" | "prefix" | "roots"> | null): string {
  if (batch === null) return row.destination.slice(0, row.destination.lastIndexOf("/") + 1);
  // `oss://bucket/key`
  let below = row.destination.split("/").slice(3).join("/");
  // The batch's own line says where it goes, and what the one folder is called.
  for (const known of [batch.prefix, batch.roots === 1 ? `${batch.name}/` : ""]) if (below.startsWith(known)) below = below.slice(known.length);
  return below.slice(0, below.lastIndexOf("/") + 1);
}
