import { afterEach, describe, expect, it, vi } from "vitest";
import type { Action } from "../bindings/Action";
import type { Target } from "../bindings/Target";
import { mockPlatform } from "../platform/mock";
import { mockProblem } from "../platform/mockScenes";
import type { Platform } from "../platform/platform";
import { all, click, close, one, openOver, row, settle } from "./testWindow";

/** The window over the mock's scene, with the clock standing still; some of the host replaced. */
const open = (scene: string, replaced: Partial<Platform> = {}, language = "en") =>
  openOver({ ...mockPlatform(new URLSearchParams(`still&scene=${scene}&lang=${language}`)), ...replaced });

const buttons = (element: HTMLElement) => [...element.querySelectorAll("button")].map((button) => button.dataset["testid"]);
const press = async (element: HTMLElement, key: string, more: KeyboardEventInit = {}) => {
  element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  await settle();
};
const type = async (testid: string, text: string) => {
  const field = one(testid) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settle();
};
const selectedNames = () => all("row").filter((each) => each.ariaSelected === "true" || each.getAttribute("aria-selected") === "true").length;

function recorder() {
  const done: [Action, Target][] = [];
  const act = (action: Action, target: Target) => {
    done.push([action, target]);
    return Promise.resolve();
  };
  return { done, act };
}

afterEach(() => {
  close();
});

describe("empty", () => {
  it("invites, and says that practice stays on this computer", async () => {
    await open("empty");
    expect(one("empty").textContent).toContain("oss://practice/");
    expect(one("empty").textContent).toContain("Nothing leaves this computer");
    expect(all("totals")).toEqual([]);
  });

  it("asks the host for its dialogs", async () => {
    const pickFiles = vi.fn(() => Promise.resolve());
    const pickFolder = vi.fn(() => Promise.resolve());
    await open("empty", { pickFiles, pickFolder });
    await click(one("add-files"));
    await click(one("add-folder"));
    expect([pickFiles.mock.calls.length, pickFolder.mock.calls.length]).toEqual([1, 1]);
  });

  it("says where a drag will go", async () => {
    await open("drag");
    expect(one("drag-over").textContent).toContain("Drop 3 items to upload to oss://media-archive/2026/");
  });
});

describe("totals", () => {
  it("say what limits the speed, only while it is known", async () => {
    const ferry = await open("uploading");
    expect(one("limited-by").textContent).toBe("Limited by your network");
    expect(one("totals").querySelector("p")?.title).toMatch(/ · Limited by your network$/);
    ferry.set({ language: "zh" });
    await settle();
    expect(one("limited-by").textContent).toBe("受限于您的网络");
    close();
    await open("paused");
    expect([all("totals").length, all("limited-by").length]).toEqual([1, 0]);
  });
});

