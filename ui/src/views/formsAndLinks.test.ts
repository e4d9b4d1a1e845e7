import { afterEach, describe, expect, it, vi } from "vitest";
import type { BatchForm } from "../bindings/BatchForm";
import type { LinkFormat } from "../bindings/LinkFormat";
import type { LinkKind } from "../bindings/LinkKind";
import type { Target } from "../bindings/Target";
import { mockPlatform } from "../platform/mock";
import { mockProblem } from "../platform/mockScenes";
import type { Platform } from "../platform/platform";
import { all, click, close, one, openOver, row, settle } from "./testWindow";

/** The window over the mock's scene, with the clock standing still; some of the host replaced. */
const open = (scene: string, replaced: Partial<Platform> = {}, language = "en") =>
  openOver({ ...mockPlatform(new URLSearchParams(`still&scene=${scene}&lang=${language}`)), ...replaced });

const type = async (testid: string, text: string) => {
  const field = one(testid) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("blur"));
  await settle();
};
const choose = async (testid: string, value: string) => {
  const list = one(testid) as HTMLSelectElement;
  list.selectedIndex = [...list.options].findIndex((option) => option.value === value);
  list.dispatchEvent(new Event("change", { bubbles: true }));
  await settle();
};

/** Takes what is copied in the clipboard's place. */
function clipboard(): string[] {
  const copied: string[] = [];
  const write = async ([item]: ClipboardItem[]) => {
    const blob = await item?.getType("text/plain");
    copied.push((await blob?.text()) ?? "");
  };
  vi.stubGlobal(
    "ClipboardItem",
    class {
      constructor(readonly items: Record<string, Promise<Blob>>) {}
      getType = (type: string) => this.items[type];
    },
  );
  vi.spyOn(navigator, "clipboard", "get").mockReturnValue({ write, writeText: (text: string) => Promise.resolve(void copied.push(text)) } as unknown as Clipboard);
  return copied;
}

afterEach(() => {
  vi.unstubAllGlobals();
  close();
});

