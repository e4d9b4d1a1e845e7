//! The words of described fields: in a group of the catalogue, under the fields' names.

import type { Provider } from "../bindings/Provider";

/** A group of the catalogue with the words of fields: labels, and what each field has of the rest. */
export type FieldWords = object;

interface Group {
  readonly [name: string]: Group | string | undefined;
}

function within(words: FieldWords, ...place: readonly string[]): Group | string | undefined {
  let found: Group | string | undefined = words as Group;
  for (const name of place) found = typeof found === "object" ? found[name] : undefined;
  return found;
}

/** The label of a field; `of` for another text of it: its `hints`, its `units`. One may have a text for each dialect. */
export function wordsOf(words: FieldWords, name: string, provider: Provider, of?: "hints" | "units" | "adds" | "others"): string {
  const found = of === undefined ? within(words, name) : within(words, of, name);
  const own = typeof found === "object" ? found[provider] : found;
  return typeof own === "string" ? own : "";
}

/** A value of a choice by its name; as it is where it has none. */
export function nameOf(words: FieldWords, name: string, value: string): string {
  const found = within(words, "choices", name, value === "" ? "none" : value);
  return typeof found === "string" ? found : value;
}
