import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { ProfileView } from "../bindings/ProfileView";
import type { SavedProfile } from "../bindings/SavedProfile";
import type { Platform, ProfileDraft as Sent } from "../platform/platform";
import { ARCHIVE, COMMAND, hostOf, KEYLESS, OSSUTIL, PRACTICE, problemOf, reading, refusal, type Wrong } from "../state/testHost";
import { ProfileDraft, TYPING_RESTS } from "./profileDraft.svelte";

/** A host that finds nothing wrong with a form, and answers the rest as given. */
function host(answers: Partial<Platform> = {}): Platform {
  return hostOf({ readProfileForm: (form) => Promise.resolve(reading(form)), ...answers });
}

/** A host that finds these fields wrong, and keeps nothing. */
function strict(...wrong: readonly Wrong[]): Platform {
  return host({ readProfileForm: (form) => Promise.resolve(reading(form, ...wrong)) });
}

function filled(draft: ProfileDraft): ProfileDraft {
  Object.assign(draft.form, { name: "N", endpoint: "cn-hangzhou", bucket: "photos" });
  Object.assign(draft.secret, { accessKeyId: " LTAI ", accessKeySecret: "s" });
  return draft;
}

/** What a host reads in the form of a pasted URL: its parts. */
function takenApart(form: ProfileForm): ReturnType<Platform["readProfileForm"]> {
  const url = form.endpoint.startsWith("https://photos.");
  return Promise.resolve(reading(url ? { ...form, endpoint: "https://oss-cn-hangzhou.aliyuncs.com", bucket: "photos", prefix: "2026/" } : form));
}

const saved: SavedProfile = { id: 9, secret: "keyring", keyringProblem: null };

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** As the host takes URLs of any bucket apart: what is typed counts. */
function apart(form: ProfileForm): ReturnType<Platform["readProfileForm"]> {
  const url = /^https:\/\/(?<bucket>[^.]+)\.oss\.example\/(?<prefix>.*)$/.exec(form.endpoint)?.groups;
  const filledIn = (typed: string, found: string | undefined) => (typed === "" ? (found ?? "") : typed);
  const read = { ...form, endpoint: "https://oss.example", bucket: filledIn(form.bucket, url?.["bucket"]), prefix: filledIn(form.prefix, url?.["prefix"]) };
  return Promise.resolve(reading(url === undefined ? form : read));
}

async function paste(draft: ProfileDraft, endpoint: string): Promise<void> {
  draft.form.endpoint = endpoint;
  draft.leave("endpoint");
  await vi.runAllTimersAsync();
}

describe("a second paste", () => {
  it("replaces what the first one filled in", async () => {
    const draft = new ProfileDraft(host({ readProfileForm: apart }), null, null);
    await paste(draft, "https://films.oss.example/2026/");
    expect([draft.form.bucket, draft.form.prefix]).toEqual(["films", "2026/"]);
    await paste(draft, "https://photos.oss.example/raw/");
    expect([draft.form.bucket, draft.form.prefix]).toEqual(["photos", "raw/"]);
    await paste(draft, "https://scans.oss.example/");
    expect([draft.form.bucket, draft.form.prefix]).toEqual(["scans", ""]);
  });

  it("leaves what was typed", async () => {
    const draft = new ProfileDraft(host({ readProfileForm: apart }), null, null);
    await paste(draft, "https://films.oss.example/2026/");
    draft.form.prefix = "mine/";
    await paste(draft, "https://photos.oss.example/raw/");
    expect([draft.form.bucket, draft.form.prefix]).toEqual(["photos", "mine/"]);
    draft.form.bucket = "typed";
    await paste(draft, "https://scans.oss.example/");
    expect([draft.form.bucket, draft.form.prefix]).toEqual(["typed", "mine/"]);
  });

  it("keeps the bucket where only the endpoint is another", async () => {
    const draft = new ProfileDraft(host({ readProfileForm: apart }), null, null);
    await paste(draft, "https://films.oss.example/2026/");
    await paste(draft, "https://other.example");
    expect([draft.form.bucket, draft.form.prefix]).toEqual(["films", "2026/"]);
  });
});

