//! The order in which files are taken, and moves in it.

import { expect, test, type Window } from "./support/window";

/** Two batches of three files each, all paused. */
async function batches(window: Window): Promise<void> {
  const { host } = window;
  await window.show("Now");
  await window.profile(await host.store(`[[fault]]\nthen = "stall"\n`));
  for (const batch of ["first", "second"]) {
    for (const number of [1, 2, 3]) await host.file(`${batch}/${batch} ${String(number)}.jpg`, "1");
    await host.drop(host.path(batch));
    await expect(window.row(`${batch} 3.jpg`)).toBeVisible();
  }
  await host.invoke("act", { action: "pause", target: { type: "all" } });
  await window.sees("second 3.jpg", "Paused");
}

/** The names in the list, from the top. */
async function shown(window: Window): Promise<(string | undefined)[]> {
  const rows = window.page.getByRole("row");
  const labels = await rows.evaluateAll((all) => all.map((row) => [row.getAttribute("aria-rowindex"), row.getAttribute("aria-label")] as const));
  return labels.sort(([one], [other]) => Number(one) - Number(other)).map(([, label]) => label?.split(",")[0]);
}

test("batches stand as they are taken, and are moved by keys and by their menu", async ({ window }) => {
  const { page, list } = window;
  await batches(window);
  await expect.poll(() => shown(window)).toEqual(["first", "second", "second 1.jpg", "second 2.jpg", "second 3.jpg"]);
  await window.row("second, ").click();
  await expect.poll(() => shown(window)).toEqual(["first", "second"]);
  await list.press("Alt+ArrowUp");
  await expect.poll(() => shown(window)).toEqual(["second", "first"]);
  await window.row("second, ").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Move to bottom" }).click();
  await expect.poll(() => shown(window)).toEqual(["first", "second"]);
  await window.row("second, ").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Move to top" }).click();
  await expect.poll(() => shown(window)).toEqual(["second", "first"]);
  await page.reload();
  await expect(window.row("second, ")).toBeVisible();
  await expect.poll(async () => (await shown(window)).filter((name) => name === "first" || name === "second")).toEqual(["second", "first"]);
});

test("waiting files are moved within their batch, one or many", async ({ window }) => {
  const { page, list } = window;
  await batches(window);
  await window.row("second 3.jpg").click();
  await list.press("Alt+ArrowUp");
  await expect.poll(() => shown(window)).toEqual(["first", "second", "second 1.jpg", "second 3.jpg", "second 2.jpg"]);
  await list.press("Alt+Home");
  await expect.poll(() => shown(window)).toEqual(["first", "second", "second 3.jpg", "second 1.jpg", "second 2.jpg"]);
  await window.row("second 1.jpg").click({ modifiers: ["ControlOrMeta"] });
  await list.press("Alt+End");
  await expect.poll(() => shown(window)).toEqual(["first", "second", "second 2.jpg", "second 3.jpg", "second 1.jpg"]);
  await window.row("second 2.jpg").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Move down" }).click();
  await expect.poll(() => shown(window)).toEqual(["first", "second", "second 3.jpg", "second 2.jpg", "second 1.jpg"]);
});

test("rows are sorted by each column, the other way round, and as they are taken again", async ({ window }) => {
  const { host, page, list } = window;
  await window.profile(await host.store(`[[fault]]\nthen = "stall"\n`));
  for (const [name, size] of [["clip 10.mov", 3], ["Clip 2.mov", 1], ["a.txt", 2]] as const) await host.file(`mixed/${name}`, "x".repeat(size));
  await host.drop(host.path("mixed"));
  await expect(window.row("a.txt")).toBeVisible();
  const files = async () => (await shown(window)).filter((name) => name !== "mixed");
  const queued = await files();
  const head = (name: string) => page.getByTestId("list-head").getByRole("button", { name: `Sort by ${name}` });
  await head("Name").click();
  await expect.poll(files).toEqual(["a.txt", "Clip 2.mov", "clip 10.mov"]);
  await expect(head("Name")).toHaveAttribute("aria-pressed", "true");
  await head("Name").click();
  await expect.poll(files).toEqual(["clip 10.mov", "Clip 2.mov", "a.txt"]);
  await head("Size").click();
  await expect.poll(files).toEqual(["Clip 2.mov", "a.txt", "clip 10.mov"]);
  // The row that a key acts on is the one that stands there.
  await window.row("Clip 2.mov").click();
  await list.press("Shift+ArrowDown");
  await expect(window.row("a.txt")).toHaveAttribute("aria-selected", "true");
  await expect(window.row("clip 10.mov")).toHaveAttribute("aria-selected", "false");
  await list.press("Escape");
  await host.invoke("act", { action: "pause", target: { type: "all" } });
  await head("State").click();
  await window.sees("a.txt", "Paused");
  await head("State").click();
  await head("State").click();
  await expect.poll(files).toEqual(queued);
  await head("Time").click();
  await expect(head("Time")).toHaveAttribute("aria-pressed", "true");
  // New files come to their place.
  await head("Name").click();
  await host.file("mixed/b.txt", "b");
  await host.drop(host.path("mixed"));
  await expect(window.row("b.txt")).toBeVisible();
});
