import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** For `npm run dev` in a browser: the page over the host that `cargo xtask serve` opened here. */
function overWebHost(address: string): Plugin {
  const { origin, searchParams } = new URL(address);
  const headers = { "x-ferry-token": searchParams.get("token") ?? "" };
  return {
    name: "ferry-web-host",
    config: () => ({
      server: { proxy: { "/host": { target: origin, changeOrigin: true, headers } } },
    }),
    transformIndexHtml: () => [
      { tag: "script", attrs: { src: "/host/bridge.js" }, injectTo: "head-prepend" },
    ],
  };
}

/** Parts of the libraries that are loaded with the others and never run here, and what stands in their place: 20 KiB, gzip. Menus and
 *  tooltips are put in their places by `parts/place.ts`, the page does not scroll behind a dialog, no tooltip is pointed at, no choice goes with a form, and
 *  text is marked in the details only. No style is given as text, no element is a custom one, and what takes the focus is known (`parts/tabbable.ts`). */
const UNUSED: readonly (readonly [file: RegExp, instead: string | ((code: string) => string)])[] = [
  [/bits-ui\/.*\/floating-layer-content\.svelte$/, ""],
  [/bits-ui\/.*\/popper-layer-force-mount\.svelte$/, ""],
  [/bits-ui\/.*\/select-hidden-input\.svelte$/, ""],
  [/bits-ui\/.*\/body-scroll-lock\.svelte\.js$/, "export class BodyScrollLock {}"],
  [/bits-ui\/.*\/safe-polygon\.svelte\.js$/, "export class SafePolygon {}"],
  [/bits-ui\/.*\/use-text-selection-layer\.svelte\.js$/, "export class TextSelectionLayerState { static create() {} }"],
  [/style-to-object\/.*\.m?js$/, "export default () => {}"],
  [/svelte\/.*\/custom-element\.js$/, "export function create_custom_element() {}"],
  [/runed\/.*\/resource\.svelte\.js$/, "export function resource() {} export function resourcePre() {}"],
  [/tabbable\/dist\/index\.esm\.js$/, 'export * from "/src/parts/tabbable.ts"'],
  // No menu has another one in it, and no list takes several.
  [/bits-ui\/.*\/menu\.svelte\.js$/, emptied("MenuSubmenuIntent")],
  [/bits-ui\/.*\/select\.svelte\.js$/, emptied("SelectMultipleRootState")],
];

/** Takes all out of one class of a file, which has to be there. */
function emptied(name: string): (code: string) => string {
  return (code) => {
    const left = code.replace(new RegExp(`^class ${name}[^]*?^}`, "m"), `class ${name} {}`);
    if (left === code) throw new Error(`there is no class ${name}`);
    return left;
  };
}

function withoutUnused(): Plugin {
  return {
    name: "ferry-without-unused",
    enforce: "pre",
    transform: (code, id) => {
      const instead = UNUSED.find(([file]) => file.test(id))?.[1];
      return typeof instead === "function" ? instead(code) : instead;
    },
  };
}

const webHost = process.env["FERRY_WEB_HOST_URL"];

export default defineConfig({
  plugins: [withoutUnused(), svelte(), ...(webHost === undefined ? [] : [overWebHost(webHost)])],
  clearScreen: false,
  // The messages stand beside the Rust that says the others.
  server: { port: 5173, strictPort: true, fs: { allow: [".", "../src-tauri/crates/text/messages"] } },
  build: {
    // The oldest engines that Tauri's windows run on: WebKitGTK 2.42 and Safari 16.4.
    target: ["es2022", "safari16.4"],
    // The page's CSP allows no data: URLs for scripts and styles, and no inline script.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  // Svelte has a server and a browser build; component tests need the second.
  resolve: process.env["VITEST"] ? { conditions: ["browser"] } : {},
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts", "*.test.ts"],
    setupFiles: "src/text/testTexts.ts",
    restoreMocks: true,
    // A whole window is mounted in many of them: on a machine that builds meanwhile, that takes its time.
    testTimeout: 30_000,
  },
});
