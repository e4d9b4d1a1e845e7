//! What a rejected command carries.

import type { Problem } from "../bindings/Problem";
import { inEveryLanguage } from "../text/catalogue";

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "kind" in value && "sentence" in value && "report" in value;
}

/** The problem inside whatever a command was rejected with. Anything else than a `Problem` is a fault of the program itself. */
export function problemFrom(reason: unknown): Problem {
  if (isProblem(reason)) return reason;
  const report = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  return {
    kind: "internal",
    sentence: inEveryLanguage((text) => text.problem.noCore),
    hint: inEveryLanguage((text) => text.problem.noCoreHint),
    code: null,
    ec: null,
    requestId: null,
    report,
    suggestedEndpoint: null,
  };
}
