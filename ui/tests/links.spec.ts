//! Links to what was uploaded, and the clipboard they go to.

import { done } from "./support/scenes";
import { type Window, expect, test } from "./support/window";

const copied = (window: Window) => window.page.evaluate(() => navigator.clipboard.readText());

test("one is copied at once, and it leads to the object", async ({ window }) => {
  const { page } = window;
  await done(window);
  await window.row("封面图").getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText(/^1 link copied · valid until /)).toBeVisible();
  const answer = await fetch(await copied(window));
  expect([answer.status, await answer.text()]).toEqual([200, "a picture"]);
});

test("they are written as they were written last", async ({ window }) => {
  const { page } = window;
  await done(window);
  await window.button("Links").click();
  await page.getByRole("menuitem", { name: "Link options…" }).click();
  await window.field("Link").selectOption("Public address");
  await window.field("Written as").selectOption("Own pattern");
  await window.field("Pattern").fill("{name}: {url}");
  await window.dialog("Copy links").getByRole("button", { name: "Copy links" }).click();
  await expect(page.getByText("3 links copied · works where the object is public")).toBeVisible();
  await window.row("storyboard.pdf").getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText("1 link copied · works where the object is public")).toBeVisible();
  expect(await copied(window)).toMatch(
    /^storyboard\.pdf: http:\/\/127\.0\.0\.1:\d+\/practice\/storyboard\.pdf$/,
  );
});

test("those of a selection leave out what is not uploaded, and say so", async ({ window }) => {
  const { page, host } = window;
  await done(window);
  await window.profile(await host.store(`[[fault]]\nthen = "stall"\n`));
  await host.drop(await host.file("waits.zip", "1"));
  await window.sees("waits.zip", "Uploading");
  await window.row("storyboard.pdf").click();
  await window.row("封面图").click({ modifiers: ["ControlOrMeta"] });
  await window.row("waits.zip").click({ modifiers: ["ControlOrMeta"] });
  const copy = page.getByRole("toolbar").getByRole("button", { name: "Copy links" });
  await expect(copy).toHaveAttribute("title", "Copy links: 2 of 3 selected are uploaded");
  await copy.click();
  await expect(
    page.getByText(/^2 links copied · valid until .* · 1 left out: not uploaded$/),
  ).toBeVisible();
  expect((await copied(window)).split("\n")).toHaveLength(2);
});

test("the clipboard stays as it is where nothing is uploaded", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store(`[[fault]]\nthen = "stall"\n`));
  await host.drop(await host.file("waits.zip", "1"));
  await page.evaluate(() => navigator.clipboard.writeText("as it was"));
  await window.row("waits.zip").click();
  await window.list.press("Control+c");
  await expect(page.getByText(/^Nothing copied/)).toBeVisible();
  expect(await copied(window)).toBe("as it was");
});

test("those of all uploads are in the menu, with choices that are remembered", async ({
  window,
}) => {
  const { page } = window;
  await done(window);
  await window.button("Links").click();
  await page.getByRole("menuitem", { name: "Link options…" }).click();
  const dialog = window.dialog("Copy links");
  await window.field("Ends after").selectOption("Another time…");
  await window.field("Hours").fill("200");
  await expect(dialog.getByRole("button", { name: "Copy links" })).toBeDisabled();
  await window.field("Hours").fill("120");
  await window.field("Written as").selectOption("Markdown");
  await expect(dialog).toContainText("[storyboard.pdf](http://");
  await dialog.getByRole("button", { name: "Copy links" }).click();
  await expect(page.getByText(/^3 links copied/)).toBeVisible();
  expect(
    (await copied(window)).split("\n").filter((line) => line.includes("](http://")),
  ).toHaveLength(3);
  await window.row("empty.txt").getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText(/^1 link copied/)).toBeVisible();
  expect(await copied(window)).toMatch(/^\[empty\.txt\]\(http:/);
});