describe("rows", () => {
  it.each([
    ["harbour", "uploading", ["row-pause", "row-cancel", "row-details"]],
    ["b-roll", "paused", ["row-resume", "row-cancel", "row-details"]],
    ["interview", "failed", ["row-retry", "row-remove", "row-details"]],
    ["colour", "conflict", ["row-overwrite", "row-skip", "row-rename", "row-cancel", "row-details"]],
    ["notes", "sourceChanged", ["row-startOver", "row-waitUntilQuiet", "row-skip", "row-details"]],
    ["rushes", "cancelling", ["row-details"]],
    ["storyboard", "done", ["row-link", "row-remove", "row-details"]],
  ])("%s is %s and offers what fits", async (name, state, offered) => {
    await open("uploading");
    expect(row(name).dataset["state"]).toBe(state);
    expect(buttons(row(name))).toEqual(offered);
    expect(row(name).querySelectorAll('[data-testid="row-progress"]')).toHaveLength(1);
  });

  it("show their progress, the sentence of a failure, and hidden characters", async () => {
    await open("uploading");
    expect(row("harbour").querySelector('[data-testid="row-progress"]')?.getAttribute("aria-valuenow")).toBe("61");
    expect(row("harbour").textContent).toContain("11.8 MiB/s");
    expect(row("interview").textContent).toContain("The file is not there any more");
    expect(row("invoice").querySelector("bdi")?.textContent).toBe("invoice⟨U+202E⟩fdp.exe");
  });

  it("act by their buttons", async () => {
    const { done, act } = recorder();
    await open("uploading", { act });
    await click(row("b-roll").querySelector<HTMLElement>('[data-testid="row-resume"]') ?? row("b-roll"));
    expect(done).toEqual([["resume", { type: "ids", ids: [Number(row("b-roll").dataset["id"])] }]]);
    expect(selectedNames()).toBe(0);
  });

  it("ask before much that was sent is taken back", async () => {
    const { done, act } = recorder();
    await open("uploading", { act });
    await click(row("harbour").querySelector<HTMLElement>('[data-testid="row-cancel"]') ?? row("harbour"));
    expect(done).toEqual([]);
    await click(one("question-confirm"));
    expect(done.map(([action]) => action)).toEqual(["cancel"]);
  });

  it("open their details with the store's code and ids", async () => {
    await open("uploading");
    await click(row("locked").querySelector<HTMLElement>('[data-testid="row-details"]') ?? row("locked"));
    const details = one("details").textContent;
    for (const part of ["AccessDenied", "0003-00000001", "5C3D9175B6FC201293AD4890", "oss:PutObject"]) expect(details).toContain(part);
    await press(one("list"), "Escape");
    expect(all("details")).toEqual([]);
  });
});

describe("keyboard", () => {
  it("moves, ranges, toggles and selects all", async () => {
    const ferry = await open("uploading");
    const list = one("list");
    await press(list, "ArrowDown");
    await press(list, "ArrowDown");
    expect(list.getAttribute("aria-activedescendant")).toBe(row("采访").id);
    await press(list, "ArrowDown", { shiftKey: true });
    await press(list, "ArrowDown", { shiftKey: true });
    expect(one("selection-count").textContent).toBe("3 selected");
    await press(list, "ArrowUp", { shiftKey: true });
    expect(one("selection-count").textContent).toBe("2 selected");
    await press(list, "ArrowDown", { ctrlKey: true });
    await press(list, " ");
    expect(one("selection-count").textContent).toBe("3 selected");
    await press(list, "a", { ctrlKey: true });
    expect([ferry.selection.all, one("selection-count").textContent]).toEqual([true, "56 selected"]);
    await press(list, "Escape");
    expect(one("selection-count").textContent).toBe("Nothing selected");
  });

  it("removes what has ended at once, and asks where something is under way", async () => {
    const { done, act } = recorder();
    await open("uploading", { act });
    await click(row("storyboard"));
    await press(one("list"), "Delete");
    expect(done.map(([action]) => action)).toEqual(["remove"]);
    await click(row("采访"));
    await press(one("list"), "Delete");
    expect(done).toHaveLength(1);
    await click(one("question-keep"));
    expect([done.length, all("question").length]).toEqual([1, 0]);
  });

  it("acts on the row under the ring, also right after End", async () => {
    const { done, act } = recorder();
    await open("big", { act });
    await click(row("photo_1.jpg"));
    const list = one("list");
    await press(list, "End");
    await press(list, "Delete");
    await settle();
    expect(one("question").textContent).toContain("photo_300000.jpg");
    await click(one("question-confirm"));
    expect(done).toEqual([["remove", { type: "ids", ids: [300_000] }]]);
  });

  it("acts on no other row while the one under the ring is not known", async () => {
    const { done, act } = recorder();
    // The host never answers for the rows at the end.
    let asked = 0;
    const mock = mockPlatform(new URLSearchParams("still&scene=big&lang=en"));
    const setViewport: Platform["setViewport"] = (viewport) => {
      asked += 1;
      return viewport.offset === 0 ? mock.setViewport(viewport) : new Promise<void>(() => undefined);
    };
    await openOver({ ...mock, act, setViewport });
    await click(row("photo_1.jpg"));
    await press(one("list"), "End");
    await press(one("list"), "Delete");
    await settle();
    expect([asked > 1, done, all("question").length]).toEqual([true, [], 0]);
  });

  it("reaches a row's buttons only on the active row", async () => {
    await open("uploading");
    await click(row("b-roll"));
    const reachable = all("row").filter((each) => each.querySelector('button[tabindex="0"]') !== null);
    expect(reachable.map((each) => each.dataset["name"])).toEqual(["b-roll.zip"]);
  });
});

