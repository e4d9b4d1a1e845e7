import { describe, expect, it } from "vitest";
import { en } from "./en";
import { DICTIONARIES } from "./text";
import { zh } from "./zh";

/** Every text of a dictionary by its path; functions are asked with numbers or words that fit their place. */
function texts(dictionary: object, path = ""): [string, string][] {
  return Object.entries(dictionary).flatMap(([key, value]: [string, unknown]) => {
    const at = `${path}${key}`;
    if (typeof value === "string") return [[at, value]];
    if (typeof value === "function") return [[at, String((value as (...given: unknown[]) => unknown)("7", 7, 7, 7))]];
    return texts(value as object, `${at}.`);
  });
}

/** Texts that are the same in both languages because they are names. */
const NAMES = new Set([
  ...["details.ec", "form.accessKeyId", "form.accessKeySecret", "limit.unit", "totals.bytes", "details.ackedOf", "details.partsOf"],
  ...["key.source", "options.trafficLimitUnit", "options.callbackJson", "links.formats.markdown", "links.formats.html", "batch.wish"],
]);

describe.each(Object.entries(DICTIONARIES))("%s", (_, dictionary) => {
  it("has a text for every place", () => {
    const empty = texts(dictionary).filter(([, text]) => text.trim() === "" || /undefined|\[object|NaN/.test(text));
    expect(empty).toEqual([]);
  });
});

it("has the same places in both languages", () => {
  expect(texts(zh).map(([at]) => at)).toEqual(texts(en).map(([at]) => at));
});

it("left nothing untranslated", () => {
  const chinese = /[\u4e00-\u9fff]/;
  const same = texts(zh).filter(([at, text]) => !NAMES.has(at) && !chinese.test(text));
  expect(same).toEqual([]);
  expect(texts(en).filter(([, text]) => chinese.test(text))).toEqual([]);
});

it("minds number in English", () => {
  expect([en.dragOver(1, "oss://b/"), en.dragOver(3, "oss://b/")]).toEqual(["Drop 1 item to upload to oss://b/", "Drop 3 items to upload to oss://b/"]);
  expect(en.totals.files(412, 2000)).toBe("412 of 2,000 files");
});
