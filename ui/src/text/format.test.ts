import { describe, expect, it } from "vitest";
import { chooseLanguage, readMoment, showBytes, showBytesLike, showDay, showMoment, showNumber, showSpeed, writeMoment } from "./format";
import { textOf } from "./text";
import { visibleName, visiblePieces } from "./visible";
import rule from "./visible.json";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

it.each([
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1000, "0.98 KiB"],
  [1536, "1.50 KiB"],
  [8 * MIB, "8.00 MiB"],
  [104_857_600, "100 MiB"],
  [Math.round(1.46 * GIB), "1.46 GiB"],
  [48.8 * 1024 * GIB, "48.8 TiB"],
])("%d bytes read %s", (bytes, text) => {
  expect(showBytes(bytes)).toBe(text);
});

it.each([
  [new Date(2026, 10, 22, 13, 12), "today 13:12", "今天 13:12"],
  [new Date(2026, 10, 21, 8, 5), "yesterday 08:05", "昨天 08:05"],
  [new Date(2026, 10, 3, 8, 5), "Nov 3", "11月3日"],
  [new Date(2025, 11, 31, 8, 5), "Dec 31, 2025", "2025年12月31日"],
])("%s is the day %s, %s", (at, en, zh) => {
  const now = new Date(2026, 10, 22, 18, 30).getTime();
  expect([showDay(at.getTime(), "en", now), showDay(at.getTime(), "zh", now)]).toEqual([en, zh]);
});

it("shows a part in the unit of the whole", () => {
  expect(showBytesLike(1.2 * GIB, 3.4 * GIB)).toBe("1.20");
  expect(showBytesLike(5 * MIB, 3.4 * GIB)).toBe("0.00");
  expect(showSpeed(18.4 * MIB)).toBe("18.4 MiB/s");
});


it.each([
  [0, "1 s", "1 秒"],
  [45, "45 s", "45 秒"],
  [59.6, "1 min", "1 分"],
  [125, "2 min 5 s", "2 分 5 秒"],
  [3600, "1 h", "1 小时"],
  [11_520, "3 h 12 min", "3 小时 12 分"],
  [183_600, "2 d 3 h", "2 天 3 小时"],
])("%d seconds read %s, %s", (seconds, en, zh) => {
  expect([textOf("en").duration(seconds), textOf("zh").duration(seconds)]).toEqual([en, zh]);
});

it("groups numbers", () => {
  expect(showNumber(1_234_567, "en")).toBe("1,234,567");
  expect(showNumber(1_234_567, "zh")).toBe("1,234,567");
});

it.each([
  ["zh", ["en-US"], "zh"],
  ["en", ["zh-CN"], "en"],
  ["system", ["zh-CN", "en"], "zh"],
  ["system", ["de-DE", "zh-TW"], "zh"],
  ["system", ["fr"], "en"],
  ["system", [], "en"],
] as const)("%s on %j is %s", (setting, system, language) => {
  expect(chooseLanguage(setting, system)).toBe(language);
});

describe("names", () => {
  it.each(rule.names)("$name shows as $shown", ({ name, shown }) => {
    expect(visibleName(name)).toBe(shown);
  });

  it("hides the same characters as the command line", () => {
    const ranges = rule.hidden.map(([first, last]) => [parseInt(first ?? "", 16), parseInt(last ?? "", 16)] as const);
    const wrong: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const hidden = visiblePieces(String.fromCodePoint(code))[0]?.hidden !== null;
      if (hidden !== ranges.some(([first, last]) => code >= first && code <= last)) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  it("tells stand-ins from text that looks like them", () => {
    expect(visiblePieces("⟨U+202E⟩\u202E").map((piece) => piece.hidden)).toEqual([null, "U+202E"]);
  });
});

it.each([
  ["2026-11-22T10:30:00Z", Date.UTC(2026, 10, 22, 10, 30)],
  ["2026-11-22T10:30:00.000+08:00", Date.UTC(2026, 10, 22, 2, 30)],
  ["2026-11-22T10:30:05-0130", Date.UTC(2026, 10, 22, 12, 0, 5)],
  [" 2026-1-2 3:04 ", new Date(2026, 0, 2, 3, 4).getTime()],
  ["2026-02-30 10:00", null],
  ["2026-11-22 24:00", null],
  ["2026-11-22", null],
  ["tomorrow", null],
])("reads the moment %s", (text, ms) => {
  expect(readMoment(text)).toBe(ms);
});

it("writes a moment as it is typed, and for people", () => {
  const ms = new Date(2026, 10, 22, 18, 30).getTime();
  expect([writeMoment(ms), readMoment(writeMoment(ms))]).toEqual(["2026-11-22 18:30", ms]);
  expect([showMoment(ms, "en").includes("Nov 22, 2026"), showMoment(ms, "zh").includes("2026年11月22日")]).toEqual([true, true]);
});

it("hides no character of what the host says", () => {
  const words = { en: "\u202Egnp.exe is gone\u200B", zh: "\u001B[31m不见了" };
  expect([textOf("en").say(words), textOf("zh").say(words)]).toEqual(["⟨U+202E⟩gnp.exe is gone⟨U+200B⟩", "␛[31m不见了"]);
});