describe("reading", () => {
  it("waits until the typing rests", async () => {
    const readProfileForm = vi.fn(host().readProfileForm);
    const draft = new ProfileDraft(host({ readProfileForm }), null, null);
    for (const endpoint of ["c", "cn", "cn-hangzhou"]) {
      draft.form.endpoint = endpoint;
      draft.changed();
      await vi.advanceTimersByTimeAsync(TYPING_RESTS - 1);
    }
    await vi.advanceTimersByTimeAsync(1);
    expect(readProfileForm).toHaveBeenCalledTimes(1);
  });

  it("shows a field's problem only once the field was left", async () => {
    const draft = new ProfileDraft(strict(["bucket", "bad"], ["name", "bad"]), null, null);
    draft.changed();
    await vi.runAllTimersAsync();
    expect(draft.problemOf("bucket")).toBeNull();
    draft.leave("bucket");
    expect(draft.problemOf("bucket")).not.toBeNull();
    expect(draft.problemOf("name")).toBeNull();
  });

  it("takes a pasted URL apart when its field is left", async () => {
    const draft = new ProfileDraft(host({ readProfileForm: takenApart }), null, null);
    draft.form.endpoint = "https://photos.oss-cn-hangzhou.aliyuncs.com/2026/";
    draft.leave("endpoint");
    await vi.runAllTimersAsync();
    expect([draft.form.endpoint, draft.form.bucket, draft.form.prefix]).toEqual(["https://oss-cn-hangzhou.aliyuncs.com", "photos", "2026/"]);
  });

  it("keeps what was said of a pasted URL until another endpoint is typed", async () => {
    const said = { en: "The URL held a signature.", zh: "网址中含有签名。" };
    const readProfileForm: Platform["readProfileForm"] = async (form) => ({ ...(await takenApart(form)), remarks: form.endpoint.includes("?") ? [said] : [] });
    const draft = new ProfileDraft(host({ readProfileForm }), null, null);
    draft.form.endpoint = "https://photos.oss-cn-hangzhou.aliyuncs.com/2026/?signature=x";
    draft.leave("endpoint");
    await vi.runAllTimersAsync();
    draft.changed();
    await vi.runAllTimersAsync();
    expect([draft.form.endpoint, draft.reading?.remarks, draft.remarks]).toEqual(["https://oss-cn-hangzhou.aliyuncs.com", [], [said]]);
    draft.form.endpoint = "cn-beijing";
    expect(draft.remarks).toEqual([]);
  });

  it("drops an answer that is about what was typed before", async () => {
    let answer: (() => void) | undefined;
    const readProfileForm = (form: ProfileForm) =>
      new Promise<Awaited<ReturnType<Platform["readProfileForm"]>>>((resolve) => {
        answer = () => {
          resolve({ form, exampleUrl: `about ${form.endpoint}`, exampleFile: "", exampleKey: "", problems: [], remarks: [] });
        };
      });
    const draft = new ProfileDraft(host({ readProfileForm }), null, null);
    draft.form.endpoint = "old";
    draft.leave("endpoint");
    draft.form.endpoint = "new";
    answer?.();
    await vi.runAllTimersAsync();
    expect(draft.reading).toBeNull();
  });
});

describe("the key", () => {
  it.each([
    ["a new profile", null, "", "", "accessKeyId"],
    ["a new profile with half a key", null, "id", "", "accessKeySecret"],
    ["a new profile with a whole key", null, "id", "s", null],
    ["a profile that has one", ARCHIVE, "", "", null],
    ["a profile that gets a new secret", ARCHIVE, "", "s", null],
    ["a profile that gets a new id alone", ARCHIVE, "id", "", "accessKeySecret"],
    ["a profile without one that gets half a key", KEYLESS, "", "s", "accessKeyId"],
    ["a profile without one", KEYLESS, "", "", "accessKeyId"],
    ["the practice bucket", PRACTICE, "", "", null],
  ])("of %s", (_, before, accessKeyId, accessKeySecret, missing) => {
    const draft = new ProfileDraft(host(), before, null);
    Object.assign(draft.secret, { accessKeyId, accessKeySecret });
    expect(draft.missingKey).toBe(missing);
  });
});

describe("where the key comes from", () => {
  const sent = async (draft: ProfileDraft, saveProfile: ReturnType<typeof vi.fn>) => {
    draft.form.name = "N";
    draft.form.bucket = "photos";
    await draft.save("keyring");
    return (saveProfile.mock.calls[0]?.[0] as Sent | undefined)?.secrets.key;
  };

  it("sends the number of an imported one, never the key itself", async () => {
    const saveProfile = vi.fn(() => Promise.resolve(saved));
    const draft = new ProfileDraft(host({ saveProfile }), null, null);
    draft.take(OSSUTIL);
    expect(draft.missingKey).toBeNull();
    expect(await sent(draft, saveProfile)).toEqual({ type: "imported", id: OSSUTIL.id });
  });

  it("goes back to typing, where the key has to be typed again", () => {
    const draft = new ProfileDraft(host(), null, null);
    draft.take(COMMAND);
    expect([draft.form.keySource, draft.form.keyCommand]).toEqual(["process", "/opt/tools/fresh-key --json"]);
    draft.typeInstead();
    expect([draft.form.keySource, draft.form.keyCommand, draft.missingKey]).toEqual(["keyring", "", "accessKeyId"]);
  });

  it.each(["environment", "process"] as const)("asks for none where it comes from elsewhere: %s", async (keySource) => {
    const saveProfile = vi.fn(() => Promise.resolve(saved));
    const draft = filled(new ProfileDraft(host({ saveProfile }), null, null));
    Object.assign(draft.form, { keySource, keyCommand: "print-key" });
    expect(draft.missingKey).toBeNull();
    expect(await sent(draft, saveProfile)).toBeNull();
  });

  it("keeps nothing of a profile whose key came from elsewhere", () => {
    const before: ProfileView = { ...ARCHIVE, secret: "environment", form: { ...ARCHIVE.form, keySource: "environment" } };
    const draft = new ProfileDraft(host(), before, null);
    draft.form.keySource = "keyring";
    expect([draft.keepsKey, draft.missingKey]).toEqual([false, "accessKeyId"]);
  });

  it("takes a token's end as it is typed or pasted, and nothing else", async () => {
    const saveProfile = vi.fn(() => Promise.resolve(saved));
    const draft = filled(new ProfileDraft(host({ saveProfile }), null, null));
    draft.secret.tokenEnds = "soon";
    expect(draft.missingKey).toBe("tokenEnds");
    draft.secret.tokenEnds = "2026-11-22T10:30:00Z";
    expect(await sent(draft, saveProfile)).toMatchObject({ type: "typed", secret: { expiresMs: Date.UTC(2026, 10, 22, 10, 30) } });
  });
});

