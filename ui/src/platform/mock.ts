//! A host without a disk or a network, for `npm run dev` and for tests. Never part of a production build.
//!
//! `?scene=` names a queue (see `mockScenes.ts`), `?lang=`, `?theme=`; `?still` stops the clock.

import type { BatchForm } from "../bindings/BatchForm";
import type { FieldProblem } from "../bindings/FieldProblem";
import type { FormReading } from "../bindings/FormReading";
import type { LimitForm } from "../bindings/LimitForm";
import type { LinkFormat } from "../bindings/LinkFormat";
import type { LinkKind } from "../bindings/LinkKind";
import type { Links } from "../bindings/Links";
import type { NetworkForm } from "../bindings/NetworkForm";
import type { OptionsForm } from "../bindings/OptionsForm";
import type { Notice } from "../bindings/Notice";
import type { Page } from "../bindings/Page";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { ProfileView } from "../bindings/ProfileView";
import type { Action } from "../bindings/Action";
import type { Row } from "../bindings/Row";
import type { Selected } from "../bindings/Selected";
import type { RowState } from "../bindings/RowState";
import type { Settings } from "../bindings/Settings";
import type { Target } from "../bindings/Target";
import type { Totals } from "../bindings/Totals";
import type { Update } from "../bindings/Update";
import type { Viewport } from "../bindings/Viewport";
import { EMPTY } from "../state/window";
import { mockImports } from "./mockImports";
import { allowedOn, mockNotices, mockProblem, mockProfiles, mockRows, stated } from "./mockScenes";
import type { Platform } from "./platform";

const TICK = 200;
/** Another number than the real host says: nobody else may know it. */
const MOST_PARALLEL = 99;
const GROUPS: Record<Viewport["filter"], readonly RowState[] | null> = {
  all: null,
  active: ["queued", "uploading", "verifying", "waiting", "retrying", "cancelling"],
  paused: ["paused"],
  attention: ["failed", "conflict", "sourceChanged", "settling"],
  ended: ["done", "skipped", "cancelled"],
};

type Body<T> = T extends { seq: number } ? Omit<T, "seq"> : never;

class MockHost {
  rows: Row[];
  notices: Notice[];
  profiles: ProfileView[];
  chosenProfile: number | null;
  settings: Settings;
  selection: { number: number; target: Target } = { number: 0, target: { type: "ids", ids: [] } };
  viewport: Viewport = { filter: "all", text: "", offset: 0, limit: 40 };
  readonly #scene: string;
  readonly #still: boolean;
  #seq = 0;
  #receive: ((update: Update) => void) | null = null;

