//! A profile's form: what a new one begins with, which section holds which field, and what an import fills in. Pure.

import { BLANK_PROFILE, CONNECTION_FIELDS } from "../bindings/Fields";
import type { ImportCandidate } from "../bindings/ImportCandidate";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { Provider } from "../bindings/Provider";
import { copyOf } from "./copy";
import { optionsFor } from "./options";

/** What a profile has unless the user wrote another template. */
export const DEFAULT_TEMPLATE = BLANK_PROFILE.keyTemplate;

/** The fields that a template may hold. */
export const TEMPLATE_FIELDS = ["prefix", "dir", "name", "stem", "ext", "yyyy", "mm", "dd", "hash8"] as const;

/** A new profile's form. */
export function blankForm(): ProfileForm {
  return copyOf(BLANK_PROFILE);
}

/** The sections of the form. */
export const SECTIONS = ["basics", "objects", "names", "connection"] as const;
export type Section = (typeof SECTIONS)[number];

/** The section that shows a field, and so its problem. */
export function sectionOf(field: string): Section {
  if (field.startsWith("options.")) return "objects";
  if (field === "keyTemplate") return "names";
  const connects = field === "limit" || field.startsWith("network.") || CONNECTION_FIELDS.some((each) => each.name === field);
  return connects ? "connection" : "basics";
}

/** The form of a new profile with what another tool has. What the user typed before stays where the tool has nothing. */
export function filledFrom({ form }: ImportCandidate, typed: ProfileForm): ProfileForm {
  const or = (found: string, before: string) => (found === "" ? before : found);
  return {
    ...copyOf(form),
    name: or(typed.name, form.name),
    endpoint: or(form.endpoint, typed.endpoint),
    region: or(form.region, typed.region),
    bucket: or(form.bucket, typed.bucket),
    prefix: or(form.prefix, typed.prefix),
    // Ferry takes over no proxy and no limit of another tool.
    network: copyOf(typed.network),
    limit: copyOf(typed.limit),
  };
}

/** The form of a saved profile with another tool's key: its address stays what the user saved. */
export function keyedFrom({ form }: ImportCandidate, saved: ProfileForm): ProfileForm {
  return { ...copyOf(saved), keySource: form.keySource, keyCommand: form.keyCommand };
}

/** The form after a change of the dialect. */
export function asProvider(provider: Provider, form: ProfileForm): ProfileForm {
  return { ...form, provider, options: optionsFor(provider, form.options) };
}
