//! Speed limits as they are typed. Pure: what they mean is the host's to say.

import type { LimitForm } from "../bindings/LimitForm";

/** No limit. */
export const NO_LIMIT: LimitForm = { hours: [], otherwise: "" };

/** A copy that shares nothing. */
export function limitCopy(limit: LimitForm): LimitForm {
  return { ...limit, hours: limit.hours.map((row) => ({ ...row })) };
}

/** Whether the same is typed in both. */
export function sameLimit(one: LimitForm, other: LimitForm): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
