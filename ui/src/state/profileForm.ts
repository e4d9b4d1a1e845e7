//! A profile's form: what a new one begins with, which section holds which field, and what an import fills in. Pure.

import type { ImportCandidate } from "../bindings/ImportCandidate";
import type { ProfileForm } from "../bindings/ProfileForm";
import { limitCopy, NO_LIMIT } from "./limit";
import { BLANK_NETWORK } from "./network";
import { BLANK_OPTIONS, copyOf, optionsFor } from "./options";

/** What a profile has unless the user wrote another template. */
export const DEFAULT_TEMPLATE = "{prefix}{dir}{name}";

/** The fields that a template may hold. */
export const TEMPLATE_FIELDS = ["prefix", "dir", "name", "stem", "ext", "yyyy", "mm", "dd", "hash8"] as const;

/** A new profile's form. */
export function blankForm(): ProfileForm {
  return {
    name: "",
    provider: "oss",
    endpoint: "",
    region: "",
    bucket: "",
    prefix: "",
    addressing: "auto",
    sign: "v4",
    integrity: "standard",
    existing: "ask",
    plainHttp: "refuse",
    keySource: "keyring",
    keyCommand: "",
    options: copyOf(BLANK_OPTIONS),
    keyTemplate: DEFAULT_TEMPLATE,
    keyForm: "nfc",
    connectSeconds: 10,
    idleSeconds: 60,
    connections: 0,
    linkDomain: "",
    network: { ...BLANK_NETWORK },
    limit: limitCopy(NO_LIMIT),
  };
}

/** A copy that shares nothing. */
export function formCopy(form: ProfileForm): ProfileForm {
  return { ...form, options: copyOf(form.options), network: { ...form.network }, limit: limitCopy(form.limit) };
}

/** The sections of the form. */
export const SECTIONS = ["basics", "objects", "names", "connection"] as const;
export type Section = (typeof SECTIONS)[number];

const ELSEWHERE: Partial<Record<string, Section>> = {
  keyTemplate: "names",
  connectSeconds: "connection",
  idleSeconds: "connection",
  connections: "connection",
  linkDomain: "connection",
  limit: "connection",
};

/** The section that shows a field, and so its problem. */
export function sectionOf(field: string): Section {
  if (field.startsWith("options.")) return "objects";
  return field.startsWith("network.") ? "connection" : (ELSEWHERE[field] ?? "basics");
}

/** The form of a new profile with what another tool has. What the user typed before stays where the tool has nothing. */
export function filledFrom({ form }: ImportCandidate, typed: ProfileForm): ProfileForm {
  const or = (found: string, before: string) => (found === "" ? before : found);
  return {
    ...formCopy(form),
    name: or(typed.name, form.name),
    endpoint: or(form.endpoint, typed.endpoint),
    region: or(form.region, typed.region),
    bucket: or(form.bucket, typed.bucket),
    prefix: or(form.prefix, typed.prefix),
    // Ferry takes over no proxy and no limit of another tool.
    network: { ...typed.network },
    limit: limitCopy(typed.limit),
  };
}

/** The form of a saved profile with another tool's key: its address stays what the user saved. */
export function keyedFrom({ form }: ImportCandidate, saved: ProfileForm): ProfileForm {
  return { ...formCopy(saved), keySource: form.keySource, keyCommand: form.keyCommand };
}

/** The form after a change of the dialect. */
export function asProvider(provider: ProfileForm["provider"], form: ProfileForm): ProfileForm {
  return { ...form, provider, options: optionsFor(provider, form.options) };
}
