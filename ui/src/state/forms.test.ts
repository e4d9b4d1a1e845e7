import { describe, expect, it } from "vitest";
import type { OptionsForm } from "../bindings/OptionsForm";
import { copyOf } from "./copy";
import { choiceOf, DURATIONS, formatOf, hoursOf, secondsOf } from "./links";
import { batchOf, optionsFor } from "./options";
import { BLANK_NETWORK, sameNetwork, savable, signsIn } from "./network";
import { asProvider, blankForm, filledFrom, keyedFrom, sectionOf } from "./profileForm";
import { COMMAND, OSSUTIL } from "./testHost";

const FULL: OptionsForm = {
  storageClass: "IA",
  acl: "private",
  encryption: "kms",
  kmsKeyId: "key",
  contentType: "text/plain",
  cacheControl: "no-cache",
  contentDisposition: "attachment",
  contentEncoding: "gzip",
  metadata: [{ name: " author ", value: "Lin" }],
  tags: [
    { name: "a", value: "1" },
    { name: "", value: "" },
  ],
  trafficLimit: 102_400,
  callbackUrl: "https://a.example/",
  callbackBody: "{}",
  callbackBodyType: "json",
  callbackVariables: [{ name: "x:id", value: "1" }],
  sha256: true,
};

describe("options", () => {
  it("are copied whole, sharing nothing", () => {
    const copy = copyOf(FULL);
    expect(copy).toEqual(FULL);
    copy.tags[0] = { name: "other", value: "" };
    copy.metadata[0]?.name.trim();
    expect(FULL.tags[0]?.name).toBe("a");
    expect(batchOf({ ...blankForm(), prefix: "p/", existing: "skip", options: FULL })).toEqual({ prefix: "p/", existing: "skip", options: FULL });
  });

  it("lose with the dialect what its form cannot show", () => {
    const s3 = optionsFor("s3", FULL);
    expect([s3.storageClass, s3.trafficLimit, s3.callbackUrl, s3.callbackBody, s3.callbackVariables]).toEqual(["", 0, "", "", []]);
    expect([s3.acl, s3.encryption, s3.kmsKeyId, s3.tags.length, s3.sha256]).toEqual(["private", "kms", "key", 2, true]);
    expect(optionsFor("oss", FULL)).toEqual(FULL);
    expect(optionsFor("oss", { ...FULL, storageClass: "GLACIER", acl: "aws-exec-read" })).toMatchObject({ storageClass: "", acl: "" });
    expect(asProvider("s3", { ...blankForm(), options: FULL }).options).toEqual(s3);
  });
});

it.each([
  ["name", "basics"],
  ["endpoint", "basics"],
  ["keyCommand", "basics"],
  ["accessKeyId", "basics"],
  ["options.tags", "objects"],
  ["prefix", "basics"],
  ["keyTemplate", "names"],
  ["linkDomain", "connection"],
  ["idleSeconds", "connection"],
  ["network.proxyServer", "connection"],
  ["network.caFile", "connection"],
])("a problem of %s stands in %s", (field, section) => {
  expect(sectionOf(field)).toBe(section);
});

describe("a network", () => {
  const manual = { proxy: "manual", proxyServer: "proxy:3128", proxyUser: "lin", directHosts: ".lan", caFile: "/ca.pem" } as const;

  it("is the settings' own in a new profile, and is copied with the form", () => {
    const form = blankForm();
    const copy = copyOf(form);
    copy.network.caFile = "/ca.pem";
    expect([form.network, blankForm().network, copy.network.caFile]).toEqual([BLANK_NETWORK, BLANK_NETWORK, "/ca.pem"]);
  });

  it.each([
    ["a whole proxy", manual, BLANK_NETWORK, manual],
    ["a proxy without a server", { ...manual, proxyServer: " " }, BLANK_NETWORK, { ...BLANK_NETWORK, caFile: "/ca.pem" }],
    ["a proxy whose server was cleared", { ...manual, proxyServer: "", caFile: "" }, manual, { ...manual, caFile: "" }],
    ["none any more", { ...manual, proxy: "direct" }, manual, { ...BLANK_NETWORK, proxy: "direct", caFile: "/ca.pem" }],
  ] as const)("is saved as far as it can be: %s", (_, typed, before, wanted) => {
    expect(savable(typed, before)).toEqual(wanted);
  });

  it("is another one with each of its fields", () => {
    expect(sameNetwork(manual, { ...manual })).toBe(true);
    for (const field of Object.keys(manual)) expect(sameNetwork(manual, { ...manual, [field]: "direct" })).toBe(false);
  });

  it.each([
    [manual, true],
    [{ ...manual, proxyUser: " " }, false],
    [{ ...manual, proxyUser: "", proxyServer: "lin@proxy" }, true],
    [{ ...manual, proxyServer: "" }, false],
    [{ ...manual, proxy: "system" }, false],
  ] as const)("has somebody who signs in, or not: %o", (network, wanted) => {
    expect(signsIn(network)).toBe(wanted);
  });
});

describe("an import", () => {
  it("fills a new profile, and leaves what was typed where the tool has nothing", () => {
    const filled = filledFrom(OSSUTIL, { ...blankForm(), name: "Mine", prefix: "a/", bucket: "typed" });
    expect([filled.name, filled.endpoint, filled.bucket, filled.prefix]).toEqual(["Mine", "oss-cn-shenzhen.aliyuncs.com", "film", "a/"]);
    expect(filledFrom(OSSUTIL, blankForm()).name).toBe("Credentials");
    const network = { ...BLANK_NETWORK, proxy: "direct" } as const;
    expect(filledFrom(OSSUTIL, { ...blankForm(), network }).network).toEqual(network);
  });

  it("gives a saved profile its key alone", () => {
    const saved = { ...blankForm(), name: "Mine", endpoint: "cn-hangzhou", bucket: "mine", network: { ...BLANK_NETWORK, caFile: "/ca.pem" } };
    expect(keyedFrom(COMMAND, saved)).toEqual({ ...saved, keySource: "process", keyCommand: "/opt/tools/fresh-key --json" });
  });
});

describe("links", () => {
  it.each([
    ["hour", "", 3600],
    ["week", "x", 604_800],
    ["own", "0,5", 1800],
    ["own", "168", 604_800],
    ["own", "168.1", null],
    ["own", "0", null],
    ["own", " ", null],
    ["own", "a day", null],
  ] as const)("of %s %s last %s seconds", (choice, hours, seconds) => {
    expect(secondsOf(choice, hours)).toBe(seconds);
  });

  it("show a duration as it was chosen", () => {
    expect([...Object.values(DURATIONS), 5400].map(choiceOf)).toEqual(["hour", "day", "week", "own"]);
    expect(hoursOf(5400)).toBe("1.5");
  });

  it("keep the pattern beside another format, and use it where it is chosen", () => {
    const kind = { type: "public" } as const;
    expect(formatOf({ kind, format: { type: "html" }, pattern: "{url}" })).toEqual({ type: "html" });
    expect(formatOf({ kind, format: { type: "pattern", pattern: "old" }, pattern: "{url}" })).toEqual({ type: "pattern", pattern: "{url}" });
  });
});
