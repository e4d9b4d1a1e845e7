import { describe, expect, it } from "vitest";
import type { WatchLine } from "../bindings/WatchLine";
import { textOf } from "../text/text";
import { problemOf } from "./testHost";
import { ago, lookOf, troubled } from "./watches";

const [en, zh] = [textOf("en"), textOf("zh")];
const NOW = new Date(2026, 10, 22, 18, 30, 20).getTime();

const line = (change: Partial<WatchLine>): WatchLine => ({
  id: 1,
  folder: "/data/incoming",
  name: "incoming",
  profile: 1,
  profileName: "Media archive",
  destination: "oss://media-archive/2026/",
  activity: { type: "watching" },
  quietSeconds: 10,
  marker: "",
  hours: "always",
  waiting: 0,
  known: 0,
  queued: 0,
  refused: 0,
  last: null,
  lastMs: null,
  problem: null,
  noHints: null,
  ...change,
});

describe("a watch says", () => {
  const closed = { type: "closed", minutes: 30 } as const;
  it.each<[Partial<WatchLine>, string, string, string]>([
    [{}, "current", "Up to date", "已是最新"],
    [{ waiting: 3 }, "new", "3 new, waits until quiet 10\u00a0s", "3 个新文件，等待静止 10\u00a0秒"],
    [{ waiting: 1, marker: ".done" }, "new", "1 new, waits for .done", "1 个新文件，等待 .done"],
    [{ activity: { type: "looking" } }, "looking", "Looks through the folder", "正在检查文件夹"],
    [{ activity: closed }, "hours", "Waits until 19:00", "等待至 19:00"],
    [{ activity: closed, waiting: 2 }, "hours", "2 new, waits until 19:00", "2 个新文件，等待至 19:00"],
    [{ refused: 1 }, "trouble", "1 file cannot be taken", "1 个文件无法上传"],
    [{ activity: { type: "away" }, problem: problemOf("folderMissing") }, "trouble", "folderMissing", "folderMissing"],
    [{ activity: { type: "paused" }, problem: problemOf("folderMissing"), waiting: 3 }, "paused", "Paused", "已暂停"],
    [{ activity: { type: "elsewhere" } }, "trouble", "Does not run", "未运行"],
    [{ profileName: "" }, "trouble", "Its destination was deleted", "目标已被删除"],
  ])("of %o: %s", (change, kind, english, chinese) => {
    const told = new Date(2026, 10, 22, 18, 30, 40).getTime();
    expect(lookOf(line(change), en, told)).toMatchObject({ kind, word: expect.stringContaining(english) as string });
    expect(lookOf(line(change), zh, told).word).toContain(chinese);
  });

  it("how many cannot go on", () => {
    const wrong = line({ problem: problemOf("folderMissing") });
    expect(troubled([line({}), wrong, { ...wrong, activity: { type: "paused" } }], en)).toBe(1);
  });

  it.each([
    [20, "just now", "刚刚"],
    [125, "2 min ago", "2 分钟前"],
    [3 * 3600 + 100, "3 h ago", "3 小时前"],
    [40 * 86_400, "Oct 13", "10月13日"],
  ])("what was %d seconds ago", (seconds, english, chinese) => {
    expect([ago(NOW - seconds * 1000, en, NOW), ago(NOW - seconds * 1000, zh, NOW)]).toEqual([english, chinese]);
  });
});
