//! What a batch asks for, in a few words.

import type { BatchForm } from "../bindings/BatchForm";
import { BLANK_PROFILE, OPTION_FIELDS } from "../bindings/Fields";
import type { Provider } from "../bindings/Provider";
import { asked, fieldsThere } from "../state/fields";
import { nameOf, wordsOf } from "../text/fieldWords";
import type { Text } from "../text/text";

/** What is in force beside the destination: each option with its name, and what happens to existing objects. What belongs to another option is part of it. */
export function inForce(text: Text, provider: Provider, { options, existing }: BatchForm): string[] {
  const words = text.options;
  const said = fieldsThere(OPTION_FIELDS, provider, options)
    .filter((field) => field.when === undefined)
    .flatMap((field) => {
      const { name } = field;
      const value = asked(field, options[name as keyof typeof options], BLANK_PROFILE.options[name as keyof typeof options], (choice) => nameOf(words, name, choice));
      if (value === null) return [];
      const label = wordsOf(words, name, provider);
      return value === "" ? [label] : [text.batch.option(label, `${value} ${wordsOf(words, name, provider, "units")}`.trim())];
    });
  return [...said, text.batch.option(text.form.existing, nameOf(text.form, "existing", existing))];
}
