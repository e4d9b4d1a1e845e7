//! The web host of one test: Ferry's page over the real app, with a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { type Locator, type Page, expect } from "@playwright/test";

/** Where keys are kept: in memory, or nowhere, as on a system without a keyring. */
export type Keyring = "memory" | "absent";

/** Variables that the host reads beside its own. */
export type Environment = Readonly<Record<string, string>>;

/** What the host says once it listens. */
interface Opened {
  readonly url: string;
  readonly origin: string;
  readonly token: string;
}

/** A store that the host runs. */
export interface Store {
  readonly number: number;
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

declare global {
  interface Window {
    /** Requests of the page that are not answered yet: the host's bridge counts them. */
    readonly ferryAsks?: number;
  }
}

/** The running host, and what surrounds the window: its user's files, hands and stores. */
export class Host {
  #process: ChildProcess;
  #opened: Opened;
  readonly #folder: string;
  readonly #keyring: Keyring;
  readonly #environment: Environment;
  #page: Page | null = null;

  private constructor(
    process: ChildProcess,
    opened: Opened,
    folder: string,
    keyring: Keyring,
    environment: Environment,
  ) {
    this.#environment = environment;
    this.#process = process;
    this.#opened = opened;
    this.#folder = folder;
    this.#keyring = keyring;
  }

  /** Starts a host in a new folder. */
  static async start(keyring: Keyring, environment: Environment = {}): Promise<Host> {
    const folder = await mkdtemp(join(tmpdir(), "ferry-pages-"));
    await mkdir(join(folder, "home"));
    const [child, opened] = await Host.#launch(folder, keyring, environment);
    return new Host(child, opened, folder, keyring, environment);
  }

