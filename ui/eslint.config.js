import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const tauri = {
  group: ["@tauri-apps/*"],
  message: "Only src/platform speaks to the host. Take what you need from the Platform interface.",
};

/** Forbids a folder to import what stands above it: text, state <- parts <- views. */
const below = (...above) => [
  "error",
  {
    patterns: [
      tauri,
      ...above.map((folder) => ({ group: [`**/${folder}/**`, `**/${folder}`], message: `This folder stands below ${folder}/ and may not import it.` })),
    ],
  },
];

export default ts.config(
  { ignores: ["dist/", "node_modules/", "src/bindings/"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "no-restricted-imports": below(),
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-console": "error",
      eqeqeq: "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Names come from disks and servers: show them as text." },
        { property: "outerHTML", message: "Names come from disks and servers: show them as text." },
        { property: "insertAdjacentHTML", message: "Names come from disks and servers: show them as text." },
        { object: "document", property: "write", message: "Names come from disks and servers: show them as text." },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
    rules: {
      "svelte/no-at-html-tags": "error",
      // The page's CSP has no 'unsafe-inline': a style attribute in markup is not applied. `style:` directives are, by the CSSOM.
      "no-restricted-syntax": ["error", { selector: "SvelteAttribute[key.name='style']", message: "Use a class or a style: directive." }],
      // Sets here are values: replaced, never changed after they were stored.
      "svelte/prefer-svelte-reactivity": "off",
      // TypeScript knows undefined names.
      "no-undef": "off",
    },
  },
  { files: ["**/*.ts"], rules: { "no-undef": "off" } },
  { files: ["src/text/**"], rules: { "no-restricted-imports": below("platform", "state", "parts", "views") } },
  { files: ["src/state/**"], rules: { "no-restricted-imports": below("parts", "views", "platform/tauri") } },
  { files: ["src/parts/**"], rules: { "no-restricted-imports": below("platform", "state", "views") } },
  { files: ["src/views/**"], rules: { "no-restricted-imports": below("platform/tauri") } },
  { files: ["src/**/*.test.ts"], rules: { "no-restricted-imports": below() } },
  { files: ["src/platform/**"], rules: { "no-restricted-imports": "off" } },
);
