//! The settings: taken over when a field is left, and what is wrong with one stands beside it.

import { readFile } from "node:fs/promises";
import { type Window, expect, test } from "./support/window";

/** Closes the dialog, loads the page anew and opens the dialog again: what it shows was kept. */
async function again(window: Window, tab: Parameters<Window["settings"]>[0] = "Transfers") {
  await window.dialog("Settings").getByRole("button", { name: "Close" }).click();
  await expect(window.dialog("Settings")).toHaveCount(0);
  await window.page.reload();
  return window.settings(tab);
}

test("apply at once, and are there after a reload", async ({ window }) => {
  const { page } = window;
  await window.settings("Appearance");
  await window.field("Theme").selectOption("Dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await window.field("Language").selectOption("简体中文");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
});

test("take patterns, and say beside the field which cannot be understood", async ({ window }) => {
  const dialog = await window.settings("Transfers");
  const field = window.field("Leave out of folders");
  await field.fill(" *.tmp，~$*,, cache/** ");
  await field.blur();
  await expect(field).toHaveValue("*.tmp, ~$*, cache/**");
  await field.fill("a[");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toContainText("A pattern cannot be understood.");
  await expect(field).toBeFocused();
  await field.fill("*.tmp");
  await again(window);
  await expect(field).toHaveValue("*.tmp");
});

test("leave out of folders what they say", async ({ window }) => {
  const { host } = window;
  await window.settings("Transfers");
  await window.field("Leave out of folders").fill("*.tmp");
  await again(window);
  await window.dialog("Settings").press("Escape");
  await host.file("album/left out.tmp", "1");
  await host.file("album/taken.jpg", "2");
  await host.drop(host.path("album"));
  await window.sees("taken.jpg", "Done");
  await expect(window.row("left out")).toHaveCount(0);
});

test("take a proxy once it is named, and a password with it that nobody sees again", async ({
  window,
}) => {
  const { page } = window;
  const dialog = await window.settings("Network");
  const proxy = window.field("Proxy");
  expect(await proxy.getByRole("option").allTextContents()).toEqual([
    "As the system says",
    "No proxy",
    "Manual",
  ]);
  await proxy.selectOption("Manual");
  await window.field("Server").fill(" ");
  await window.field("Server").blur();
  await expect(dialog).toContainText("A server, as http://proxy.example.com:3128");
  await window.field("Server").fill("proxy:3128");
  await window.field("User").fill("lin");
  await window.field("Password").fill("canary");
  await window.field("Reached directly").fill(".lan");
  await again(window, "Network");
  await expect(window.field("Server")).toHaveValue("http://proxy:3128");
  await expect(window.field("User")).toHaveValue("lin");
  await expect(window.field("Password")).toHaveValue("");
  expect(await page.content()).not.toContain("canary");
  await proxy.selectOption("No proxy");
  await again(window, "Network");
  await expect(proxy).toHaveValue("direct");
});

test("say beside a field of the network what was refused, and stay open for it", async ({
  window,
}) => {
  const { host } = window;
  const dialog = await window.settings("Network");
  const field = window.field("CA file");
  await field.fill(await host.file("company.txt", "no certificate"));
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog.getByRole("alert")).toContainText("company.txt");
  await expect(field).toBeFocused();
  await field.fill("");
  await again(window, "Network");
  await expect(field).toHaveValue("");
});

test("take a limit by the hour once its row is left, and say beside it what was refused", async ({
  window,
}) => {
  const dialog = await window.settings("Transfers");
  await window.field("Speed limit").fill("1.5");
  await window.button("Add hours").click();
  await expect(window.field("From")).toBeFocused();
  await window.field("From").fill("8:00");
  await window.field("Speed limit (MiB/s)").fill("0.5");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Times as 08:00 that do not overlap");
  await expect(window.field("From")).toBeFocused();
  await window.field("To").fill("19:00");
  await again(window);
  await expect(window.field("From")).toHaveValue("08:00");
  await expect(window.field("To")).toHaveValue("19:00");
  await expect(window.field("Speed limit (MiB/s)")).toHaveValue("0.5");
  await window.button("Remove these hours").click();
  await again(window);
  await expect(window.field("From")).toHaveCount(0);
});

