//! The keyboard in the list, and what is done with many rows at once.

import { mixed, paused } from "./support/scenes";
import { expect, test } from "./support/window";

const MANY = 2_000;

test("keys move, range, toggle and select all", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  const { list } = window;
  await list.focus();
  await list.press("ArrowDown");
  await list.press("ArrowDown");
  const second = page.getByTestId("row").nth(1);
  await expect(list).toHaveAttribute(
    "aria-activedescendant",
    (await second.getAttribute("id")) ?? "no row",
  );
  await list.press("Shift+ArrowDown");
  await list.press("Shift+ArrowDown");
  await expect(page.getByText("3 selected")).toBeVisible();
  await list.press("Shift+ArrowUp");
  await expect(page.getByText("2 selected")).toBeVisible();
  await list.press("Control+ArrowDown");
  await list.press(" ");
  await expect(page.getByText("3 selected")).toBeVisible();
  await list.press("Control+a");
  const rows = await page.getByRole("row").count();
  await expect(page.getByText(`${String(rows)} selected`)).toBeVisible();
  await list.press("Escape");
  await expect(page.getByRole("toolbar")).toHaveCount(0);
});

test("Delete removes, and Ctrl+Z takes that back", async ({ window }) => {
  await mixed(window);
  await window.row("采访").click();
  await window.list.press("Delete");
  await window.sees("采访 第二部分（终稿）.mp4", "Will be removed");
  await expect(window.undoLine).toContainText("“采访 第二部分（终稿）.mp4” will be removed");
  await window.row("storyboard").click();
  await window.list.press("Delete");
  await expect(window.undoLine).toContainText("“storyboard.pdf” will be removed");
  await window.list.press("Control+z");
  await window.sees("storyboard.pdf", "Done");
  await window.list.press("Control+z");
  await window.sees("采访 第二部分（终稿）.mp4", "Uploading");
  await expect(window.undoLine).toHaveCount(0);
  await window.list.press("Delete");
  await expect(window.row("storyboard")).toHaveCount(0);
});

test("a row's buttons are reached from the active row alone", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  await window.row("b-roll").click();
  const reachable = page.getByRole("row").filter({ has: page.locator('button[tabindex="0"]') });
  await expect(reachable).toHaveCount(1);
  await expect(reachable).toContainText("b-roll.zip");
});

test("End leads to the last of many rows, and a key acts on that one", async ({ window }) => {
  await paused(window, MANY);
  await window.show("Now");
  const batch = window.row("photos, ");
  await expect(batch).toHaveAttribute("aria-expanded", "true");
  await window.row("photo 0001.jpg").click();
  await window.list.press("End");
  await window.list.press("Delete");
  await expect(window.undoLine).toContainText("“photo 2000.jpg”");
  await expect(window.row("photo 2000.jpg")).toHaveCount(0);
  await window.list.press("Home");
  await expect(batch).toContainText("2,000 files");
});

test("a batch is opened, closed and left by keys", async ({ window }) => {
  const { host, list } = window;
  await window.show("Now");
  await host.file("album/first.jpg", "1");
  await host.file("album/second.jpg", "2");
  await host.drop(host.path("album"));
  await window.sees("second.jpg", "Done");
  const batch = window.row("album, ");
  await expect(batch).toHaveAttribute("aria-expanded", "true");
  await list.press("ArrowDown");
  await list.press("ArrowLeft");
  await expect(batch).toHaveAttribute("aria-expanded", "false");
  await expect(window.row("first.jpg")).toHaveCount(0);
  await list.press("ArrowRight");
  // The rows of an opened batch come with the next answer of the host.
  await expect(window.row("first.jpg")).toBeVisible();
  await list.press("ArrowDown");
  await list.press("j");
  await expect(list).toHaveAttribute(
    "aria-activedescendant",
    (await window.row("second.jpg").getAttribute("id")) ?? "no row",
  );
  await list.press("ArrowLeft");
  await list.press("Enter");
  await expect(batch).toHaveAttribute("aria-expanded", "false");
});

test("no other row is acted upon while the one under the ring is not known", async ({ window }) => {
  const { page } = window;
  await paused(window, MANY);
  await window.row("photo 2000.jpg").click();
  // The host is not asked for the rows at the end before the test lets it be.
  let release: (() => void) | undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/host/invoke/set_viewport", async (route) => {
    await released;
    await route.continue();
  });
  const asked = page.waitForRequest("**/host/invoke/set_viewport");
  await window.list.press("End");
  await window.list.press("Delete");
  await asked;
  await expect(window.undoLine).toHaveCount(0);
  release?.();
  await expect(window.undoLine).toContainText("“photo 0001.jpg”");
});

