//! What objects shall be like: what of a form fits a dialect, and what a batch begins with. Pure.

import type { BatchForm } from "../bindings/BatchForm";
import { BLANK_PROFILE, OPTION_FIELDS } from "../bindings/Fields";
import type { OptionsForm } from "../bindings/OptionsForm";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { Provider } from "../bindings/Provider";
import { copyOf } from "./copy";
import { valuesFor } from "./fields";

/** The options without what another dialect has. */
export function optionsFor(provider: Provider, options: OptionsForm): OptionsForm {
  return valuesFor(provider, OPTION_FIELDS, copyOf(options), BLANK_PROFILE.options);
}

/** What a batch begins with: as its profile has it. */
export function batchOf(form: ProfileForm): BatchForm {
  return { prefix: form.prefix, existing: form.existing, options: copyOf(form.options) };
}
