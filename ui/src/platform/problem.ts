//! What a rejected command carries.

import type { Problem } from "../bindings/Problem";

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "kind" in value && "sentence" in value && "report" in value;
}

/** The problem inside whatever a command was rejected with. Anything else than a `Problem` is a fault of the program itself. */
export function problemFrom(reason: unknown): Problem {
  if (isProblem(reason)) return reason;
  const report = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  return {
    kind: "internal",
    sentence: { en: "The window could not reach Ferry's core.", zh: "窗口无法与 Ferry 的核心通信。" },
    hint: { en: "Close Ferry and start it again; the list is kept.", zh: "请关闭并重新启动 Ferry，列表会保留。" },
    code: null,
    ec: null,
    requestId: null,
    report,
    suggestedEndpoint: null,
  };
}
