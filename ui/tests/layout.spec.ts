//! The window where it is small, enlarged, without motion, or in colours that the system forces.

import { mixed, waiting } from "./support/scenes";
import { type Window, expect, test } from "./support/window";

/** Elements that reach beyond the window, or whose words do not fit, by their test ids. */
async function outside(window: Window): Promise<string[]> {
  return window.page.evaluate(() => {
    const { width, height } = document.documentElement.getBoundingClientRect();
    return [...document.querySelectorAll<HTMLElement>("button, input, select, h1, h2, [role=tab]")]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .filter((element) => element.closest(".list, .panel, .body, .sidebar, .empty") === null)
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && (box.left < -1 || box.top < -1 || box.right > width + 1 || box.bottom > height + 1);
      })
      .map((element) => element.dataset["testid"] ?? element.className);
  });
}

/** Every view and dialog that a person meets first. */
async function tour(window: Window): Promise<void> {
  const { page } = window;
  expect(await outside(window), "the history").toEqual([]);
  await window.row("b-roll").click();
  expect(await outside(window), "a selection").toEqual([]);
  await window.row("b-roll").getByRole("button", { name: "Details" }).click();
  const details = page.getByRole("region", { name: "Details" });
  await expect(details).toBeInViewport({ ratio: 0.99 });
  expect(await outside(window), "details").toEqual([]);
  await details.getByRole("button", { name: "Close" }).click();
  await window.button("Settings").click();
  expect(await outside(window), "settings").toEqual([]);
  await expect(window.dialog("Settings").getByRole("button", { name: "Close" })).toBeInViewport({ ratio: 0.99 });
  await page.keyboard.press("Escape");
  await window.profiles("New profile…");
  await expect(window.button("Save")).toBeInViewport({ ratio: 0.99 });
  expect(await outside(window), "a profile").toEqual([]);
  await page.keyboard.press("Escape");
}

for (const [width, height] of [
  [1100, 720],
  [900, 560],
  [720, 480],
] as const) {
  test(`all of it can be reached in ${String(width)}x${String(height)}`, async ({ window }) => {
    await mixed(window);
    await window.page.setViewportSize({ width, height });
    const narrow = width < 1000;
    const sidebar = await window.sidebar.boundingBox();
    expect(sidebar?.width).toBe(narrow ? 48 : 216);
    await tour(window);
    const list = await window.list.boundingBox();
    await window.row("b-roll").getByRole("button", { name: "Details" }).click();
    // In a narrow window the details lie over the list, in a wide one beside it.
    expect((await window.list.boundingBox())?.width).toBe((list?.width ?? 0) - (narrow ? 0 : 320));
  });
}

test("icons of a narrow sidebar say their names", async ({ window }) => {
  const { page } = window;
  await page.setViewportSize({ width: 900, height: 560 });
  for (const name of ["Now", "Needs you", "Done", "History", "Settings", "Connect a bucket"])
    await expect(window.sidebar.getByRole("button", { name, exact: true })).toBeVisible();
  await window.sidebar.getByRole("button", { name: "Done" }).hover();
  await expect(page.getByRole("tooltip")).toHaveText("Done");
});

test("all of it can be reached at twice the size", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  await page.setViewportSize({ width: 1440, height: 960 });
  for (let step = 0; step < 12; step += 1) await page.keyboard.press("Control+Equal");
  expect(await page.evaluate(() => document.documentElement.style.zoom)).toBe("2");
  await tour(window);
});

test("nothing moves where motion is not wanted", async ({ window }) => {
  await mixed(window);
  const moving = await window.page.evaluate(() =>
    [...document.querySelectorAll("*")].filter((element) => {
      const { animationName, transitionDuration } = getComputedStyle(element);
      return animationName !== "none" || transitionDuration.split(", ").some((each) => each !== "0s");
    }).map((element) => element.className.toString()),
  );
  expect(moving).toEqual([]);
});

