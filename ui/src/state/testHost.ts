//! For tests only: what a host answers, one answer at a time.

import type { FormReading } from "../bindings/FormReading";
import type { ImportCandidate } from "../bindings/ImportCandidate";
import type { Problem } from "../bindings/Problem";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { ProfileView } from "../bindings/ProfileView";
import type { Platform } from "../platform/platform";
import { blankForm } from "./profileForm";

/** A host that answers this, and nothing else. */
export function hostOf(answers: Partial<Platform>): Platform {
  return answers as Platform;
}

/** A problem of this kind, which is also all it says. */
export function problemOf(kind: string): Problem {
  return {
    kind,
    sentence: { en: kind, zh: kind },
    hint: { en: "", zh: "" },
    code: null,
    ec: null,
    requestId: null,
    report: kind,
    suggestedEndpoint: null,
  };
}

/** What a call is rejected with: a `Problem`, which is no `Error`. */
export function refusal(kind: string): Promise<never> {
  return Promise.reject(problemOf(kind) as unknown as Error);
}

/** A field that is wrong, and how. */
export type Wrong = readonly [field: string, kind: string];

/** What a host reads in a form in which each of these fields is wrong. */
export function reading(form: ProfileForm, ...wrong: readonly Wrong[]): FormReading {
  const problems = wrong.map(([field, kind]) => ({ field, problem: problemOf(kind) }));
  return { form, exampleUrl: "", exampleFile: "", exampleKey: "", problems, remarks: [] };
}

function profileOf(
  id: number,
  form: Partial<ProfileForm>,
  more: Partial<ProfileView> = {},
): ProfileView {
  const filled = {
    ...blankForm(),
    endpoint: "cn-hangzhou",
    bucket: "media-archive",
    prefix: "2026/",
    ...form,
  };
  return {
    id,
    name: filled.name,
    practice: false,
    colour: "teal",
    form: filled,
    secret: "keyring",
    accessKeyHint: "LTAI…wxyz",
    tokenEndsMs: null,
    ...more,
  };
}

/** The practice bucket. */
export const PRACTICE = profileOf(
  1,
  { name: "Practice bucket (this computer)", bucket: "practice", prefix: "" },
  { practice: true },
);
/** A profile with a key in the keyring. */
export const ARCHIVE = profileOf(2, { name: "Media archive" });
/** A profile without a key. */
export const KEYLESS = profileOf(
  3,
  { name: "夜间备份", provider: "s3" },
  { secret: "missing", accessKeyHint: null },
);

function candidateOf(
  id: number,
  tool: string,
  name: string,
  form: Partial<ProfileForm>,
): ImportCandidate {
  const filled = { ...blankForm(), name, ...form };
  return {
    id,
    tool,
    file: `/home/lin/${tool}`,
    name,
    provider: filled.provider,
    accessKeyHint: "LTAI…wxyz",
    tokenEndsMs: null,
    form: filled,
    unsupported: null,
  };
}

/** A key that another tool has, with its address. */
export const OSSUTIL = candidateOf(1, "ossutil", "Credentials", {
  endpoint: "oss-cn-shenzhen.aliyuncs.com",
  region: "cn-shenzhen",
  bucket: "film",
});
/** A command that another tool takes its keys from. */
export const COMMAND = candidateOf(5, "AWS", "build", {
  provider: "s3",
  region: "us-east-1",
  keySource: "process",
  keyCommand: "/opt/tools/fresh-key --json",
});
