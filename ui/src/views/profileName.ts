//! What a profile is called.

import type { ProfileView } from "../bindings/ProfileView";
import { dictionaryOf } from "../text/catalogue";
import type { Text } from "../text/text";
import { visibleName } from "../text/visible";

/** The practice bucket is named by Ferry, so its name follows the language until the user gives it another. */
export function profileName(profile: ProfileView, text: Text): string {
  return profile.practice && profile.name === dictionaryOf("en").profile.practiceName ? text.profile.practiceName : visibleName(profile.name);
}

/** A profile's name where only that is told; it may be gone. */
export function profileNamed(name: string, profiles: readonly ProfileView[], text: Text): string {
  const profile = profiles.find((each) => each.name === name);
  return profile === undefined ? visibleName(name) : profileName(profile, text);
}

/** The segments of a prefix as folders. */
export function foldersOf(prefix: string): string[] {
  return prefix.split("/").filter((segment) => segment !== "");
}