describe("the profile's form", () => {
  it("begins with bucket and key alone, and leads to what has to be corrected", async () => {
    await open("uploading");
    await click(one("profile-menu"));
    await click(one("profile-edit"));
    expect(one("section-panel").dataset["section"]).toBe("basics");
    expect(all("field-keyTemplate").length + all("option-tags").length).toBe(0);
    await click(one("section-names"));
    await type("field-keyTemplate", "{yyyy}");
    await click(one("section-basics"));
    one("profile-dialog").querySelector("form")?.requestSubmit();
    await settle(20);
    expect([one("section-panel").dataset["section"], one("section-names").dataset["marked"]]).toEqual(["names", "true"]);
    expect(one("field-keyTemplate").getAttribute("aria-invalid")).toBe("true");
    expect(one("section-panel").textContent).toContain("It needs {name}, {stem} or {hash8}");
  });

  it("puts a field of the template where the caret stands, and shows what becomes of it", async () => {
    await open("uploading");
    await click(one("profile-menu"));
    await click(one("profile-edit"));
    await click(one("section-names"));
    const template = one("field-keyTemplate") as HTMLInputElement;
    template.setSelectionRange(8, 8);
    await click(one("template-yyyy"));
    await settle(300);
    expect([template.value, template.selectionStart]).toEqual(["{prefix}{yyyy}{dir}{name}", 14]);
    expect(one("template-preview").textContent).toContain(`album/photo.jpg → 2026/${String(new Date().getFullYear())}album/photo.jpg`);
  });

  it("says what to know about an address although nothing is wrong with it", async () => {
    await open("uploading");
    await click(one("profile-menu"));
    await click(one("profile-edit"));
    expect(all("profile-remark")).toEqual([]);
    await type("field-endpoint", "oss-cn-hangzhou-internal.aliyuncs.com");
    await settle(300);
    expect(one("profile-remark").textContent).toContain("only inside Alibaba Cloud");
  });

  it("shows no field that the dialect does not have", async () => {
    await open("uploading");
    await click(one("profile-menu"));
    await click(one("profile-new"));
    await click(one("section-objects"));
    expect(all("option-trafficLimit").length + all("option-callbackUrl").length).toBe(2);
    await click(one("section-basics"));
    await choose("field-provider", "s3");
    await click(one("section-objects"));
    expect(all("option-trafficLimit").length + all("option-callbackUrl").length).toBe(0);
    await choose("option-storageClass", "other");
    await type("option-classOther", "MY_CLASS");
    await click(one("section-basics"));
    await click(one("section-objects"));
    expect((one("option-classOther") as HTMLInputElement).value).toBe("MY_CLASS");
  });

  it("looks for other tools' keys only when asked, and takes one over by its number", async () => {
    const findImports = vi.fn(mockPlatform(new URLSearchParams("still")).findImports);
    const saveProfile = vi.fn(mockPlatform(new URLSearchParams("still")).saveProfile);
    await open("uploading", { findImports, saveProfile });
    await click(one("profile-menu"));
    await click(one("profile-new"));
    expect(findImports).not.toHaveBeenCalled();
    await click(one("key-take-over"));
    expect(all("import-candidate").map((each) => each.querySelector("input")?.disabled)).toEqual([false, false, true, false, false, false]);
    expect(one("import-dialog").textContent).toContain("EcsRamRole");
    one("import-dialog").querySelector("form")?.requestSubmit();
    await settle();
    expect(all("import-dialog")).toEqual([]);
    expect(one("key-imported").textContent).toContain("AccessKey LTAI…wxyz from /home/lin/.ossutilconfig");
    expect((one("field-bucket") as HTMLInputElement).value).toBe("film");
    expect([all("field-accessKeySecret").length, saveProfile.mock.calls.length]).toEqual([0, 0]);
    one("profile-dialog").querySelector("form")?.requestSubmit();
    await settle(20);
    expect(saveProfile.mock.calls[0]?.[0].secrets.key).toEqual({ type: "imported", id: 1 });
  });

  it("asks for a proxy only where it is named by hand, and sends what was typed of it", async () => {
    const saveProfile = vi.fn<Platform["saveProfile"]>(({ id }) => Promise.resolve({ id: id ?? 9, secret: "keyring", keyringProblem: null }));
    await open("uploading", { saveProfile });
    await click(one("profile-menu"));
    await click(one("profile-edit"));
    await click(one("section-connection"));
    const ofProxy = ["field-proxyServer", "field-proxyUser", "field-proxyPassword", "field-directHosts"];
    const shown = () => ofProxy.flatMap(all).length;
    expect([...(one("field-proxy") as HTMLSelectElement).options].map((option) => option.value)).toEqual(["settings", "system", "direct", "manual"]);
    expect([shown(), all("field-caFile").length]).toEqual([0, 1]);
    await choose("field-proxy", "manual");
    expect([shown(), (one("field-proxyPassword") as HTMLInputElement).type]).toEqual([4, "password"]);
    await choose("field-proxy", "direct");
    expect(shown()).toBe(0);

    await choose("field-proxy", "manual");
    await type("field-proxyServer", "ftp://proxy");
    await click(one("section-basics"));
    one("profile-dialog").querySelector("form")?.requestSubmit();
    await settle(20);
    expect([one("section-panel").dataset["section"], one("section-connection").dataset["marked"], saveProfile.mock.calls.length]).toEqual(["connection", "true", 0]);
    expect(one("field-proxyServer").getAttribute("aria-invalid")).toBe("true");
    expect(one("section-panel").textContent).toContain("A server, as http://proxy.example.com:3128");

    await type("field-proxyServer", "socks5h://proxy:1080");
    await type("field-proxyUser", "lin");
    await type("field-proxyPassword", "canary");
    await type("field-directHosts", ".lan");
    await type("field-caFile", "/etc/company.pem");
    one("profile-dialog").querySelector("form")?.requestSubmit();
    await settle(20);
    const network = { proxy: "manual", proxyServer: "socks5h://proxy:1080", proxyUser: "lin", directHosts: ".lan", caFile: "/etc/company.pem" };
    expect(saveProfile.mock.calls[0]?.[0]).toMatchObject({ form: { network }, secrets: { key: null, proxyPassword: "canary" } });
    expect(all("profile-dialog")).toEqual([]);
  });

  it("sends a limit by the hour, and says in its section what is wrong with it", async () => {
    const saveProfile = vi.fn<Platform["saveProfile"]>(({ id }) => Promise.resolve({ id: id ?? 9, secret: "keyring", keyringProblem: null }));
    await open("uploading", { saveProfile });
    await click(one("profile-menu"));
    await click(one("profile-edit"));
    await click(one("section-connection"));
    await type("limit", "4");
    await click(one("limit-add"));
    await click(one("limit-add"));
    await type("limit-from", "08:00");
    await click(one("section-basics"));
    one("profile-dialog").querySelector("form")?.requestSubmit();
    await settle(20);
    expect([one("section-panel").dataset["section"], one("section-connection").dataset["marked"], saveProfile.mock.calls.length]).toEqual(["connection", "true", 0]);
    expect(one("limit-hours").textContent).toContain("Times as 08:00 that do not overlap");
    await type("limit-to", "19:00");
    await type("limit-rate", "512 KiB/s");
    one("profile-dialog").querySelector("form")?.requestSubmit();
    await settle(20);
    const hours = [{ from: "08:00", to: "19:00", rate: "512 KiB/s" }, { from: "", to: "", rate: "" }];
    expect(saveProfile.mock.calls[0]?.[0].form.limit).toEqual({ hours, otherwise: "4" });
  });

  it("offers no other place where the proxy's password alone is not kept", async () => {
    await open("uploading", { saveProfile: ({ id }) => Promise.resolve({ id: id ?? 9, secret: "keyring", keyringProblem: mockProblem("keyring") }) });
    await click(one("profile-menu"));
    await click(one("profile-edit"));
    await click(one("section-connection"));
    await choose("field-proxy", "manual");
    await type("field-proxyServer", "lin@proxy");
    await type("field-proxyPassword", "canary");
    one("profile-dialog").querySelector("form")?.requestSubmit();
    await settle(20);
    expect(one("profile-answer").textContent).toContain("The profile is saved, the proxy's password is not.");
    expect(all("profile-this-run")).toEqual([]);
  });

  it("of the practice bucket holds no network", async () => {
    await open("empty");
    await click(one("profile-menu"));
    await click(one("profile-edit"));
    expect([all("section-names").length, all("section-connection").length]).toEqual([1, 0]);
  });

  it("opens at the key where a token is what is missing", async () => {
    await open("keys");
    expect(all("notice").map((each) => each.dataset["kind"])).toEqual(["clockOff", "tokenEnds", "profileHeld"]);
    expect(all("notice")[0]?.textContent).toContain("13 min 32 s behind");
    await click(one("notice-new-key"));
    expect(document.activeElement?.getAttribute("data-testid")).toBe("field-accessKeyId");
  });
});