test("take numbers within bounds, and say which they are of any other", async ({ window }) => {
  const dialog = await window.settings("Transfers");
  const parallel = window.field("Parallel requests");
  const partSize = window.field("Part size");
  for (const [field, typed, said] of [
    [parallel, "many", "A whole number from 1 to 256, or nothing."],
    [parallel, "9999", "A whole number from 1 to 256, or nothing."],
    [partSize, "0", "A whole number of MiB from 1 to 5120, or nothing."],
    [partSize, "1.5", "A whole number of MiB from 1 to 5120, or nothing."],
  ] as const) {
    await field.fill(typed);
    await field.blur();
    await expect(dialog.getByRole("alert")).toHaveText(said);
    await expect(field).toHaveValue(typed);
    await dialog.getByRole("button", { name: "Close" }).click();
    await expect(field).toBeFocused();
    await field.fill("");
    await field.blur();
    await expect(dialog.getByRole("alert")).toHaveCount(0);
  }
  await parallel.fill("12");
  await partSize.fill("64");
  await again(window);
  await expect(parallel).toHaveValue("12");
  await expect(partSize).toHaveValue("64");
});

test("say what holds for destinations that say nothing of their own", async ({ window }) => {
  const { host } = window;
  // One follows the settings, the other says what it wants.
  await window.profile(await host.store(), { name: "Own", existing: "rename" });
  await window.profile(await host.store(), { name: "Follows" });
  await window.settings("Transfers");
  await window.field("If an object exists").selectOption("Skip the file");
  await window.field("Integrity").selectOption("strict");
  await window.page.getByRole("tab", { name: "Network" }).click();
  const idle = window.field("Idle timeout");
  await expect(idle).toHaveAttribute("placeholder", "60");
  await idle.fill("3601");
  await idle.blur();
  await expect(window.dialog("Settings").getByRole("alert")).toHaveText("1 to 3600 seconds, or nothing.");
  await idle.fill("90");
  await again(window, "Network");
  await expect(idle).toHaveValue("90");
  await window.page.getByRole("tab", { name: "Transfers" }).click();
  await expect(window.field("If an object exists")).toHaveValue("skip");
  await expect(window.field("Integrity")).toHaveValue("strict");
  await window.dialog("Settings").press("Escape");
  await expect(window.dialog("Settings")).toHaveCount(0);
  await window.show("History");
  const done = window.page.getByRole("row", { name: /^film\.mov, Done/ });
  const film = await host.file("film.mov", "as it was");
  for (const name of ["Follows", "Own"]) {
    await window.sidebar.getByRole("button", { name: new RegExp(`^${name}`) }).click();
    await host.drop(film);
    await expect(done).toHaveCount(name === "Own" ? 2 : 1);
  }
  await host.change(film, "another film");
  for (const [name, state] of [["Follows", "Skipped"], ["Own", "Done"]] as const) {
    await window.sidebar.getByRole("button", { name: new RegExp(`^${name}`) }).click();
    await host.drop(film);
    if (state === "Skipped") await window.sees("film.mov", "Skipped");
    else await expect(done).toHaveCount(3);
  }
  // What tests set beside the page takes the place of what was set in it: pictures come last.
  for (const tab of ["Transfers", "Network"] as const) {
    await window.settings(tab);
    await window.photograph(`settings-${tab.toLowerCase()}`);
    await window.dialog("Settings").press("Escape");
    await expect(window.dialog("Settings")).toHaveCount(0);
  }
});

