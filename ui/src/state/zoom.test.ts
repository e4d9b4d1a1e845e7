import { describe, expect, it } from "vitest";
import { keepZoom, keptZoom, zoomAfter } from "./zoom";

describe("zoom", () => {
  it.each([
    ["+", 1, 1.1],
    ["=", 1.1, 1.25],
    ["+", 2, 2],
    ["-", 1, 0.9],
    ["-", 0.8, 0.8],
    ["0", 1.5, 1],
    ["a", 1, null],
  ])("%s from %d", (key, zoom, expected) => {
    expect(zoomAfter(key, zoom)).toBe(expected);
  });

  it("is kept, and what was kept by nobody counts for nothing", () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
    expect(keptZoom(storage)).toBe(1);
    keepZoom(storage, 1.5);
    expect(keptZoom(storage)).toBe(1.5);
    storage.setItem("zoom", "77");
    expect(keptZoom(storage)).toBe(1);
  });
});
