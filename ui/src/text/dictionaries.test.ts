import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../bindings/Messages";
import { dictionaryOf, inEveryLanguage } from "./catalogue";

/** Every text of a dictionary by its path; functions are asked with numbers or words that fit their place. */
function texts(dictionary: object, path = ""): [string, string][] {
  return Object.entries(dictionary).flatMap(([key, value]: [string, unknown]) => {
    const at = `${path}${key}`;
    if (typeof value === "string") return [[at, value]];
    if (typeof value === "function") return [[at, String((value as (...given: unknown[]) => unknown)("7", 7, 7, 7))]];
    return texts(value as object, `${at}.`);
  });
}

// Whether all languages have the same messages, and each is translated, is a test of the catalogue (src-tauri/crates/text).
describe.each(LANGUAGES)("%s", (language) => {
  it("has a text for every place", () => {
    const said = texts(dictionaryOf(language));
    expect(said.length).toBeGreaterThan(300);
    const wrong = said.filter(([at, text]) => text.trim() === "" || text === at.replaceAll(".", "_") || /undefined|\[object|NaN|\{\$|\u2068/.test(text));
    expect(wrong).toEqual([]);
  });
});

it("minds number in English", () => {
  const en = dictionaryOf("en");
  expect([en.dragOver(1, "oss://b/"), en.dragOver(3, "oss://b/")]).toEqual(["Drop 1 item to upload to oss://b/", "Drop 3 items to upload to oss://b/"]);
  expect(en.now.files(412, 2000)).toBe("412 of 2,000 files");
  expect([0, 1, 2].map((count) => en.selection.count(count))).toEqual(["Nothing selected", "1 selected", "2 selected"]);
});

it("shows names as they are", () => {
  const name = "a { $b } \u2068{c}";
  expect(dictionaryOf("zh").undo.one.cancel(name)).toBe(`即将取消上传“${name}”`);
});

it("has its own words in every language", () => {
  expect(inEveryLanguage((text) => text.close)).toEqual({ en: "Close", zh: "关闭" });
});