describe("selection bar", () => {
  const bar = () => [...one("selection-bar").querySelectorAll<HTMLButtonElement>("button")].map((button) => button.dataset["testid"]);

  it("says how many an action would change, and lets nothing be chosen that changes none", async () => {
    await open("uploading");
    await click(row("storyboard"));
    await click(row("b-roll"), { ctrlKey: true });
    expect(one("selection-resume").title).toBe("Resume: 1 of 2 selected");
    expect(["pause", "resume", "retry", "cancel", "remove"].map((action) => one(`selection-${action}`).textContent.trim().replaceAll(/\s+/g, " "))).toEqual([
      "Pause",
      "Resume1",
      "Retry",
      "Cancel1",
      "Remove2",
    ]);
    expect(["pause", "resume", "decide"].map((action) => (one(`selection-${action}`) as HTMLButtonElement).disabled)).toEqual([true, false, true]);
  });

  it("keeps each button in its place, whatever is selected", async () => {
    await open("uploading");
    await click(row("storyboard"));
    const places = bar();
    for (const name of ["b-roll", "colour", "notes", "interview", "harbour"]) {
      await click(row(name));
      expect(bar()).toEqual(places);
    }
  });

  it("leads to the choices that are due", async () => {
    const { done, act } = recorder();
    await open("uploading", { act });
    await click(row("colour"));
    await click(one("selection-decide"));
    expect((one("selection-startOver") as HTMLButtonElement).disabled).toBe(true);
    await click(one("selection-overwrite"));
    expect(done.map(([action]) => action)).toEqual(["overwrite"]);
  });

  it("asks about as many uploads as would be cancelled", async () => {
    const ferry = await open("uploading");
    await press(one("list"), "a", { ctrlKey: true });
    expect(ferry.selection.all).toBe(true);
    await click(one("selection-cancel"));
    // 56 files, of which 5 have ended and one is being taken back.
    expect(one("question").textContent).toContain("Cancel 50 uploads?");
  });
});

describe("header and totals", () => {
  it("offers what fits the queue's state", async () => {
    await open("paused");
    expect([all("pause-all").length, all("resume-all").length]).toEqual([0, 1]);
    expect(one("totals").textContent).toContain("Paused");
  });

  it("claims all verified only when all is", async () => {
    await open("done");
    expect(one("totals").textContent).toContain("12 files uploaded and verified");
    expect(one("totals-progress").getAttribute("aria-valuenow")).toBe("100");
  });

  it("speaks Chinese", async () => {
    await open("uploading", {}, "zh");
    expect(one("totals").textContent).toContain("3 / 56 个文件");
    expect(document.documentElement.lang).toBe("zh-Hans");
  });

  it("shows what concerns more than a row", async () => {
    await open("waiting");
    expect(all("notice").map((each) => each.dataset["kind"])).toEqual(["offline", "profileHeld", "journal", "volumeMissing", "failed", "adding", "recovered"]);
    await click(one("notice-edit-profile"));
    expect((one("field-name") as HTMLInputElement).value).toBe("夜间备份");
  });

  it("says once for all files behind a cause that they wait, and tries again when asked", async () => {
    const tryNow = vi.fn(() => Promise.resolve());
    const releaseProfile = vi.fn(() => Promise.resolve());
    await open("waiting", { tryNow, releaseProfile });
    const [offline, held, journal, volume] = all("notice");
    expect([offline, held, journal, volume].map((each) => /\d+ files? waits?\./.exec(each?.textContent ?? "")?.[0])).toEqual(["43 files wait.", "1 file waits.", "44 files wait.", "12 files wait."]);
    expect(all("notice-dismiss").map((each) => each.closest<HTMLElement>('[data-testid="notice"]')?.dataset["kind"])).toEqual(["failed", "recovered"]);
    await click(one("notice-try-now"));
    await click(one("notice-try-again"));
    expect([tryNow.mock.calls, releaseProfile.mock.calls]).toEqual([[[]], [[3]]]);
  });

  it("finds nothing, says so, and leads back", async () => {
    const ferry = await open("paused");
    await click(one("filter-attention"));
    expect(one("no-match").textContent).toContain("Needs attention");
    await click(one("show-all"));
    expect([ferry.filter, all("no-match").length]).toEqual(["all", 0]);
  });
});

