//! What is wrong with a field, in words.

import type { Problem } from "../bindings/Problem";
import type { Text } from "../text/text";

/** The sentence beside a field, if anything is wrong with it. Where the host only says that it cannot take this, the field's own rule says what it takes, or the
 *  one that it shares with others. */
export function sayProblem(text: Text, field: string, problem: Problem | null, shared = ""): string | null {
  if (problem === null) return null;
  const rules: Partial<Record<string, string>> = text.rules;
  const saysNoMore = problem.kind === "invalidInput" || problem.kind === "proxyInvalid";
  const rule = saysNoMore ? (rules[field] ?? rules[shared]) : undefined;
  return rule ?? text.say(problem.sentence);
}
