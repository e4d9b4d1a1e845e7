//! What objects shall be like: the choices that the services document, and what of a form fits them. Pure.

import type { BatchForm } from "../bindings/BatchForm";
import type { OptionsForm } from "../bindings/OptionsForm";
import type { ProfileForm } from "../bindings/ProfileForm";

/** The dialects. */
export type Provider = ProfileForm["provider"];

/** Everything left to the store. */
export const BLANK_OPTIONS: OptionsForm = {
  storageClass: "",
  acl: "",
  encryption: "bucket",
  kmsKeyId: "",
  contentType: "",
  cacheControl: "",
  contentDisposition: "",
  metadata: [],
  tags: [],
  trafficLimit: 0,
  callbackUrl: "",
  callbackBody: "",
  callbackBodyType: "form",
  callbackVariables: [],
  sha256: false,
};

/** The storage classes that are documented; stores that speak S3 have others too. */
export const CLASSES: Record<Provider, readonly string[]> = {
  oss: ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"],
  s3: ["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE", "REDUCED_REDUNDANCY", "EXPRESS_ONEZONE"],
};

/** The ACLs that are documented. */
export const ACLS: Record<Provider, readonly string[]> = {
  oss: ["default", "private", "public-read", "public-read-write"],
  s3: ["private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control"],
};

/** Bytes of the KB that traffic limits are written in. */
export const KB = 1024;

/** A copy that shares nothing. */
export function copyOf(options: OptionsForm): OptionsForm {
  const rows = (pairs: OptionsForm["tags"]) => pairs.map((pair) => ({ ...pair }));
  return { ...options, metadata: rows(options.metadata), tags: rows(options.tags), callbackVariables: rows(options.callbackVariables) };
}

/** The options without what another dialect has: its fields are not shown, so nobody could clear them. */
export function optionsFor(provider: Provider, options: OptionsForm): OptionsForm {
  const known = (value: string, values: readonly string[]) => (values.includes(value) ? value : "");
  const fitting = { ...copyOf(options), acl: known(options.acl, ACLS[provider]), storageClass: known(options.storageClass, CLASSES[provider]) };
  if (provider === "oss") return fitting;
  return { ...fitting, trafficLimit: 0, callbackUrl: "", callbackBody: "", callbackBodyType: "form", callbackVariables: [] };
}

/** One wish that is in force: the field's name with its value, in the words of the form. */
export type Wish = readonly [field: keyof OptionsForm, value: string];

/** What the options ask for, in the order of the form. */
export function wishes(options: OptionsForm): Wish[] {
  const text = (field: "storageClass" | "acl" | "contentType" | "cacheControl" | "contentDisposition" | "callbackUrl"): Wish[] => {
    const value = options[field].trim();
    return value === "" ? [] : [[field, value]];
  };
  const pairs = (field: "metadata" | "tags"): Wish[] => {
    const named = options[field].filter((pair) => pair.name.trim() !== "").map((pair) => `${pair.name.trim()}=${pair.value.trim()}`);
    return named.length === 0 ? [] : [[field, named.join(", ")]];
  };
  const encrypted: Wish[] = options.encryption === "bucket" ? [] : [["encryption", options.encryption === "kms" ? "KMS" : "AES256"]];
  const limit: Wish[] = options.trafficLimit === 0 ? [] : [["trafficLimit", `${String(Math.round(options.trafficLimit / KB))} KB/s`]];
  const digest: Wish[] = options.sha256 ? [["sha256", "SHA-256"]] : [];
  return [
    ...text("storageClass"),
    ...text("acl"),
    ...encrypted,
    ...text("contentType"),
    ...text("cacheControl"),
    ...text("contentDisposition"),
    ...limit,
    ...pairs("metadata"),
    ...pairs("tags"),
    ...digest,
    ...text("callbackUrl"),
  ];
}

/** What a batch begins with: as its profile has it. */
export function batchOf(form: ProfileForm): BatchForm {
  return { prefix: form.prefix, existing: form.existing, options: copyOf(form.options) };
}
