//! The described fields of a form: which are there, and what they hold. Pure.

import type { Field } from "../bindings/Field";
import type { NameValue } from "../bindings/NameValue";
import type { Provider } from "../bindings/Provider";

/** What a form holds, by the names of its fields. */
export type Values = Record<string, unknown>;

/** A field that is one of some values. */
export type Choice = Extract<Field, { kind: "choice" }>;

/** What the choice of a value that is typed stands for. */
export const OTHER = "other";

/** The fields of a dialect that what else is typed leaves there. */
export function fieldsThere(fields: readonly Field[], provider: Provider, values: Values): Field[] {
  return fields.filter((field) => {
    if (field.provider !== undefined && field.provider !== provider) return false;
    if (field.when === undefined) return true;
    const decides = values[field.when.field];
    return field.when.is === undefined ? String(decides).trim() !== "" : decides === field.when.is;
  });
}

/** Whether a value is none of those that are known, and was typed. */
export function isTyped(field: Choice, provider: Provider, value: unknown): boolean {
  return field.open === provider && !field[provider].includes(value as string);
}

/** The values without what another dialect has: its fields are not shown, so nobody could clear them. */
export function valuesFor<T extends object>(provider: Provider, fields: readonly Field[], form: T, blank: T): T {
  const values = form as Values;
  const strange = fields.filter((field) => {
    if (field.provider !== undefined && field.provider !== provider) return true;
    return field.kind === "choice" && !field[provider].includes(values[field.name] as string);
  });
  return { ...form, ...Object.fromEntries(strange.map(({ name }) => [name, structuredClone((blank as Values)[name])])) };
}

/** What a field of some form asks for, in its own words or those of `choice`; null where that is nothing. */
export function asked(field: Field, value: unknown, blank: unknown, choice: (value: string) => string): string | null {
  switch (field.kind) {
    case "text":
      return (value as string).trim() || null;
    case "choice":
      return value === blank ? null : choice(value as string);
    case "digits":
      return value === 0 ? null : String(Math.round((value as number) / field.unit));
    case "pairs":
      return (
        (value as NameValue[])
          .filter((pair) => pair.name.trim() !== "")
          .map((pair) => `${pair.name.trim()}=${pair.value.trim()}`)
          .join(", ") || null
      );
    case "check":
      return value === true ? "" : null;
  }
}
