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