describe("files with options of their own", () => {
  it("have them in force while the dialog is open, and no longer", async () => {
    const told: (BatchForm | null)[] = [];
    const pickFiles = vi.fn(() => Promise.resolve());
    const stageBatch = (form: BatchForm | null) => {
      told.push(form);
      return mockPlatform(new URLSearchParams("still")).stageBatch(form);
    };
    await open("uploading", { stageBatch, pickFiles });
    await click(one("add-options"));
    await settle(300);
    expect(told.at(-1)).toMatchObject({ prefix: "2026/", existing: "ask" });
    await type("field-prefix", "/bad");
    await settle(300);
    expect([one("batch-force").textContent.includes("Correct what is marked"), (one("batch-files") as HTMLButtonElement).disabled]).toEqual([true, true]);
    await type("field-prefix", "good/");
    await choose("option-storageClass", "IA");
    await settle(300);
    expect(one("batch-force").textContent).toContain("oss://media-archive/good/ · Storage class: IA · If an object exists: Ask");
    await click(one("batch-files"));
    expect([pickFiles.mock.calls.length, told.at(-1)?.options.storageClass]).toEqual([1, "IA"]);
    await click(one("batch-close"));
    expect([told.at(-1), all("batch-dialog").length]).toEqual([null, 0]);
  });
});

