//! How stores are reached, as a profile or the settings say it. Pure.

import { BLANK_PROFILE } from "../bindings/Fields";
import type { NetworkForm } from "../bindings/NetworkForm";

/** Nothing of its own. */
export const BLANK_NETWORK: NetworkForm = BLANK_PROFILE.network;

/** Whether a proxy is to be used that is not named yet. */
export function lacksServer({ proxy, proxyServer }: NetworkForm): boolean {
  return proxy === "manual" && proxyServer.trim() === "";
}

/** Whether a user signs in at a proxy: the user stands in a field of its own, or in the server's address. */
export function signsIn({ proxy, proxyServer, proxyUser }: NetworkForm): boolean {
  return proxy === "manual" && proxyServer.trim() !== "" && (proxyUser.trim() !== "" || proxyServer.includes("@"));
}

/** What can be saved of what is typed. Until a manual proxy is named, the saved one stays: the host would refuse the other. */
export function savable(typed: NetworkForm, saved: NetworkForm): NetworkForm {
  const { proxy, caFile } = typed;
  if (lacksServer(typed)) return { ...saved, caFile };
  return proxy === "manual" ? { ...typed } : { ...BLANK_NETWORK, proxy, caFile };
}

/** Whether two say the same. */
export function sameNetwork(one: NetworkForm, other: NetworkForm): boolean {
  return (Object.keys(BLANK_NETWORK) as (keyof NetworkForm)[]).every((field) => one[field] === other[field]);
}
