import { expect, it, vi } from "vitest";
import type { Platform } from "../platform/platform";
import { Ferry } from "../state/ferry.svelte";
import { BLANK_NETWORK } from "../state/network";
import { hostOf, refusal } from "../state/testHost";
import { EMPTY } from "../state/window";
import { NetworkDraft } from "./networkDraft.svelte";

const PROXY = { ...BLANK_NETWORK, proxy: "manual", proxyServer: "proxy:3128" } as const;

/** The settings' network over a host that answers as given. */
function edited(stored = BLANK_NETWORK, answer: () => Promise<void> = () => Promise.resolve()) {
  const setSettings = vi.fn<Platform["setSettings"]>(answer);
  const ferry = new Ferry(hostOf({ setSettings }), ["en"]);
  ferry.window = { ...EMPTY, settings: { ...EMPTY.settings, network: stored } };
  const draft = new NetworkDraft(ferry);
  return { ferry, draft, sent: () => setSettings.mock.calls.map(([settings, password]) => [settings.network, password]) };
}

it("sends nothing while a manual proxy has no server, and says so once its field was left", async () => {
  const { draft, sent } = edited();
  draft.network.proxy = "manual";
  draft.leave("network.proxy");
  draft.network.proxyUser = "lin";
  draft.proxyPassword = "canary";
  draft.leave("network.proxyPassword");
  expect(draft.lacksServer).toBe(false);
  expect([await draft.close(), draft.lacksServer, sent()]).toEqual([false, true, []]);
  draft.network.proxyServer = "proxy:3128";
  expect([await draft.close(), draft.lacksServer, draft.proxyPassword]).toEqual([true, false, ""]);
  expect(sent()).toEqual([[{ ...PROXY, proxyUser: "lin" }, "canary"]]);
});

it("saves a CA file although the proxy is not named yet", async () => {
  const { draft, sent } = edited();
  draft.network.proxy = "manual";
  draft.network.caFile = "/ca.pem";
  expect(await draft.close()).toBe(false);
  expect(sent()).toEqual([[{ ...BLANK_NETWORK, caFile: "/ca.pem" }, ""]]);
});

it("keeps a proxy whose server was cleared until there is another", async () => {
  const { draft, sent } = edited(PROXY);
  draft.network.proxyServer = "";
  draft.leave("network.proxyServer");
  expect([draft.lacksServer, await draft.close(), sent()]).toEqual([true, false, []]);
});

it("goes back to no proxy at once, and has the typed one at hand", async () => {
  const { draft, sent } = edited(PROXY);
  draft.network.proxy = "direct";
  draft.leave("network.proxy");
  await vi.waitFor(() => {
    expect(sent()).toEqual([[{ ...BLANK_NETWORK, proxy: "direct" }, ""]]);
  });
  draft.network.proxy = "manual";
  expect(await draft.close()).toBe(true);
  expect(sent().at(-1)).toEqual([PROXY, ""]);
});

it("sends nothing twice where the dialog closes while a field is being saved", async () => {
  const { draft, sent } = edited(PROXY);
  draft.network.proxyUser = "lin";
  draft.proxyPassword = "canary";
  draft.leave("network.proxyPassword");
  expect(await draft.close()).toBe(true);
  expect([sent(), draft.proxyPassword]).toEqual([[[{ ...PROXY, proxyUser: "lin" }, "canary"]], ""]);
});

it("holds a password back until somebody signs in with it", async () => {
  const { draft, sent } = edited(PROXY);
  draft.proxyPassword = "canary";
  await draft.close();
  expect(sent()).toEqual([]);
  draft.network.proxyUser = "lin";
  await draft.close();
  expect(sent()).toEqual([[{ ...PROXY, proxyUser: "lin" }, "canary"]]);
});

it.each([
  ["proxyInvalid", "network.proxyServer"],
  ["caFileUnusable", "network.caFile"],
  ["keyringLocked", "network.proxyPassword"],
])("shows a refusal of %s beside %s alone, and keeps what is typed", async (kind, field) => {
  const { draft, ferry } = edited(PROXY, () => refusal(kind));
  Object.assign(draft.network, { proxyUser: "lin", caFile: "/ca.pem" });
  draft.proxyPassword = "canary";
  expect(await draft.close()).toBe(false);
  const shown = ["network.proxyServer", "network.caFile", "network.proxyPassword"].filter((each) => draft.problemOf(each)?.kind === kind);
  expect([shown, ferry.trouble, draft.proxyPassword]).toEqual([[field], null, "canary"]);
});

it.each(["diskFull", "invalidInput", "proxyInvalid"])("leaves to the window what is about none of the fields that are shown: %s", async (kind) => {
  const { draft, ferry } = edited(PROXY, () => refusal(kind));
  draft.network.proxy = "direct";
  expect([await draft.close(), draft.problemOf("network.proxyServer"), ferry.trouble?.kind]).toEqual([true, null, kind]);
});

it("says nothing of what was refused any more once what is stored stands again", async () => {
  const { draft } = edited(BLANK_NETWORK, () => refusal("caFileUnusable"));
  draft.network.caFile = "/ca.txt";
  expect(await draft.close()).toBe(false);
  draft.network.caFile = "";
  expect([await draft.close(), draft.problemOf("network.caFile")]).toEqual([true, null]);
});