test("what is refused in one tab is shown when the dialog closes from another", async ({ window }) => {
  const dialog = await window.settings("Transfers");
  await window.field("Part size").fill("none");
  await window.page.getByRole("tab", { name: "Data" }).click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(window.field("Part size")).toBeFocused();
  await expect(window.page.getByRole("tab", { name: "Transfers" })).toContainText("has a problem");
});

test("a part size goes for what is dropped from then on", async ({ window }) => {
  const { host } = window;
  const store = await host.store();
  await window.profile(store);
  await window.settings("Transfers");
  await window.field("Part size").fill("1");
  await window.dialog("Settings").getByRole("button", { name: "Close" }).click();
  await expect(window.dialog("Settings")).toHaveCount(0);
  await host.drop(await host.file("film.mov", "0".repeat(3 << 20)));
  await window.sees("film.mov", "Done");
  await window.row("film.mov").getByRole("button", { name: "Details" }).click();
  await expect(window.page.getByRole("region", { name: "Details" })).toContainText("All 3 parts verified");
});

test("rows are 28 or 40 pixels high", async ({ window }) => {
  const { host } = window;
  await window.profile(await host.store());
  await host.drop(await host.file("a.txt", "a"), await host.file("b.txt", "b"));
  await window.sees("b.txt", "Done");
  const heights = () => window.page.getByTestId("row").evaluateAll((rows) => rows.map((row) => row.clientHeight));
  expect(await heights()).toEqual([28, 28]);
  await window.settings("Appearance");
  await window.field("Rows").selectOption("Comfortable");
  await again(window, "Appearance");
  await window.dialog("Settings").press("Escape");
  await expect.poll(heights).toEqual([40, 40]);
});

test("history, log and the data folder are in one place", async ({ window }) => {
  const { host } = window;
  await window.settings("Data");
  await expect(window.field("Keep the history")).toHaveValue("ever");
  await window.field("Keep the history").selectOption("90 days");
  await window.field("Log file").selectOption("Each request");
  await again(window, "Data");
  await expect(window.field("Keep the history")).toHaveValue("90");
  await expect(window.field("Log file")).toHaveValue("debug");
  await window.button("Open the data folder").click();
  await expect.poll(async () => (await host.did()).join()).toMatch(/^shows .*ferry\.db$/);
});

test("the limit is a menu of the top line, with its unit", async ({ window }) => {
  const { page } = window;
  await window.button("No limit").click();
  await expect(page.getByRole("menuitemradio", { name: "No limit" })).toBeChecked();
  await page.getByRole("menuitemradio", { name: "20 MiB/s" }).click();
  await expect(window.button("Limit 20 MiB/s")).toBeVisible();
  await page.reload();
  await window.button("Limit 20 MiB/s").click();
  await expect(page.getByRole("menuitemradio", { name: "20 MiB/s" })).toBeChecked();
  await page.getByRole("menuitem", { name: /^Another limit/ }).click();
  await expect(window.field("Speed limit")).toHaveValue("20");
  await page.keyboard.press("Escape");
  await window.button("Limit 20 MiB/s").click();
  await page.getByRole("menuitemradio", { name: "No limit" }).click();
  await expect(window.button("No limit")).toBeVisible();
  await window.set({ limit: { hours: [{ from: "08:00", to: "19:00", rate: "2" }], otherwise: "" } });
  await expect(window.button("Limit by hours")).toBeVisible();
});