test("the bar says how many an action would change, and keeps each button in its place", async ({
  window,
}) => {
  const { page } = window;
  await mixed(window);
  const bar = page.getByRole("toolbar", { name: "Selected transfers" });
  const places = () =>
    bar
      .getByRole("button")
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute("data-testid")));
  await window.row("storyboard").click();
  const before = await places();
  await window.row("b-roll").click({ modifiers: ["ControlOrMeta"] });
  await expect(bar.getByRole("button", { name: "Resume 1" })).toHaveAttribute(
    "title",
    "Resume: 1 of 2 selected",
  );
  await expect(bar.getByRole("button", { name: "Remove 2" })).toBeEnabled();
  await expect(bar.getByRole("button", { name: "Pause" })).toBeDisabled();
  await expect(bar.getByRole("button", { name: "Decide" })).toBeDisabled();
  for (const name of ["b-roll", "notes", "interview", "harbour"]) {
    await window.row(name).click();
    expect(await places(), name).toEqual(before);
  }
});

test("the bar leads to the choices that are due", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  await window.row("colour grade v3.drp, Already").click();
  await page.getByRole("toolbar").getByRole("button", { name: "Decide" }).click();
  await expect(page.getByRole("menuitem", { name: /^Upload latest/ })).toBeDisabled();
  await page.getByRole("menuitem", { name: /^Replace/ }).click();
  await expect(page.getByRole("row", { name: "colour grade v3.drp, Done" })).toHaveCount(2);
});

test("as many uploads are told of as will be cancelled", async ({ window }) => {
  const { page } = window;
  await mixed(window);
  await window.list.press("Control+a");
  const cancel = page.getByRole("toolbar").getByRole("button", { name: /^Cancel \d/ });
  const files = ((await cancel.getAttribute("aria-label")) ?? "").replace("Cancel ", "");
  await cancel.click();
  await expect(window.undoLine).toContainText(`${files} uploads will be cancelled`);
  await expect(page.getByRole("toolbar").getByRole("button", { name: "Cancel" })).toBeDisabled();
  await window.list.press("Control+z");
  await expect(cancel).toHaveAttribute("aria-label", `Cancel ${files}`);
});

test("each key of the sheet does what it says, and ? shows them", async ({ window }) => {
  const { page, host, list } = window;
  await window.profile(await host.store(`[[fault]]\non = { operation = "PutObject" }\nthen = "stall"\n`));
  await host.drop(await host.file("one.txt", "1"), await host.file("two.txt", "2"));
  await window.sees("one.txt", "Uploading");
  await page.keyboard.press("?");
  const sheet = window.dialog("Shortcuts");
  await expect(sheet).toContainText(/Add folder….*Ctrl\+Shift\+O/s);
  await expect(sheet).toContainText(/Move to top.*Alt\+Home/s);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+P");
  await window.sees("one.txt", "Paused");
  await window.sees("two.txt", "Paused");
  await page.keyboard.press("Control+Shift+R");
  await window.sees("one.txt", "Uploading");
  await host.file("album/three.txt", "3");
  await host.chooseNext(host.path("album"));
  await page.keyboard.press("Control+Shift+O");
  await window.sees("three.txt", "Uploading");
  for (const key of ["/", "Control+f"]) {
    await list.focus();
    await page.keyboard.press(key);
    await expect(page.getByTestId("search")).toBeFocused();
  }
  // There, it is a text.
  await page.keyboard.press("?");
  await expect(page.getByTestId("search")).toHaveValue("?");
  await page.keyboard.press("Escape");
  await list.focus();
  await expect(page.getByTestId("row")).toHaveCount(3);
  for (const [key, active] of [["j", 0], ["j", 1], ["k", 0]] as const) {
    await list.press(key);
    const row = page.getByTestId("row").nth(active);
    await expect(list).toHaveAttribute("aria-activedescendant", (await row.getAttribute("id")) ?? "none");
  }
  await list.press("Enter");
  await expect(page.getByRole("region", { name: "Details" })).toBeVisible();
  await page.keyboard.press("Control+,");
  await expect(window.dialog("Settings")).toBeVisible();
});

test("the line of verified files is opened by pointer and by keyboard", async ({ window }) => {
  const { page, host } = window;
  // A batch that has ended before it is first seen is shown unfolded.
  await window.profile(await host.store(`[[fault]]\non = { operation = "PutObject" }\nthen = { delay = { milliseconds = 300 } }\n`));
  await window.show("Now");
  await host.files("survey", 30);
  await host.drop(host.path("survey"));
  await expect(page.getByRole("row", { name: /^survey/ })).toHaveAttribute("data-state", "done");
  const fold = page.getByTestId("fold");
  await expect(fold).toHaveText("30 verified");
  await fold.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("row").first()).toBeVisible();
  await expect(fold).toHaveCount(0);
});
