import { flushSync, mount, unmount } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CONNECTION_FIELDS, EXISTING_FIELDS, NAME_FIELDS, OPTION_FIELDS } from "../bindings/Fields";
import type { FieldProblem } from "../bindings/FieldProblem";
import { LANGUAGES } from "../bindings/Messages";
import type { OptionsForm } from "../bindings/OptionsForm";
import type { Provider } from "../bindings/Provider";
import { asked, fieldsThere } from "../state/fields";
import { optionsFor } from "../state/options";
import { blankForm } from "../state/profileForm";
import { hostOf, problemOf } from "../state/testHost";
import { nameOf, wordsOf } from "../text/fieldWords";
import { textOf } from "../text/text";
import { BatchDraft } from "./batchDraft.svelte";
import FormFields from "./FormFields.svelte";
import { inForce } from "./optionWords";

const text = textOf("en");
let shown: ReturnType<typeof mount> | undefined;

afterEach(async () => {
  if (shown !== undefined) await unmount(shown);
  shown = undefined;
});

/** The options' form on a page, and what it holds. */
function open(provider: Provider, change: Partial<OptionsForm> = {}, problems: readonly FieldProblem[] = []) {
  const stageBatch = vi.fn(() => Promise.resolve([]));
  const profile = { ...blankForm(), provider, options: { ...blankForm().options, ...change } };
  const holder = new BatchDraft(hostOf({ stageBatch }), profile);
  holder.problems = problems;
  // A generic component is mounted as one of any part.
  const any = holder as BatchDraft & Record<string, never>;
  shown = mount(FormFields, { target: document.body, props: { fields: OPTION_FIELDS, holder: any, part: "options", prefix: "options.", testid: "option", words: text.options, text } });
  flushSync();
  const find = (name: string) => document.querySelector<HTMLInputElement & HTMLSelectElement>(`[data-testid="option-${name}"]`);
  const enter = (name: string, value: string) => {
    const input = find(name);
    if (input === null) throw new Error(`no field ${name}`);
    input.value = value;
    input.dispatchEvent(new Event(input.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
    flushSync();
  };
  const labels = () => [...document.querySelectorAll("label, .label")].map((label) => label.textContent);
  return { holder, find, enter, labels, stageBatch };
}

describe("a described form", () => {
  it("has the fields of its dialect, and those that another one calls for", () => {
    const oss = open("oss");
    expect(oss.labels()).toEqual([
      "Storage class",
      "Access (ACL)",
      "Encryption",
      "Content-Type",
      "Cache-Control",
      "Content-Disposition",
      "Content-Encoding",
      "Speed of each connectionKB/s",
      "Metadata",
      "Tags",
      "Store each file's SHA-256 as metadata",
      "Callback URLoptional",
    ]);
    oss.enter("callbackUrl", "https://a.example/");
    oss.enter("encryption", "kms");
    expect(oss.labels()).toContain("KMS key IDoptional");
    expect(oss.labels().slice(-4)).toEqual(["Callback URLoptional", "Callback body", "Callback type", "Callback parameters"]);
  });

  it("writes what is entered into the form, and says when a field is left", async () => {
    const { holder, enter, find, stageBatch } = open("oss");
    enter("contentEncoding", "gzip");
    enter("acl", "public-read");
    enter("trafficLimit", "100");
    find("sha256")?.click();
    find("tags-add")?.click();
    flushSync();
    enter("tags-name", "project");
    find("tags-name")?.dispatchEvent(new Event("blur"));
    expect(holder.options).toEqual({
      ...blankForm().options,
      contentEncoding: "gzip",
      acl: "public-read",
      trafficLimit: 102_400,
      sha256: true,
      tags: [{ name: "project", value: "" }],
    });
    await vi.waitFor(() => expect(stageBatch).toHaveBeenCalled());
  });

  it("lets stores that speak S3 have classes of their own", () => {
    const { holder, enter, find } = open("s3", { storageClass: "COLD_LAB" });
    expect([find("storageClass")?.value, find("storageClass-other")?.value]).toEqual(["other", "COLD_LAB"]);
    enter("storageClass", "GLACIER");
    expect([holder.options.storageClass, find("storageClass-other")]).toEqual(["GLACIER", null]);
    enter("storageClass", "other");
    enter("storageClass-other", "WARM_LAB");
    expect(holder.options.storageClass).toBe("WARM_LAB");
  });

  it("says beside a field what is wrong with it, by its own rule or the one that it shares", () => {
    const wrong = ["acl", "contentEncoding", "cacheControl", "tags"].map((field) => ({ field: `options.${field}`, problem: problemOf("invalidInput") }));
    const { find } = open("oss", {}, wrong);
    const rules = [...document.querySelectorAll('[role="alert"]')].map((each) => each.textContent);
    expect(rules).toEqual([text.rules["options.acl"], text.rules["options.header"], text.rules["options.contentEncoding"], text.rules["options.tags"]]);
    expect(find("contentEncoding")?.getAttribute("aria-invalid")).toBe("true");
  });
});

describe.each(LANGUAGES)("in %s", (language) => {
  const spoken = textOf(language);

  it.each([
    ["options", OPTION_FIELDS, spoken.options],
    ["existing", EXISTING_FIELDS, spoken.form],
    ["names", NAME_FIELDS, spoken.names],
    ["connection", CONNECTION_FIELDS, spoken.connection],
  ] as const)("each field of %s has its label", (_, fields, words) => {
    for (const { name } of fields) expect(wordsOf(words, name, "oss"), name).not.toBe("");
  });

  it("what is in force is said in the order of the form, and nothing else", () => {
    const options: OptionsForm = {
      ...blankForm().options,
      storageClass: "IA",
      encryption: "kms",
      kmsKeyId: "key",
      contentEncoding: " gzip ",
      trafficLimit: 102_400,
      metadata: [{ name: " author ", value: "Lin" }],
      tags: [
        { name: "a", value: "1" },
        { name: "", value: "" },
      ],
      sha256: true,
      callbackUrl: "https://a.example/",
      callbackBody: "{}",
    };
    const said = inForce(spoken, "oss", { prefix: "", existing: "skip", options });
    const words = spoken.options;
    expect(said).toEqual([
      spoken.batch.option(words.storageClass, nameOf(words, "storageClass", "IA")),
      spoken.batch.option(words.encryption, nameOf(words, "encryption", "kms")),
      spoken.batch.option("Content-Encoding", "gzip").replace("Content-Encoding", words.contentEncoding),
      spoken.batch.option(words.trafficLimit, "100 KB/s"),
      spoken.batch.option(words.metadata, "author=Lin"),
      spoken.batch.option(words.tags, "a=1"),
      words.sha256,
      spoken.batch.option(words.callbackUrl, "https://a.example/"),
      spoken.batch.option(spoken.form.existing, nameOf(spoken.form, "existing", "skip")),
    ]);
    expect(inForce(spoken, "oss", { prefix: "", existing: "ask", options: blankForm().options })).toHaveLength(1);
    expect(inForce(spoken, "s3", { prefix: "", existing: "ask", options: optionsFor("s3", options) }).join()).not.toContain("a.example");
  });
});

it("a new form asks for nothing", () => {
  const blank = blankForm().options as Record<string, unknown>;
  for (const field of OPTION_FIELDS) expect(asked(field, blank[field.name], blank[field.name], String), field.name).toBeNull();
  expect(fieldsThere(OPTION_FIELDS, "s3", blank).some((field) => field.name.startsWith("callback"))).toBe(false);
});

it("each value of a choice is offered once", () => {
  for (const field of [...OPTION_FIELDS, ...CONNECTION_FIELDS]) {
    if (field.kind !== "choice") continue;
    for (const values of [field.oss, field.s3]) expect(new Set(values).size, field.name).toBe(values.length);
  }
});