  /** Runs the program until it says where it is. */
  static async #launch(
    folder: string,
    keyring: Keyring,
    environment: Environment,
  ): Promise<[ChildProcess, Opened]> {
    const program = process.env["FERRY_WEB_HOST"];
    if (program === undefined)
      throw new Error("FERRY_WEB_HOST names no program: run `cargo xtask pages`");
    const child = spawn(
      program,
      [join(folder, "state"), ...(keyring === "absent" ? ["--no-keyring"] : [])],
      {
        // Nothing of the developer's own: no keys, no proxy, no settings of other tools.
        env: { PATH: process.env["PATH"], TZ: "UTC", HOME: join(folder, "home"), ...environment },
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    const lines = createInterface({ input: child.stdout });
    const said = await Promise.race([once(lines, "line"), once(child, "exit")]);
    lines.close();
    if (typeof said[0] !== "string") throw new Error(`the web host ended with ${String(said[0])}`);
    return [child, JSON.parse(said[0]) as Opened];
  }

  /** Ends the host, which ends with its standard input. */
  async #end(): Promise<void> {
    const ended = this.#process.exitCode === null ? once(this.#process, "exit") : null;
    this.#process.stdin?.end();
    await ended;
  }

  /**
   * Quits and starts again over the same state; the page is under another address then. The keys of
   * a keyring in memory and the stores are gone.
   */
  async restart(): Promise<void> {
    await this.#end();
    [this.#process, this.#opened] = await Host.#launch(
      this.#folder,
      this.#keyring,
      this.#environment,
    );
  }

  /** Ends the host, and takes its folder away. */
  async stop(): Promise<void> {
    await this.#end();
    await rm(this.#folder, { recursive: true });
  }

  /** The address that opens the page. */
  get url(): string {
    return this.#opened.url;
  }

  get origin(): string {
    return this.#opened.origin;
  }

  /** Asks a route as the page would; resolves to the answer, whatever it is. */
  async ask(
    path: string,
    body: unknown,
    change: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const headers = {
      origin: this.origin,
      "x-ferry-token": this.#opened.token,
      "content-type": "application/json",
    };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return fetch(`${this.origin}${path}`, {
      method: change.method ?? "POST",
      headers: { ...headers, ...change.headers },
      body: text,
    });
  }

  async #done(path: string, body: unknown, method = "POST"): Promise<unknown> {
    const answer = await this.ask(path, body, { method });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${String(answer.status)} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  /** Gives a command, beside the page. */
  async invoke<T>(command: string, given: object = {}): Promise<T> {
    return (await this.#done(`/host/invoke/${command}`, given)) as T;
  }

  /** Holds so many files over the window; 0 takes them away. */
  async hold(count: number): Promise<void> {
    await this.#done("/host/drag", count);
  }

  /** This page is shown over it. */
  shows(page: Page): void {
    this.#page = page;
  }

  /**
   * Waits until the host knows what was done in the page. It does not wait for long: some requests
   * last, such as a native dialog.
   */
  async #told(): Promise<void> {
    const answered = () => (window.ferryAsks ?? 0) === 0;
    await this.#page?.waitForFunction(answered, null, { timeout: 2_000 }).catch(() => undefined);
  }

  /** Lets these go in the middle of the window. */
  async drop(...paths: string[]): Promise<void> {
    await this.#told();
    await this.#done("/host/drop", [paths, 0.5, 0.5]);
  }

  /** Holds one file over this part of the page, until the page says so, and lets it go there. */
  async dropOn(part: Locator, path: string, shown: () => Promise<void>): Promise<void> {
    await this.hold(1);
    const place = await part.evaluate((element) => {
      const box = element.getBoundingClientRect();
      const page = document.documentElement.getBoundingClientRect();
      return [(box.left + box.width / 2) / page.width, (box.top + box.height / 2) / page.height];
    });
    // The page tells where its parts are once it knows that something is held over it.
    await expect(async () => {
      await this.#done("/host/drag/place", [0.9, 0.9]);
      await this.#done("/host/drag/place", place);
      await shown();
    }).toPass({ timeout: 10_000 });
    await this.#done("/host/drop", [[path], ...place]);
  }

  /** Prepares what is chosen in the next native dialog. */
  async chooseNext(...paths: string[]): Promise<void> {
    await this.#done("/host/picked", paths);
  }

  /** Asks the window to close while files are on their way, on a desktop with or without a tray. */
  async close(tray: boolean): Promise<void> {
    await this.#done("/host/close", tray);
  }

  /** What the page had the desktop do so far. */
  async did(): Promise<string[]> {
    return (await this.#done("/host/did", null)) as string[];
  }

  /** Starts a store under a script of faults, as `ferry sandbox --help` describes it. */
  async store(script = ""): Promise<Store> {
    return (await this.#done("/host/stores", script)) as Store;
  }

  /** Lets a store play another script from now on. */
  async play(store: Store, script: string): Promise<void> {
    await this.#done(`/host/stores/${String(store.number)}/script`, script);
  }

  /** Ends a store: its address refuses connections from then on. */
  async end(store: Store): Promise<void> {
    await this.#done(`/host/stores/${String(store.number)}`, "", "DELETE");
  }

  /** A path in the user's home. */
  path(name: string): string {
    return join(this.#folder, "home", name);
  }

  /** Writes a file into the user's home: a text, or so many bytes of nothing. */
  async file(name: string, content: string | number): Promise<string> {
    const path = this.path(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === "string" ? content : "");
    if (typeof content === "number") await truncate(path, content);
    return path;
  }

  /** Writes so many small files into a folder of the user's home. */
  async files(folder: string, count: number): Promise<void> {
    await mkdir(this.path(folder), { recursive: true });
    const name = (number: number) => `${String(number + 1).padStart(6, "0")}.dat`;
    for (let from = 0; from < count; from += 500)
      await Promise.all(
        Array.from({ length: Math.min(500, count - from) }, (_, number) =>
          writeFile(join(this.path(folder), name(from + number)), String(from + number)),
        ),
      );
  }

  /** Puts the settings of ossutil, with a key, into the user's home. */
  async ossutil(secret: string): Promise<void> {
    const lines = [
      "[Credentials]",
      "endpoint=oss-cn-shenzhen.aliyuncs.com",
      "accessKeyID=LTAI5tExampleKeyWXYZ",
      `accessKeySecret=${secret}`,
    ];
    await this.file(".ossutilconfig", `${lines.join("\n")}\n`);
  }

  /** Changes a file, so that it is another one. */
  async change(path: string, content: string): Promise<void> {
    await writeFile(path, content);
    await utimes(path, new Date(), new Date(Date.now() - 60_000));
  }
}
