// @vitest-environment node
import { ROW_HEIGHTS } from "./src/state/scroll";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { ESLint } from "eslint";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rollup } from "vite";
import { describe, expect, it } from "vitest";

/** Bytes of the scripts and styles that the page begins with, as they would travel, gzip: 120 kB. */
const MOST_AT_FIRST = 120_000;
/** Such bytes of all there are: what is loaded when it is first opened is small too. */
const MOST_WEIGHT = 137_000;

/** One file of a build, as Vite's manifest has it. */
interface Built {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly css?: readonly string[];
  /** What it cannot do without; what it may load later stands elsewhere. */
  readonly imports?: readonly string[];
}

/** The files that the page begins with. */
function atFirst(manifest: Readonly<Record<string, Built>>): Set<string> {
  const files = new Set<string>();
  const take = (each: Built | undefined) => {
    if (each === undefined || files.has(each.file)) return;
    for (const file of [each.file, ...(each.css ?? [])]) files.add(file);
    for (const name of each.imports ?? []) take(manifest[name]);
  };
  for (const each of Object.values(manifest)) if (each.isEntry === true) take(each);
  return files;
}

const root = fileURLToPath(new URL(".", import.meta.url));

describe("a production build", () => {
  it("holds nothing of the tests, no inline script or style, and nothing from elsewhere", { timeout: 60_000 }, async () => {
    const built = await build({ root, configFile: false, mode: "production", logLevel: "silent", plugins: [svelte()], build: { write: false, modulePreload: false, assetsInlineLimit: 0 } });
    const { output } = built as Rollup.RollupOutput;
    const modules = output.flatMap((file) => (file.type === "chunk" ? Object.keys(file.modules) : []));
    expect(modules.some((id) => id.endsWith("platform/tauri.ts"))).toBe(true);
    expect(modules.filter((id) => /\.test\.|\/test[A-Z]|\/tests\//.test(id))).toEqual([]);
    expect(output.some((file) => file.fileName.endsWith(".css"))).toBe(true);
    const page = output.find((file) => file.fileName === "index.html");
    const html = page?.type === "asset" ? String(page.source) : "";
    expect(html).toMatch(/<script type="module"[^>]* src="/);
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|https?:/);
  });
});

it("weighs little", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "ferry-page-"));
  // A process of its own: in this one, the libraries would build what helps their developers too.
  execFileSync(process.execPath, ["node_modules/vite/bin/vite.js", "build", "--outDir", folder, "--manifest", "--logLevel", "silent"], { cwd: root, env: { PATH: process.env["PATH"] } });
  const first = atFirst(JSON.parse(readFileSync(join(folder, ".vite/manifest.json"), "utf8")) as Record<string, Built>);
  const page = readFileSync(join(folder, "index.html"), "utf8");
  const weights = readdirSync(join(folder, "assets")).map((name) => ({ file: `assets/${name}`, weight: gzipSync(readFileSync(join(folder, "assets", name)), { level: 9 }).length }));
  rmSync(folder, { recursive: true });
  const named = [...page.matchAll(/(?:src|href)="\/?(assets\/[^"]+)"/g)].map(([, file]) => file ?? "");
  expect(named.filter((file) => /\.(?:js|css)$/.test(file) && !first.has(file)), "the page begins with nothing else").toEqual([]);
  const sum = (some: typeof weights) => some.reduce((total, { weight }) => total + weight, 0);
  const [begins, all] = [sum(weights.filter(({ file }) => first.has(file))), sum(weights)];
  // eslint-disable-next-line no-console
  console.info(`The page begins with ${String(begins)} bytes of ${String(all)}.`);
  expect(begins).toBeGreaterThan(all / 2);
  expect(begins).toBeLessThanOrEqual(MOST_AT_FIRST);
  expect(all).toBeLessThanOrEqual(MOST_WEIGHT);
});

describe("the rules of the folders", () => {
  const lint = async (file: string, text: string) => {
    const eslint = new ESLint({ cwd: root });
    const [result] = await eslint.lintText(text, { filePath: `${root}src/${file}` });
    return result?.messages.map((message) => message.ruleId) ?? [];
  };

  it.each([
    ["views/X.svelte", '<script lang="ts">import { invoke } from "@tauri-apps/api/core"; void invoke;</script>', "no-restricted-imports"],
    ["state/x.ts", 'import "../views/context";', "no-restricted-imports"],
    ["parts/x.ts", 'import "../state/window";', "no-restricted-imports"],
    ["views/X.svelte", '<script lang="ts">const name = "x";</script>{@html name}', "svelte/no-at-html-tags"],
    ["parts/x.ts", 'document.body.innerHTML = "x";', "no-restricted-properties"],
    ["parts/X.svelte", '<p style="color: red">x</p>', "no-restricted-syntax"],
  ])("are kept in %s", { timeout: 30_000 }, async (file, text, rule) => {
    expect(await lint(file, text)).toContain(rule);
  });

  it("let the platform speak to the host", { timeout: 30_000 }, async () => {
    expect(await lint("platform/x.ts", 'import { invoke } from "@tauri-apps/api/core";\nvoid invoke("x");\n')).toEqual([]);
  });
});

it("says the same row heights in script and style", () => {
  const css = readFileSync(`${root}src/app.css`, "utf8");
  const [usual, comfortable] = [...css.matchAll(/--row: (\d+)px/g)].map(([, height]) => Number(height));
  expect({ compact: usual, comfortable }).toEqual(ROW_HEIGHTS);
});
