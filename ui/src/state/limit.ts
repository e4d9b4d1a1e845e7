//! Speed limits as they are typed. Pure: what they mean is the host's to say.

import { BLANK_PROFILE } from "../bindings/Fields";
import type { LimitForm } from "../bindings/LimitForm";

/** No limit. */
export const NO_LIMIT: LimitForm = BLANK_PROFILE.limit;

/** Whether the same is typed in both. */
export function sameLimit(one: LimitForm, other: LimitForm): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
