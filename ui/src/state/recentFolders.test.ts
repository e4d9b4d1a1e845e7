import { expect, it } from "vitest";
import { recentFolders, rememberFolder } from "./recentFolders";

function storage(): Pick<Storage, "getItem" | "setItem"> {
  const kept = new Map<string, string>();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
}

it("names the last folder first, each once, of this profile alone", () => {
  const kept = storage();
  for (const folder of ["a/", "b/", "a/"]) rememberFolder(kept, 1, folder);
  rememberFolder(kept, 2, "other/");
  expect(recentFolders(kept, 1, ["c/", "b/"])).toEqual(["a/", "b/", "c/"]);
  expect(recentFolders(kept, 2, [])).toEqual(["other/"]);
});

it("forgets what is long ago, and what cannot be read", () => {
  const kept = storage();
  for (let number = 0; number < 20; number += 1) rememberFolder(kept, 1, `${String(number)}/`);
  expect(recentFolders(kept, 1, ["used/"])).toHaveLength(8);
  kept.setItem("recentFolders", "nonsense");
  expect(recentFolders(kept, 1, ["used/"])).toEqual(["used/"]);
});