test("forced colours keep what is chosen, focused and under way apart", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  await page.emulateMedia({ forcedColors: "active" });
  const edge = (locator: ReturnType<Window["row"]>) =>
    locator.evaluate((element) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle !== "none" && outlineWidth !== "0px";
    });
  await window.row("b-roll").click();
  expect(await edge(window.row("b-roll"))).toBe(true);
  expect(await edge(window.row("storyboard"))).toBe(false);
  await page.keyboard.press("ArrowDown");
  const fill = await page.getByRole("progressbar").locator(".fill").first().evaluate((it) => getComputedStyle(it).backgroundColor);
  const track = await page.getByRole("progressbar").first().evaluate((it) => getComputedStyle(it).backgroundColor);
  expect(fill).not.toBe(track);
  await window.button("Add").click();
  await page.keyboard.press("ArrowDown");
  expect(await edge(page.getByRole("menuitem").and(page.locator(":focus")))).toBe(true);
});

test("columns are made wider by pointer and keys, and stay so", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  const edge = page.getByRole("separator", { name: "Width of State" });
  const bar = async () => (await window.row("b-roll").getByRole("gridcell").nth(3).boundingBox())?.width;
  expect(await bar()).toBe(248);
  const at = await edge.boundingBox();
  if (at === null) throw new Error("the edge is not drawn");
  await page.mouse.move(at.x + 4, at.y + 8);
  await page.mouse.down();
  await page.mouse.move(at.x - 56, at.y + 8);
  await page.mouse.up();
  expect(await bar()).toBe(308);
  await edge.focus();
  await page.keyboard.press("ArrowRight");
  expect(await bar()).toBe(300);
  await page.reload();
  await window.show("History");
  await expect.poll(bar).toBe(300);
  await edge.dblclick();
  expect(await bar()).toBe(248);
});

test("names and folders are drawn exactly, whatever the language", async ({ window }) => {
  const { host, page } = window;
  await window.profile(await host.store(`[[fault]]\nthen = "stall"\n`));
  await window.show("Now");
  await host.file("outer/终终终/（终）.txt", "1");
  await host.file("outer/（终）/终终终.txt", "2");
  await host.drop(host.path("outer"));
  await window.sees("（终）.txt", "Uploading");
  await window.sees("终终终.txt", "Uploading");
  /** How wide the first three characters of this text are drawn. */
  const widths = (text: string) =>
    page.getByTestId("list").evaluate((list, wanted) => {
      const found: number[] = [];
      const walker = document.createTreeWalker(list, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        if (node.textContent?.startsWith(wanted) !== true) continue;
        const range = document.createRange();
        range.setStart(node, 0);
        range.setEnd(node, wanted.length);
        found.push(range.getBoundingClientRect().width);
      }
      return found;
    }, text);
  const [bracketed, plain] = [await widths("（终）"), await widths("终终终")];
  // A name and a folder each; a full-width bracket is as wide as any other character.
  expect(bracketed).toHaveLength(2);
  expect(bracketed.toSorted()).toEqual(plain.toSorted());
});

test("nothing moves for ever once nothing happens", async ({ window }) => {
  const { page } = window;
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await mixed(window);
  await expect
    .poll(() => page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === "running").length))
    .toBe(0);
});

test("the first Tab into the list shows where the focus is", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  await window.show("Done");
  await window.show("History");
  const ring = () => window.list.evaluate((list) => getComputedStyle(list).boxShadow);
  expect(await ring()).toBe("none");
  await page.getByTestId("list-head").getByRole("button").last().focus();
  for (let steps = 0; steps < 10; steps += 1) {
    await page.keyboard.press("Tab");
    if (await window.list.evaluate((list) => list === document.activeElement)) break;
  }
  expect(await ring()).not.toBe("none");
});

test("how a destination fares stands beside it, also where only icons fit", async ({ window }) => {
  const { page } = window;
  await waiting(window);
  const [held, away] = [/夜间备份/, /^Media archive/].map((name) => window.sidebar.getByRole("button", { name }));
  await expect(held ?? page.locator("none")).toContainText("key");
  await expect(away ?? page.locator("none")).toContainText(/offline/);
  // Each has a colour of its own, which stays where its words have no room.
  const dots = window.sidebar.getByTestId("profile-item").locator(".dot");
  const colours = await dots.evaluateAll((all) => all.map((dot) => getComputedStyle(dot).backgroundColor));
  expect(colours.length).toBeGreaterThan(1);
  expect(new Set(colours).size).toBe(colours.length);
  await page.setViewportSize({ width: 900, height: 560 });
  await window.photograph("destinations-narrow");
  await expect(window.sidebar.getByRole("button", { name: "夜间备份, key", exact: true })).toBeVisible();
  await expect(window.sidebar.getByRole("button", { name: "Media archive, offline", exact: true })).toBeVisible();
});