describe("links", () => {
  function maker() {
    const asked: [Target, LinkKind, LinkFormat][] = [];
    const makeLinks: Platform["makeLinks"] = (target, kind, format) => {
      asked.push([target, kind, format]);
      return mockPlatform(new URLSearchParams("still")).makeLinks(target, kind, format);
    };
    return { asked, makeLinks };
  }

  it("are copied at once as they were written last", async () => {
    const copied = clipboard();
    const { asked, makeLinks } = maker();
    const ferry = await open("uploading", { makeLinks });
    ferry.set({ links: { kind: { type: "public" }, format: { type: "pattern", pattern: "" }, pattern: "{name}: {url}" } });
    await settle();
    const done = row("storyboard");
    await click(one("row-link", done));
    await settle(20);
    expect(asked).toEqual([[{ type: "ids", ids: [Number(done.dataset["id"])] }, { type: "public" }, { type: "pattern", pattern: "{name}: {url}" }]]);
    expect(copied).toEqual(["storyboard.pdf: https://media-archive.oss-cn-hangzhou.aliyuncs.com/2026/storyboard.pdf"]);
    expect(one("copied-links").textContent).toContain("1 link copied · works where the object is public");
  });

  it("of a selection leave out what is not uploaded, and say so", async () => {
    const copied = clipboard();
    await open("uploading");
    await click(row("storyboard"));
    await click(row("封面图"), { ctrlKey: true });
    await click(row("b-roll"), { ctrlKey: true });
    expect(one("selection-links").title).toBe("Copy links: 2 of 3 selected are uploaded");
    await click(one("selection-links"));
    await settle(20);
    expect(copied[0]?.split("\n")).toHaveLength(2);
    expect(one("copied-links").textContent).toMatch(/2 links copied · valid until .* · 1 left out: not uploaded/);
  });

  it("leave the clipboard as it is where nothing is uploaded", async () => {
    const copied = clipboard();
    await open("uploading");
    await click(row("b-roll"));
    one("list").dispatchEvent(new KeyboardEvent("keydown", { key: "c", ctrlKey: true, bubbles: true, cancelable: true }));
    await settle(20);
    expect(copied).toEqual([]);
    expect(one("copied-links").textContent).toContain("Nothing copied");
  });

  it("of all uploads are in the menu, with choices that are remembered", async () => {
    clipboard();
    const setSettings = vi.fn(() => Promise.resolve());
    const { asked, makeLinks } = maker();
    await open("uploading", { setSettings, makeLinks });
    await click(one("links-menu"));
    await click(one("links-options"));
    await choose("link-duration", "own");
    await type("link-hours", "200");
    expect((one("links-copy") as HTMLButtonElement).disabled).toBe(true);
    await type("link-hours", "120");
    await choose("link-format", "markdown");
    await settle(250);
    expect(one("link-preview").textContent).toContain("[storyboard.pdf](https://");
    expect(one("link-note").textContent).toContain("ends before the link was to");
    one("links-dialog").querySelector("form")?.requestSubmit();
    await settle(20);
    const kind = { type: "signed", seconds: 432_000 };
    expect(setSettings).toHaveBeenLastCalledWith(expect.objectContaining({ links: { kind, format: { type: "markdown" }, pattern: "{name}: {url}" } }), "");
    expect(asked.at(-1)).toEqual([{ type: "all" }, kind, { type: "markdown" }]);
    expect([all("links-dialog").length, one("copied-links").dataset["count"]]).toEqual([0, "3"]);
    expect(one("copied-links").textContent).toContain("ends before the link was to");
  });
});

describe("details", () => {
  it("tell of a callback that failed without calling the upload failed", async () => {
    await open("remarks");
    const done = row("storyboard");
    expect([done.dataset["state"], all("row-remark").length]).toEqual(["done", 1]);
    await click(one("row-details", done));
    expect(one("details").textContent).toContain("the callback failed");
    expect(one("details").textContent).toContain("Verified");
  });

  it("open the profile with the endpoint that the store named", async () => {
    await open("remarks");
    await click(one("row-details", row("locked")));
    await click(one("details-use-endpoint"));
    expect((one("field-endpoint") as HTMLInputElement).value).toBe("https://oss-cn-shanghai.aliyuncs.com");
  });
});
