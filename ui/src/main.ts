//! The page's entry: mounts the window over its host.

import { mount } from "svelte";
import "./app.css";
import { tauriPlatform } from "./platform/tauri";
import { learn } from "./text/catalogue";
import { Ferry } from "./state/ferry.svelte";
import App from "./views/App.svelte";

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has an element #app");
const platform = tauriPlatform();
learn(platform.texts);
const ferry = new Ferry(platform, navigator.languages);
mount(App, { target, props: { ferry } });
