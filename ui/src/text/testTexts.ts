//! The catalogue for tests that have no host: as the host would send it.

import { LANGUAGES, TAGS } from "../bindings/Messages";
import { learn } from "./catalogue";

const SOURCES: Record<string, string> = import.meta.glob("../../../src-tauri/crates/text/messages/*/{time,window/*}.ftl", { query: "?raw", import: "default", eager: true });

learn(
  LANGUAGES.map((language) => {
    const files = Object.entries(SOURCES).filter(([path]) => path.includes(`/messages/${TAGS[language]}/`));
    return { language, source: files.map(([, source]) => source).join("\n") };
  }),
);
