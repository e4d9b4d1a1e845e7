import { describe, expect, it } from "vitest";
import { folderBelow } from "./folder";

describe("the folder of a row", () => {
  const batch = (prefix: string, name = "cam", roots = 2) => ({ prefix, name, roots });
  it.each([
    ["oss://bucket/raw/cam-A/a.mov", batch("raw/"), "cam-A/"],
    ["oss://bucket/raw/a.mov", batch("raw/"), ""],
    ["oss://bucket/a.mov", batch(""), ""],
    ["s3://bucket/other/a.mov", batch("raw/"), "other/"],
    ["s3://bucket/raw/cam/A/a.mov", batch("raw/", "cam", 1), "A/"],
    ["s3://bucket/raw/cam/A/a.mov", batch("raw/", "cam", 2), "cam/A/"],
    ["s3://bucket/raw/cam-A/a.mov", null, "s3://bucket/raw/cam-A/"],
  ])("%s below %o", (destination, below, expected) => {
    expect(folderBelow({ destination }, below)).toBe(expected);
  });
});
