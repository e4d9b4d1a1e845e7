//! Says the page's messages of the catalogue that Rust and the page share, `src-tauri/crates/text/messages`. The host has them:
//! in the page's scripts they would weigh as much as all views together.

import { FluentBundle, FluentResource } from "@fluent/bundle";
import { type Dictionary, type Language, LANGUAGES, TAGS } from "../bindings/Messages";
import type { PageTexts } from "../bindings/PageTexts";
import type { Words } from "../bindings/Words";

/** A message's name, and before it the lines of its comment. */
const MESSAGE = /((?:^#.*\n)*)^([a-zA-Z]\w*) *=/gm;
/** What fills a message, in the order in which it is given. */
const PARAMETER = /^# \$(\w+) \(/gm;

interface Group {
  [name: string]: Group | string | ((...given: (string | number)[]) => string);
}

/** What each language says, as the host sent it. */
const sources = new Map<string, string>();
const bundles = new Map<Language, FluentBundle>();
const dictionaries = new Map<Language, Dictionary>();
/** Each message with the names of what fills it. The first language declares them. */
let declared: readonly (readonly [id: string, parameters: readonly string[]])[] = [];

/** Takes what every language says. To be called once, before anything is said. */
export function learn(texts: readonly PageTexts[]): void {
  for (const { language, source } of texts) sources.set(language, source);
  declared = [...(sources.get(LANGUAGES[0]) ?? "").matchAll(MESSAGE)].map(([, comment, id]) => [
    id ?? "",
    [...(comment ?? "").matchAll(PARAMETER)].map(([, name]) => name ?? ""),
  ]);
  bundles.clear();
  dictionaries.clear();
}

/** The messages of a language; read when it is first spoken, as the window is painted only after that. */
function bundleOf(language: Language): FluentBundle {
  const read = bundles.get(language);
  if (read !== undefined) return read;
  // Marks around what fills a message would be copied with it.
  const bundle = new FluentBundle(TAGS[language], { useIsolating: false });
  bundle.addResource(new FluentResource(sources.get(language) ?? ""));
  bundles.set(language, bundle);
  return bundle;
}

function say(language: Language, id: string, filled?: Record<string, string | number>): string {
  for (const spoken of [language, LANGUAGES[0]]) {
    const bundle = bundleOf(spoken);
    const pattern = bundle.getMessage(id)?.value;
    if (pattern) return bundle.formatPattern(pattern, filled);
  }
  return id;
}

/** The messages by their places: `totals_files` is `totals.files`, and two strokes stand for a dot in a name. */
function dictionary(language: Language): Group {
  const root: Group = {};
  for (const [id, parameters] of declared) {
    const place = id.replaceAll("__", ".").split("_");
    const name = place.pop() ?? id;
    let group = root;
    for (const each of place) group = (group[each] ??= {}) as Group;
    group[name] =
      parameters.length === 0
        ? say(language, id)
        : (...given) => say(language, id, Object.fromEntries(parameters.map((parameter, at) => [parameter, given[at] ?? ""])));
  }
  return root;
}

/** What a language has to say. */
export function dictionaryOf(language: Language): Dictionary {
  const read = dictionaries.get(language);
  if (read !== undefined) return read;
  // The catalogue's own tests hold that its messages are those of the type.
  const made = dictionary(language) as unknown as Dictionary;
  dictionaries.set(language, made);
  return made;
}

/** A text of the page's own in every language, as the host sends them. */
export function inEveryLanguage(pick: (dictionary: Dictionary) => string): Words {
  return Object.fromEntries(LANGUAGES.map((language) => [language, pick(dictionaryOf(language))])) as Words;
}
