//! The folders that files went to of late, of each profile. Pure, but for where they are kept.

/** Folders of a profile that are remembered. */
const MOST = 8;

const KEPT = "recentFolders";

type Kept = Record<string, readonly string[]>;

function read(storage: Pick<Storage, "getItem">): Kept {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEPT) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as Kept) : {};
  } catch {
    return {};
  }
}

/** The folders of a profile, the last one first, and after them those where its batches went. */
export function recentFolders(storage: Pick<Storage, "getItem">, profile: number, used: readonly string[]): readonly string[] {
  const kept = read(storage)[String(profile)] ?? [];
  return [...new Set([...kept, ...used])].slice(0, MOST);
}

/** Remembers a folder. */
export function rememberFolder(storage: Pick<Storage, "getItem" | "setItem">, profile: number, folder: string): void {
  const kept = read(storage);
  const before = (kept[String(profile)] ?? []).filter((each) => each !== folder);
  storage.setItem(KEPT, JSON.stringify({ ...kept, [String(profile)]: [folder, ...before].slice(0, MOST) }));
}