describe("sections", () => {
  it("are marked where a problem is shown that they hold", async () => {
    const wrong = strict(["keyTemplate", "bad"], ["idleSeconds", "bad"], ["options.trafficLimit", "bad"]);
    const draft = filled(new ProfileDraft(wrong, null, null));
    draft.changed();
    await vi.runAllTimersAsync();
    expect([...draft.troubled]).toEqual([]);
    draft.leave("options.trafficLimit");
    expect([...draft.troubled]).toEqual(["objects"]);
    expect(await draft.save("keyring")).toBe(false);
    expect([...draft.troubled].sort()).toEqual(["connection", "names", "objects"]);
  });

  it("lose with the dialect what they cannot show", () => {
    const draft = filled(new ProfileDraft(host(), null, null));
    draft.options.trafficLimit = 102_400;
    draft.options.callbackUrl = "https://a.example/";
    draft.provider = "s3";
    expect([draft.form.provider, draft.options.trafficLimit, draft.options.callbackUrl]).toEqual(["s3", 0, ""]);
  });

  it("give back the options of a profile as they came", async () => {
    const options = { ...ARCHIVE.form.options, storageClass: "IA", tags: [{ name: "a", value: "1" }], sha256: true, trafficLimit: 102_400 };
    const before: ProfileView = { ...ARCHIVE, form: { ...ARCHIVE.form, options } };
    const saveProfile = vi.fn(() => Promise.resolve(saved));
    const draft = new ProfileDraft(host({ saveProfile }), before, null);
    await draft.save("keyring");
    expect(saveProfile).toHaveBeenCalledWith({ id: ARCHIVE.id, form: before.form, secrets: { key: null, proxyPassword: "" } }, "keyring");
    draft.options.tags.push({ name: "b", value: "2" });
    expect(before.form.options.tags).toHaveLength(1);
  });
});

