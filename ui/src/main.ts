//! The page's entry: picks the host and mounts the window.

import { mount } from "svelte";
import "./app.css";
import type { Platform } from "./platform/platform";
import { isTauri, tauriPlatform } from "./platform/tauri";
import { Ferry } from "./state/ferry.svelte";
import App from "./views/App.svelte";

/** A production build has no other host than Tauri: the branch with the mock is not even in it. */
async function host(): Promise<Platform> {
  if (import.meta.env.MODE === "production" || isTauri()) return tauriPlatform();
  const { mockPlatform } = await import("./platform/mock");
  return mockPlatform(new URLSearchParams(location.search));
}

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has an element #app");
const ferry = new Ferry(await host(), navigator.languages);
mount(App, { target, props: { ferry } });
