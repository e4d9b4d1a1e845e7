import { describe, expect, it } from "vitest";
import type { OptionsForm } from "../bindings/OptionsForm";
import { mockImports } from "../platform/mockImports";
import { choiceOf, DURATIONS, formatOf, hoursOf, secondsOf } from "./links";
import { ACLS, batchOf, BLANK_OPTIONS, CLASSES, copyOf, optionsFor, wishes } from "./options";
import { asProvider, blankForm, filledFrom, keyedFrom, sectionOf } from "./profileForm";

const FULL: OptionsForm = {
  storageClass: "IA",
  acl: "private",
  encryption: "kms",
  kmsKeyId: "key",
  contentType: "text/plain",
  cacheControl: "no-cache",
  contentDisposition: "attachment",
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

  it("are said in the order of the form, those alone that ask for something", () => {
    expect(wishes(BLANK_OPTIONS)).toEqual([]);
    expect(wishes(FULL)).toEqual([
      ["storageClass", "IA"],
      ["acl", "private"],
      ["encryption", "KMS"],
      ["contentType", "text/plain"],
      ["cacheControl", "no-cache"],
      ["contentDisposition", "attachment"],
      ["trafficLimit", "100 KB/s"],
      ["metadata", "author=Lin"],
      ["tags", "a=1"],
      ["sha256", "SHA-256"],
      ["callbackUrl", "https://a.example/"],
    ]);
  });

  it("name each class and ACL once", () => {
    for (const list of [...Object.values(CLASSES), ...Object.values(ACLS)]) expect(new Set(list).size).toBe(list.length);
  });
});

it.each([
  ["name", "basics"],
  ["endpoint", "basics"],
  ["keyCommand", "basics"],
  ["accessKeyId", "basics"],
  ["options.tags", "objects"],
  ["prefix", "names"],
  ["keyTemplate", "names"],
  ["linkDomain", "connection"],
  ["idleSeconds", "connection"],
])("a problem of %s stands in %s", (field, section) => {
  expect(sectionOf(field)).toBe(section);
});

describe("an import", () => {
  const [ossutil, , , , command] = mockImports().candidates;
  if (ossutil === undefined || command === undefined) throw new Error("the mock has candidates");

  it("fills a new profile, and leaves what was typed where the tool has nothing", () => {
    const filled = filledFrom(ossutil, { ...blankForm(), name: "Mine", prefix: "a/", bucket: "typed" });
    expect([filled.name, filled.endpoint, filled.bucket, filled.prefix]).toEqual(["Mine", "oss-cn-shenzhen.aliyuncs.com", "film", "a/"]);
    expect(filledFrom(ossutil, blankForm()).name).toBe("Credentials");
  });

  it("gives a saved profile its key alone", () => {
    const saved = { ...blankForm(), name: "Mine", endpoint: "cn-hangzhou", bucket: "mine" };
    expect(keyedFrom(command, saved)).toEqual({ ...saved, keySource: "process", keyCommand: "/opt/tools/fresh-key --json" });
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