describe("the network", () => {
  const manual = { proxy: "manual", proxyServer: "proxy.lan:3128", proxyUser: "lin", directHosts: ".lan, 10.0.0.0/8", caFile: "/etc/ssl/company.pem" } as const;

  it("arrives as it is typed, with a password that is no part of the form and does not stay", async () => {
    const saveProfile = vi.fn<Platform["saveProfile"]>(() => Promise.resolve(saved));
    const testProfile = vi.fn<Platform["testProfile"]>(() => Promise.resolve({ type: "failed", problem: problemOf("denied") }));
    const draft = new ProfileDraft(host({ saveProfile, testProfile }), ARCHIVE, null);
    Object.assign(draft.network, manual);
    draft.proxyPassword = " canary ";
    const sent = { id: ARCHIVE.id, form: { ...ARCHIVE.form, network: manual }, secrets: { key: null, proxyPassword: " canary " } };
    await draft.test();
    expect(testProfile).toHaveBeenCalledWith(sent);
    expect(await draft.save("keyring")).toBe(true);
    expect(saveProfile).toHaveBeenCalledWith(sent, "keyring");
    expect(draft.proxyPassword).toBe("");
    expect(JSON.stringify(saveProfile.mock.calls[0]?.[0].form)).not.toContain("canary");
    expect(ARCHIVE.form.network.proxy).toBe("settings");
  });

  it("sends no password that nothing would use", async () => {
    const saveProfile = vi.fn<Platform["saveProfile"]>(() => Promise.resolve(saved));
    const draft = new ProfileDraft(host({ saveProfile }), ARCHIVE, null);
    Object.assign(draft.network, manual);
    draft.proxyPassword = "canary";
    draft.network.proxy = "direct";
    await draft.save("keyring");
    expect(saveProfile.mock.calls[0]?.[0].secrets.proxyPassword).toBe("");
  });

  it("marks the connection where it has a problem", async () => {
    const draft = filled(new ProfileDraft(strict(["network.caFile", "caFileUnusable"]), null, null));
    expect(await draft.save("keyring")).toBe(false);
    expect([[...draft.troubled], draft.problemOf("network.caFile")?.kind]).toEqual([["connection"], "caFileUnusable"]);
  });

  it.each(["keyring", "thisRunOnly"] as const)("says that the password alone is not kept, and asks for no key again: %s", async (place) => {
    const refused: SavedProfile = { id: ARCHIVE.id, secret: place, keyringProblem: problemOf("keyring") };
    const draft = new ProfileDraft(host({ saveProfile: () => Promise.resolve(refused) }), ARCHIVE, null);
    Object.assign(draft.network, manual);
    draft.proxyPassword = "canary";
    expect(await draft.save(place)).toBe(false);
    expect([draft.unkept, draft.keepsKey, draft.missingKey, draft.proxyPassword]).toEqual(["proxyPassword", true, null, "canary"]);
  });

  it("says that the key is not kept where both were to be", async () => {
    const refused: SavedProfile = { id: ARCHIVE.id, secret: "missing", keyringProblem: problemOf("keyring") };
    const draft = filled(new ProfileDraft(host({ saveProfile: () => Promise.resolve(refused) }), ARCHIVE, null));
    Object.assign(draft.network, manual);
    draft.proxyPassword = "canary";
    expect(await draft.save("keyring")).toBe(false);
    expect([draft.unkept, draft.keepsKey]).toEqual(["key", false]);
  });
});

describe("saving", () => {
  it("does not send a form with problems", async () => {
    const saveProfile = vi.fn(() => Promise.resolve(saved));
    const draft = new ProfileDraft({ ...strict(["name", "bad"]), saveProfile }, null, null);
    expect(await draft.save("keyring")).toBe(false);
    expect(saveProfile).not.toHaveBeenCalled();
    expect(draft.problemOf("name")).not.toBeNull();
    expect(draft.shownMissing("accessKeyId")).toBe(true);
  });

  it("sends no secret where none was typed", async () => {
    const saveProfile = vi.fn(() => Promise.resolve(saved));
    const draft = new ProfileDraft(host({ saveProfile }), ARCHIVE, null);
    expect(await draft.save("keyring")).toBe(true);
    expect(saveProfile).toHaveBeenCalledWith({ id: ARCHIVE.id, form: ARCHIVE.form, secrets: { key: null, proxyPassword: "" } }, "keyring");
  });

  it("offers this run only where the keyring refuses, for the same profile", async () => {
    const saveProfile = vi.fn((_draft: unknown, place: string) =>
      Promise.resolve<SavedProfile>(place === "keyring" ? { id: 9, secret: "missing", keyringProblem: problemOf("keyring") } : { ...saved, secret: "thisRunOnly" }),
    );
    const draft = filled(new ProfileDraft(host({ saveProfile }), null, null));
    expect(await draft.save("keyring")).toBe(false);
    expect(draft.keyringProblem?.kind).toBe("keyring");
    expect(await draft.save("thisRunOnly")).toBe(true);
    expect(saveProfile.mock.calls.map(([sent, place]) => [(sent as { id: number | null }).id, place])).toEqual([
      [null, "keyring"],
      [9, "thisRunOnly"],
    ]);
    expect(saveProfile.mock.calls[0]?.[0]).toMatchObject({ secrets: { key: { type: "typed", secret: { accessKeyId: "LTAI", accessKeySecret: "s", expiresMs: null } } } });
  });

  it("keeps the dialog open with the problem where the host refuses", async () => {
    const draft = filled(new ProfileDraft(host({ saveProfile: () => refusal("denied") }), null, null));
    expect(await draft.save("keyring")).toBe(false);
    expect([draft.saveProblem?.kind, draft.busy]).toEqual(["denied", "no"]);
  });
});

describe("trying", () => {
  it("uses what is typed, and forgets the answer when something changes", async () => {
    const testProfile: Platform["testProfile"] = () => Promise.resolve({ type: "failed", problem: problemOf("denied") });
    const draft = filled(new ProfileDraft(host({ testProfile }), null, null));
    await draft.test();
    expect(draft.outcome?.type).toBe("failed");
    draft.changed();
    expect(draft.outcome).toBeNull();
  });

  it("begins with the endpoint that a store named", () => {
    expect(new ProfileDraft(host(), ARCHIVE, "https://oss-cn-shanghai.aliyuncs.com").form.endpoint).toBe("https://oss-cn-shanghai.aliyuncs.com");
  });
});
