//! Says the messages of the catalogue that Rust and the page share: `src-tauri/crates/text/messages`.

import { FluentBundle, FluentResource } from "@fluent/bundle";
import { type Dictionary, dictionary, type Language, LANGUAGES, TAGS } from "../bindings/Messages";
import type { Words } from "../bindings/Words";

const SOURCES: Record<string, string> = import.meta.glob("../../../src-tauri/crates/text/messages/*/{time,window/*}.ftl", { query: "?raw", import: "default", eager: true });

function bundleOf(language: Language): FluentBundle {
  // Marks around what fills a message would be copied with it.
  const bundle = new FluentBundle(TAGS[language], { useIsolating: false });
  for (const [path, source] of Object.entries(SOURCES)) {
    if (path.includes(`/messages/${TAGS[language]}/`)) bundle.addResource(new FluentResource(source));
  }
  return bundle;
}

const dictionaries = new Map<Language, Dictionary>();

/** What a language has to say; read when it is first spoken. */
export function dictionaryOf(language: Language): Dictionary {
  const read = dictionaries.get(language);
  if (read !== undefined) return read;
  const bundles = [language, ...LANGUAGES.slice(0, 1)].map(bundleOf);
  const made = dictionary((id, filled) => {
    for (const bundle of bundles) {
      const pattern = bundle.getMessage(id)?.value;
      if (pattern) return bundle.formatPattern(pattern, filled);
    }
    return id;
  });
  dictionaries.set(language, made);
  return made;
}

/** A text of the page's own in every language, as the host sends them. */
export function inEveryLanguage(pick: (dictionary: Dictionary) => string): Words {
  return Object.fromEntries(LANGUAGES.map((language) => [language, pick(dictionaryOf(language))])) as Words;
}
