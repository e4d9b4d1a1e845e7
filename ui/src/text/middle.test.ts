import { describe, expect, it } from "vitest";
import { splitName } from "./middle";

describe("a long name", () => {
  it.each([
    ["short.txt", "short.txt", ""],
    ["A003_C012_0611_a_long_take_9QK.mov", "A003_C012_0611_a_long_ta", "ke_9QK.mov"],
    ["第三次访谈的完整录像以及所有的补充材料和说明文件.docx", "第三次访谈的完整录像以及所有的补充材料", "和说明文件.docx"],
    ["a family of four in one image 👨‍👩‍👧‍👦.png", "a family of four in one i", "mage 👨‍👩‍👧‍👦.png"],
    ["שם ארוך מאוד של קובץ אחד שלא נחתך.txt", "שם ארוך מאוד של קובץ אחד שלא נחתך.txt", ""],
    ["photo_high_re\u202egnp.js_and_more_text", "photo_high_re\u202egnp.js_and_more_text", ""],
  ])("%s", (name, head, tail) => {
    const [first, second] = splitName(name);
    expect(first + second).toBe(name);
    expect([first, second]).toEqual([head, tail]);
  });
});
