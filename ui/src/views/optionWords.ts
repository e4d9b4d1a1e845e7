//! What a batch asks for, in a few words.

import type { BatchForm } from "../bindings/BatchForm";
import { wishes } from "../state/options";
import type { Text } from "../text/text";

/** The existing-objects policy of a form, in words. */
function existingWords(text: Text, existing: BatchForm["existing"]): string {
  const words = text.form;
  const policies = {
    ask: words.existingAsk,
    skip: words.existingSkip,
    skipIdentical: words.existingSkipIdentical,
    overwrite: words.existingOverwrite,
    rename: words.existingRename,
  };
  return text.batch.wish(words.existing, policies[existing]);
}

/** What is in force beside the destination: each wish with its name, and what happens to existing objects. */
export function inForce(text: Text, form: BatchForm): string[] {
  const words = text.options;
  const named = wishes(form.options).map(([field, value]) => {
    if (field === "sha256") return value;
    return text.batch.wish(words[field as "storageClass"], value);
  });
  return [...named, existingWords(text, form.existing)];
}