  constructor(query: URLSearchParams) {
    this.#scene = query.get("scene") ?? "uploading";
    this.#still = query.has("still");
    this.rows = mockRows(this.#scene);
    this.notices = mockNotices(this.#scene);
    this.profiles = mockProfiles();
    this.chosenProfile = this.#scene === "empty" || this.#scene === "dragPractice" ? 1 : 2;
    this.settings = { ...EMPTY.settings, language: query.get("lang") ?? "system", theme: query.get("theme") ?? "system" };
  }

  subscribe(receive: (update: Update) => void): void {
    this.#receive = receive;
    this.#seq = 0;
    const { profiles, chosenProfile, settings, notices } = this;
    this.#send({ type: "snapshot", profiles, chosenProfile, settings, mostParallel: MOST_PARALLEL, page: this.page(), totals: this.totals(), notices, selected: this.selected() });
    if (this.#scene.startsWith("drag")) this.#send({ type: "dragging", count: 3 });
    if (!this.#still) {
      setInterval(() => {
        this.#tick();
      }, TICK);
    }
  }

  #send(body: Body<Update>): void {
    this.#seq += 1;
    this.#receive?.({ ...body, seq: this.#seq } as Update);
  }

  sendPage(): void {
    this.#send({ type: "rows", page: this.page(), rows: [], totals: this.totals(), notices: this.notices, selected: this.selected() });
  }

  sendSetup(): void {
    const { profiles, chosenProfile, settings } = this;
    this.#send({ type: "setup", profiles, chosenProfile, settings });
  }

  page(): Page {
    const { filter, text, offset, limit } = this.viewport;
    const states = GROUPS[filter];
    const wanted = text.toLowerCase();
    const all = this.rows.filter((row) => (states === null || states.includes(row.state)) && row.name.toLowerCase().includes(wanted));
    return { viewport: { ...this.viewport }, total: all.length, rows: all.slice(offset, offset + limit) };
  }

  select(number: number, target: Target): void {
    this.selection = { number, target };
    this.#send({ type: "rows", page: null, rows: [], totals: this.totals(), notices: this.notices, selected: this.selected() });
  }

  selected(): Selected {
    const { number, target } = this.selection;
    const meant = target.type === "all" ? this.rows : this.rows.filter((row) => target.ids.includes(row.id));
    if (meant.length === 0) return { number, files: 0, unfinished: 0, done: 0, actions: [] };
    const actions: Action[] = ["pause", "resume", "retry", "overwrite", "skip", "rename", "startOver", "waitUntilQuiet", "cancel", "remove"];
    return {
      number,
      files: meant.length,
      unfinished: meant.filter((row) => row.group === "active" || row.group === "paused").length,
      done: meant.filter((row) => row.state === "done").length,
      actions: actions.map((action) => ({ action, files: meant.filter((row) => allowedOn(row.state).includes(action)).length })),
    };
  }

  totals(): Totals {
    const count = (filter: Viewport["filter"]) => this.rows.filter((row) => GROUPS[filter]?.includes(row.state)).length;
    const sum = (field: "size" | "acked" | "speed") => this.rows.reduce((all, row) => all + row[field], 0);
    const done = this.rows.filter((row) => row.state === "done").length;
    const speed = sum("speed");
    const bytes = sum("size");
    const acked = sum("acked");
    const open = count("active") + count("paused") + count("attention");
    return {
      files: this.rows.length,
      bytes,
      acked,
      inFlight: 0,
      percent: open === 0 ? 100 : Math.min(99, Math.floor((acked / bytes) * 100)),
      speed,
      secondsLeft: speed > 0 ? Math.ceil((bytes - acked) / speed) : null,
      limitedBy: speed > 0 ? { en: "your network", zh: "您的网络" } : null,
      active: count("active"),
      paused: count("paused"),
      attention: count("attention"),
      done,
      endedOtherwise: count("ended") - done,
    };
  }

  #tick(): void {
    const changed: Row[] = [];
    this.rows = this.rows.map((row) => {
      if (row.state !== "uploading") return row;
      const acked = Math.min(row.size, row.acked + Math.round((row.speed * TICK) / 1000));
      const state: RowState = acked === row.size ? "done" : "uploading";
      const secondsLeft = state === "done" ? null : Math.ceil((row.size - acked) / row.speed);
      const next = stated({ ...row, acked, state, speed: state === "done" ? 0 : row.speed, secondsLeft });
      changed.push(next);
      return next;
    });
    if (changed.some((row) => row.state === "done")) this.sendPage();
    else if (changed.length > 0) this.#send({ type: "rows", page: null, rows: changed, totals: this.totals(), notices: this.notices, selected: this.selected() });
  }

  act(action: string, target: Target): void {
    const fits = (row: Row) => target.type === "all" || target.ids.includes(row.id);
    const become = (row: Row, state: RowState): Row => stated({ ...row, state, speed: state === "uploading" ? 9_000_000 : 0, secondsLeft: null, problem: null });
    if (action === "remove") this.rows = this.rows.filter((row) => !fits(row));
    this.rows = this.rows.map((row) => {
      if (!fits(row)) return row;
      if (action === "pause" && GROUPS.active?.includes(row.state) === true) return become(row, "paused");
      if (action === "resume" && row.state === "paused") return become(row, "uploading");
      if (action === "retry" && row.state === "failed") return become(row, "uploading");
      if (action === "cancel" && GROUPS.ended?.includes(row.state) === false) return become(row, "cancelled");
      if (["overwrite", "rename", "startOver"].includes(action)) return become(row, "uploading");
      if (action === "waitUntilQuiet" && row.state === "sourceChanged") return become(row, "settling");
      return action === "skip" ? become(row, "skipped") : row;
    });
    this.sendPage();
  }
}

function readOptions(options: OptionsForm): FieldProblem[] {
  const wrong = (field: string, there: boolean) => (there ? [{ field: `options.${field}`, problem: mockProblem("invalidInput") }] : []);
  const limit = options.trafficLimit / 1024;
  return [
    ...wrong("trafficLimit", limit !== 0 && (limit < 100 || limit > 102_400)),
    ...wrong("metadata", options.metadata.some((pair) => pair.name.includes(" "))),
    ...wrong("tags", options.tags.length > 10),
    ...wrong("callback", options.callbackUrl !== "" && options.callbackBody === ""),
  ];
}

function readLimit({ hours, otherwise }: LimitForm): FieldProblem[] {
  const typed = hours.filter((row) => row.from + row.to + row.rate !== "");
  const time = (text: string) => /^\d{1,2}:\d{2}$/.test(text);
  const rate = (text: string) => /^\d*(?:[.,]\d+)?(?: ?[KMG]i?B?(?:\/s)?)?$/i.test(text);
  const good = rate(otherwise) && typed.every((row) => time(row.from) && time(row.to) && row.from !== row.to && rate(row.rate));
  return good ? [] : [{ field: "limit", problem: mockProblem("invalidInput") }];
}

function readNetwork(network: NetworkForm): FieldProblem[] {
  const { proxy, proxyServer, caFile } = network;
  const problems: FieldProblem[] = [];
  if (caFile !== "" && !/\.(pem|crt)$/.test(caFile)) problems.push({ field: "network.caFile", problem: mockProblem("caFileUnusable") });
  if (proxy === "manual" && !/^(?:(?:https?|socks5h?):\/\/)?[\w.@:-]+$/.test(proxyServer.trim())) {
    problems.push({ field: "network.proxyServer", problem: mockProblem("proxyInvalid") });
  }
  return problems;
}

function readTemplate(template: string, prefix: string): string {
  const today = new Date();
  const values: Record<string, string> = { prefix, dir: "album/", name: "photo.jpg", stem: "photo", ext: ".jpg", yyyy: String(today.getFullYear()), mm: "11", dd: "22", hash8: "5f3a09c1" };
  if (!/\{(name|stem|hash8)\}/.test(template)) return "";
  return template.replaceAll(/\{(\w+)\}/g, (all, field: string) => values[field] ?? all);
}

function readForm(form: ProfileForm): FormReading {
  const url = /^https?:\/\/([^./]+)\.([^/]+)\/?(.*)$/.exec(form.endpoint);
  const read = url === null ? form : { ...form, bucket: url[1] ?? "", endpoint: `https://${url[2] ?? ""}`, prefix: url[3] ?? "" };
  const problems = [];
  if (form.name.trim() === "") problems.push({ field: "name", problem: mockProblem("needName") });
  if (form.endpoint.trim() === "") problems.push({ field: "endpoint", problem: mockProblem("needEndpoint") });
  if (!/^[a-z0-9][a-z0-9-]{2,62}$/.test(read.bucket)) problems.push({ field: "bucket", problem: mockProblem("badBucket") });
  const region = /cn-[a-z]+/.exec(form.endpoint)?.[0] ?? form.region;
  const host = /^cn-[a-z]+$/.test(form.endpoint) ? `oss-${form.endpoint}.aliyuncs.com` : read.endpoint.replace(/^https?:\/\//, "");
  const exampleUrl = form.endpoint === "" || read.bucket === "" ? "" : `https://${read.bucket}.${host}/${read.prefix}example.txt`;
  problems.push(...readOptions(form.options), ...readLimit(form.limit), ...readNetwork(form.network));
  if (form.keySource === "process" && form.keyCommand.trim() === "") problems.push({ field: "keyCommand", problem: mockProblem("invalidInput") });
  if (form.idleSeconds < 1) problems.push({ field: "idleSeconds", problem: mockProblem("invalidInput") });
  const remarks = form.endpoint.includes("-internal")
    ? [{ en: "This internal address works only inside Alibaba Cloud's own network.", zh: "该内网地址只能在阿里云内网中访问。" }]
    : [];
  const exampleKey = readTemplate(form.keyTemplate, read.prefix);
  if (exampleKey === "") problems.push({ field: "keyTemplate", problem: mockProblem("invalidInput") });
  return { form: { ...read, region }, exampleUrl, exampleFile: "album/photo.jpg", exampleKey, problems, remarks };
}

function stage(form: BatchForm | null): FieldProblem[] {
  if (form === null) return [];
  return [...(form.prefix.startsWith("/") ? [{ field: "prefix", problem: mockProblem("badPrefix") }] : []), ...readOptions(form.options)];
}

const LINES: Record<LinkFormat["type"], (name: string, url: string) => string> = {
  url: (_, url) => url,
  markdown: (name, url) => `[${name}](${url})`,
  html: (name, url) => `<a href="${url}">${name}</a>`,
  pattern: (name, url) => `${name}: ${url}`,
};

function link(rows: readonly Row[], target: Target, kind: LinkKind, format: LinkFormat): Links {
  const meant = rows.filter((row) => target.type === "all" || target.ids.includes(row.id));
  const done = meant.filter((row) => row.state === "done");
  const signed = kind.type === "signed" ? "?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-expires=86400&x-oss-signature=5c3d" : "";
  const urls = done.map((row) => LINES[format.type](row.name, `https://media-archive.oss-cn-hangzhou.aliyuncs.com/2026/${encodeURIComponent(row.name)}${signed}`));
  const endsMs = kind.type === "signed" ? Date.now() + kind.seconds * 1000 : null;
  // The made-up token lasts for three days.
  const problem = kind.type === "signed" && kind.seconds > 3 * 86_400 ? mockProblem("tokenEndsBeforeLink") : null;
  return { text: urls.join("\n"), count: done.length, leftOut: target.type === "all" ? 0 : meant.length - done.length, endsMs, problem };
}

/** A platform over a made-up queue. */
export function mockPlatform(query: URLSearchParams): Platform {
  const host = new MockHost(query);
  const done = (work: () => void): Promise<void> => Promise.resolve().then(work);
  return {
    subscribe: (receive) =>
      done(() => {
        host.subscribe(receive);
      }),
    setViewport: (viewport) =>
      done(() => {
        host.viewport = viewport;
        host.sendPage();
      }),
    select: (number, target) =>
      done(() => {
        host.select(number, target);
      }),
    act: (action, target) =>
      done(() => {
        host.act(action, target);
      }),
    pickFiles: () => done(() => undefined),
    pickFolder: () => done(() => undefined),
    stageBatch: (form) => Promise.resolve(stage(form)),
    makeLinks: (target, kind, format) => Promise.resolve(link(host.rows, target, kind, format)),
    findImports: () => Promise.resolve(mockImports()),
    chooseProfile: (id) =>
      done(() => {
        host.chosenProfile = id;
        host.sendSetup();
      }),
    readProfileForm: (form) => Promise.resolve(readForm(form)),
    saveProfile: ({ id, secrets: { key } }, place) =>
      Promise.resolve(
        key !== null && place === "keyring"
          ? { id: id ?? 9, secret: "missing", keyringProblem: mockProblem("keyring") }
          : { id: id ?? 9, secret: "thisRunOnly", keyringProblem: null },
      ),
    duplicateProfile: () => Promise.resolve(9),
    deleteProfile: (id) =>
      done(() => {
        host.profiles = host.profiles.filter((profile) => profile.id !== id);
        host.chosenProfile = host.profiles[0]?.id ?? null;
        host.sendSetup();
      }),
    testProfile: ({ secrets: { key } }) =>
      Promise.resolve(
        key === null
          ? {
              type: "passed",
              sentence: { en: "A test upload was begun under the prefix and taken back.", zh: "已在该前缀下开始一次测试上传并撤回。" },
              clockOffsetSeconds: 125,
            }
          : { type: "failed", problem: mockProblem("wrongEndpoint") },
      ),
    setSettings: (settings) => {
      const [wrong] = [...readLimit(settings.limit), ...readNetwork(settings.network)];
      if (wrong !== undefined) return Promise.reject(wrong.problem as unknown as Error);
      return done(() => {
        host.settings = settings;
        host.sendSetup();
      });
    },
    tryNow: () =>
      done(() => {
        host.notices = host.notices.filter((notice) => notice.type !== "offline");
        host.sendPage();
      }),
    releaseProfile: (id) =>
      done(() => {
        host.notices = host.notices.filter((notice) => notice.type !== "profileHeld" || notice.profile !== id);
        host.sendPage();
      }),
    dismissNotice: (id) =>
      done(() => {
        host.notices = host.notices.filter((notice) => !("id" in notice) || notice.id !== id);
        host.sendPage();
      }),
  };
}
