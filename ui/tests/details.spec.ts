//! The details of one file: its map of parts, its retries, and what proved it.

import { HELD, act } from "./support/scenes";
import { type Window, expect, test } from "./support/window";

const MIB = 1024 ** 2;

/** Opens the details of the file. */
async function look(window: Window, name: string) {
  await window.row(name).getByRole("button", { name: "Details" }).click();
  return window.page.getByRole("region", { name: "Details" });
}

/** Drops a file of this many MiB, which goes to a store under this script. */
async function dropped(window: Window, script: string, name: string, mib: number) {
  const { host } = window;
  const store = await host.store(script);
  await window.profile(store);
  await host.drop(await host.file(name, mib * MIB));
  await expect(window.row(name)).toBeVisible();
  return store;
}

test("a map has a cell for each part, says it in words, and follows the file to its end", async ({
  window,
}) => {
  const { page, host } = window;
  const store = await dropped(window, HELD, "film.mov", 20);
  await window.progress("film.mov", 80);
  const details = await look(window, "film.mov");
  const map = details.getByRole("img", { name: "2 of 3 acknowledged, 1 in flight" });
  await expect(map).toBeVisible();
  const cells = map.locator(".cells > i");
  await expect(cells).toHaveCount(3);
  await expect(cells.nth(1)).toHaveClass(/acknowledged/);
  await expect(cells.nth(2)).toHaveClass(/inFlight/);
  await expect(details).toContainText(/Upload ID\s*[0-9A-F]{16,}/);
  await expect(details).toContainText("Started");
  await expect(details).not.toContainText("Verified by");
  await act(window, "pause", "film.mov");
  await expect(details.getByRole("img", { name: "2 of 3 acknowledged", exact: true })).toBeVisible();
  await host.play(store, "");
  await act(window, "resume", "film.mov");
  await expect(details.getByRole("img", { name: "All 3 parts verified" })).toBeVisible();
  await expect(details).toContainText(/Verified by\s*CRC-64\/XZ of the whole object/);
  await expect(details).toContainText(/CRC-64\/XZ\s*\d+\s*same on the store/);
  await expect(details).toContainText(/ETag\s*"?[0-9A-F]{32}-3/i);
  await expect(details).toContainText(/Took\s*\d+/);
  await expect(details).not.toContainText("Upload ID");
  await window.look("zh", "dark");
  await expect(page.getByRole("img", { name: "全部 3 个分片已校验" })).toBeVisible();
});

test("nothing is asked while nothing changes, and no more than four times a second while it does", async ({
  window,
}) => {
  const { page, host } = window;
  await window.set({ limit: { hours: [], otherwise: "4" } });
  const asked: number[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/read_details")) asked.push(Date.now());
  });
  await dropped(window, "", "film.mov", 24);
  const details = await look(window, "film.mov");
  await window.sees("film.mov", "Done");
  await expect(details).toContainText("Verified by");
  await expect(details).toContainText("Took");
  expect(asked.length).toBeGreaterThan(3);
  const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  // A timer may ring a moment early.
  expect(Math.min(...gaps)).toBeGreaterThan(200);
  // What the last change of the row asks for comes a moment later.
  let before = -1;
  const rests = () => {
    const same = asked.length === before;
    before = asked.length;
    return same;
  };
  await expect.poll(rests, { intervals: [1_000] }).toBe(true);
  // Others go up, and rows come anew, but this one does not change.
  for (const name of ["other.bin", "another.bin"]) {
    await host.drop(await host.file(name, 4 * MIB));
    await window.sees(name, "Done");
  }
  expect(asked.length).toBe(before);
});

test("thousands of parts share a few cells", async ({ window }) => {
  await window.set({ partSize: 1 });
  await dropped(window, HELD, "long take.mov", 1000);
  const details = await look(window, "long take.mov");
  const map = details.getByRole("img", { name: /^2 of 1,000 acknowledged, \d+ in flight$/ });
  await expect(map).toBeVisible();
  await expect(map).toContainText("each cell is 6 parts");
  await expect(map.locator(".cells > i")).toHaveCount(167);
});

test("retries are told by part, cause and time, and all of it is copied as a text", async ({
  window,
}) => {
  const { page } = window;
  const busy = `
[[fault]]
on = { operation = "UploadPart", part = 2 }
times = 2
then = { status = { status = 503, code = "SlowDown" } }
`;
  await dropped(window, busy, "film.mov", 20);
  await window.sees("film.mov", "Done");
  const details = await look(window, "film.mov");
  const lines = page.getByTestId("details-retries").getByRole("listitem");
  await expect(lines).toHaveCount(2);
  await expect(lines.first()).toContainText(/^\d\d:\d\d:\d\d.*part 2 · SlowDown · [0-9A-F]+$/);
  await details.getByRole("button", { name: "Copy details" }).click();
  await expect(details).toContainText("Copied");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^film\.mov\nDone\nAll 3 parts verified\n/);
  expect(copied).toMatch(/\nVerified by: CRC-64\/XZ of the whole object\nCRC-64\/XZ: \d+ \(same on the store\)\n/);
  expect(copied).toMatch(/\nRetries: 2\n\d\d:\d\d:\d\d .* part 2 · SlowDown · /);
});

test("a small file has no map", async ({ window }) => {
  await dropped(window, "", "note.txt", 1);
  await window.sees("note.txt", "Done");
  const details = await look(window, "note.txt");
  await expect(details).toContainText("One request");
  await expect(details).toContainText("same on the store");
  await expect(details).toContainText(/Request\s*[0-9A-F]+/);
  await expect(details.getByRole("img")).toHaveCount(0);
});

test("a map can be read in forced colours", async ({ window }) => {
  const { page } = window;
  await dropped(window, HELD, "film.mov", 20);
  await window.progress("film.mov", 80);
  const details = await look(window, "film.mov");
  const cells = details.getByTestId("part-map").locator(".cells > i");
  await expect(cells).toHaveCount(3);
  await page.emulateMedia({ forcedColors: "active" });
  const drawn = (at: number) =>
    cells.nth(at).evaluate((cell) => {
      const { backgroundColor, backgroundImage, borderColor } = getComputedStyle(cell);
      return [backgroundColor, backgroundImage, borderColor].join(" ");
    });
  expect(await drawn(0)).not.toBe(await drawn(2));
});
