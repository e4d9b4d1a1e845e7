import { expect, it } from "vitest";
import { bounded, keepWidths, keptWidths } from "./columns";

it("keeps widths within their bounds, and takes the usual ones where nothing readable is kept", () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
  expect(keptWidths(storage)).toEqual({ size: 72, state: 248 });
  keepWidths(storage, { size: 100, state: bounded("state", 9999) });
  expect(keptWidths(storage)).toEqual({ size: 100, state: 480 });
  for (const nonsense of ["", "a b", "0 0", "-5 1"]) {
    kept.set("columns", nonsense);
    expect(keptWidths(storage)).toEqual({ size: 72, state: nonsense === "-5 1" ? 140 : 248 });
  }
});