describe("settings", () => {
  it("apply at once", async () => {
    await open("empty");
    await click(one("settings"));
    const theme = one("theme") as HTMLSelectElement;
    theme.selectedIndex = 2;
    theme.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(document.documentElement.dataset["theme"]).toBe("dark");
  });

  it("take patterns, and say beside the field which cannot be understood", async () => {
    const setSettings = vi.fn<Platform["setSettings"]>(() => Promise.resolve());
    await open("empty", { setSettings });
    await click(one("settings"));
    await type("exclude", " *.tmp，~$*,, cache/** ");
    one("exclude").dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(setSettings).toHaveBeenLastCalledWith(expect.objectContaining({ exclude: ["*.tmp", "~$*", "cache/**"] }), "");
    setSettings.mockImplementation(() => Promise.reject(mockProblem("invalidInput")));
    await type("exclude", "a[");
    await click(one("settings-close"));
    expect(one("settings-dialog").textContent).toContain("cannot be understood");
    expect(all("trouble")).toEqual([]);
    setSettings.mockImplementation(() => Promise.resolve());
    await type("exclude", "a");
    await click(one("settings-close"));
    expect(all("settings-dialog")).toEqual([]);
  });

  it("take a proxy once it is named, and a password with it", async () => {
    const setSettings = vi.fn<Platform["setSettings"]>(() => Promise.resolve());
    await open("empty", { setSettings });
    await click(one("settings"));
    const leave = async (testid: string, text: string) => {
      await type(testid, text);
      one(testid).dispatchEvent(new Event("blur"));
      await settle();
    };
    const choose = async (value: string) => {
      const list = one("field-proxy") as HTMLSelectElement;
      list.selectedIndex = [...list.options].findIndex((option) => option.value === value);
      list.dispatchEvent(new Event("change", { bubbles: true }));
      await settle();
    };
    const sent = () => setSettings.mock.calls.map(([{ network }, password]) => [network.proxy, network.proxyServer, network.proxyUser, password]);

    expect([...(one("field-proxy") as HTMLSelectElement).options].map((option) => option.value)).toEqual(["system", "direct", "manual"]);
    expect(all("field-proxyServer")).toEqual([]);
    await choose("manual");
    await leave("field-proxyServer", " ");
    expect([sent(), one("field-proxyServer").getAttribute("aria-invalid")]).toEqual([[], "true"]);
    await leave("field-proxyServer", "proxy:3128");
    await leave("field-proxyUser", "lin");
    await leave("field-proxyPassword", "canary");
    await leave("field-directHosts", "");
    expect((one("field-proxyPassword") as HTMLInputElement).value).toBe("");
    await choose("direct");
    expect(sent()).toEqual([
      ["manual", "proxy:3128", "", ""],
      ["manual", "proxy:3128", "lin", ""],
      ["manual", "proxy:3128", "lin", "canary"],
      ["direct", "", "", ""],
    ]);
    await click(one("settings-close"));
    expect([all("settings-dialog").length, setSettings.mock.calls.length]).toEqual([0, 4]);
  });

  it("say beside a field of the network what was refused, and stay open for it", async () => {
    await open("empty");
    await click(one("settings"));
    await type("field-caFile", "/etc/company.txt");
    await click(one("settings-close"));
    const invalid = () => [...document.querySelectorAll<HTMLElement>('[aria-invalid="true"]')].map((each) => each.dataset["testid"]);
    expect([invalid(), document.activeElement]).toEqual([["field-caFile"], one("field-caFile")]);
    expect(one("settings-dialog").textContent).toContain("The CA file company.txt cannot be used.");
    expect(all("trouble")).toEqual([]);
    await type("field-caFile", "");
    await click(one("settings-close"));
    expect(all("settings-dialog")).toEqual([]);
  });

  it("take a limit by the hour once a row is left, and say beside it what was refused", async () => {
    const setSettings = vi.fn(mockPlatform(new URLSearchParams("still")).setSettings);
    await open("empty", { setSettings });
    await click(one("settings"));
    const leave = async (field: HTMLElement, to: HTMLElement | null) => {
      field.dispatchEvent(new FocusEvent("focusout", { bubbles: true, relatedTarget: to }));
      await settle();
    };
    await type("limit", "1.5");
    one("limit").dispatchEvent(new Event("change", { bubbles: true }));
    expect(setSettings).toHaveBeenLastCalledWith(expect.objectContaining({ limit: { hours: [], otherwise: "1.5" } }), "");
    await click(one("limit-add"));
    expect(document.activeElement).toBe(one("limit-from"));
    await type("limit-from", "8:00");
    await leave(one("limit-from"), one("limit-to"));
    await type("limit-rate", "0.5");
    await leave(one("limit-to"), one("limit-rate"));
    expect(setSettings).toHaveBeenCalledTimes(1);
    await leave(one("limit-rate"), null);
    await click(one("settings-close"));
    expect(one("limit-hours").textContent).toContain("Times as 08:00 that do not overlap");
    expect([document.activeElement, all("trouble").length]).toEqual([one("limit-from"), 0]);
    await type("limit-to", "19:00");
    await leave(one("limit-to"), null);
    const limit = { hours: [{ from: "8:00", to: "19:00", rate: "0.5" }], otherwise: "1.5" };
    expect(setSettings).toHaveBeenLastCalledWith(expect.objectContaining({ limit }), "");
    expect(one("limit-hours").textContent).toContain("By this computer's clock");
    await click(one("limit-remove"));
    expect(setSettings).toHaveBeenLastCalledWith(expect.objectContaining({ limit: { hours: [], otherwise: "1.5" } }), "");
    await click(one("settings-close"));
    expect(all("settings-dialog")).toEqual([]);
  });

  it("open with what was saved last, also before the host tells of it", async () => {
    await open("empty", { setSettings: () => Promise.resolve() });
    await click(one("settings"));
    await type("limit", "7");
    await type("parallel", "12");
    one("parallel").dispatchEvent(new Event("change", { bubbles: true }));
    await click(one("settings-close"));
    await click(one("settings"));
    expect(["limit", "parallel"].map((field) => (one(field) as HTMLInputElement).value)).toEqual(["7", "12"]);
  });

  it("take a number of requests and refuse nonsense", async () => {
    const setSettings = vi.fn(() => Promise.resolve());
    await open("empty", { setSettings });
    await click(one("settings"));
    await type("parallel", "many");
    one("parallel").dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect([(one("parallel") as HTMLInputElement).value, setSettings.mock.calls.length]).toEqual(["", 0]);
    for (const [typed, parallel] of [["999", 99], ["12", 12]] as const) {
      await type("parallel", typed);
      one("parallel").dispatchEvent(new Event("change", { bubbles: true }));
      expect(setSettings).toHaveBeenLastCalledWith(expect.objectContaining({ parallel }), "");
    }
  });
});