test("keep an audit log, and call what is named when something ends", async ({ window }) => {
  const { page, host } = window;
  const dialog = await window.settings("Automation");
  const log = host.path("log/audit.jsonl");
  await dialog.getByRole("checkbox", { name: "Keep an audit log" }).check();
  const file = dialog.getByRole("textbox", { name: "File" });
  await file.fill("audit.jsonl/");
  await file.blur();
  await expect(dialog.getByRole("alert")).toHaveText("A full path.");
  await host.file("log/other.txt", "");
  await file.fill(log);
  await file.blur();
  await expect(dialog.getByRole("alert")).toHaveCount(0);
  // A program without a shell: what it gets is in the files that it writes.
  const program = await host.file("note.py", 'import sys\nopen(sys.argv[1], "a").write(sys.stdin.read() + "\\n")\n');
  for (const [event, name] of [["A file is verified", "verified"], ["A batch has ended", "batch"]] as const) {
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.getByTestId("hook-event").last().selectOption(event);
    await dialog.getByTestId("hook-target").last().fill(`python3 ${program} '${host.path(`${name}.json`)}'`);
  }
  await dialog.getByRole("button", { name: "Add" }).click();
  await dialog.getByTestId("hook-target").last().fill("python3 'one quote");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("An address, or a program with its arguments; quotes come in pairs.");
  await dialog.getByRole("button", { name: "Remove this line" }).last().click();
  await again(window, "Automation");
  await expect(dialog.getByTestId("hook-target")).toHaveCount(2);
  await expect(file).toHaveValue(log);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await window.profile(await host.store());
  await host.drop(await host.file("film.mov", "a film"));
  await window.sees("film.mov", "Done");
  const read = async (name: string) => readFile(host.path(name), "utf8").catch(() => "");
  await expect.poll(() => read("verified.json"), { timeout: 20_000 }).toContain('"event":"verified"');
  await expect.poll(() => read("batch.json"), { timeout: 20_000 }).toContain('"verified":1');
  await expect.poll(() => read("log/audit.jsonl"), { timeout: 20_000 }).toContain("film.mov");
  // Once it is off, nothing more is written.
  await window.settings("Automation");
  await dialog.getByRole("checkbox", { name: "Keep an audit log" }).uncheck();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await host.drop(await host.file("second.mov", "another"));
  await window.sees("second.mov", "Done");
  await expect.poll(() => read("verified.json"), { timeout: 20_000 }).toContain("second.mov");
  expect(await read("log/audit.jsonl")).not.toContain("second.mov");
  await window.settings("Automation");
  await window.photograph("settings-automation");
});

test("keep uploads to their hours, unless the user lets them run once", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  const dialog = await window.settings("Transfers");
  const hours = window.field("Hours of uploads");
  await hours.fill("whenever");
  await hours.blur();
  await expect(dialog).toContainText("Hours as 19:00-07:00");
  // Two hours ago, for an hour: whatever the time is, that comes again tomorrow.
  const hour = (new Date().getHours() + 22) % 24;
  // The hour after 23:00 ends at 24:00.
  const at = (each: number) => `${String(each).padStart(2, "0")}:00`;
  const closed = `${at(hour)}-${at(hour + 1)}`;
  await hours.fill(closed);
  await again(window);
  await expect(hours).toHaveValue(closed);
  await window.dialog("Settings").press("Escape");
  await host.drop(await host.file("a.txt", "a"));
  await expect(page.getByTestId("headline")).toHaveText("Waiting for the hours of uploads");
  await expect(page.getByTestId("totals")).toContainText(/Goes on in \d+ h/);
  await window.sees("a.txt", "Queued");
  await window.button("Upload now").click();
  await window.sees("a.txt", "Done");
});

test("uploads wait while the connection goes through another network interface", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.settings("Transfers");
  const choice = page.getByTestId("interface");
  await expect(choice).toHaveValue("");
  expect(await choice.locator("option").count()).toBeGreaterThan(0);
  await window.set({ interface: "nowhere0" });
  await expect(choice).toHaveValue("nowhere0");
  await window.photograph("settings-interface");
  await page.keyboard.press("Escape");
  await expect(window.dialog("Settings")).toHaveCount(0);
  await window.show("Now");
  await host.drop(await host.file("film.mov", 1024));
  await expect(page.getByTestId("headline")).toHaveText("Waiting for the network interface");
  await window.sees("film.mov", "Queued");
  await window.photograph("waiting-interface");
  await window.set({ interface: "" });
  await window.sees("film.mov", "Done");
});
