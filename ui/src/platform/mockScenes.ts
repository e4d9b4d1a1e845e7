//! Made-up queues for the mock.

import type { Action } from "../bindings/Action";
import type { Filter } from "../bindings/Filter";
import type { Notice } from "../bindings/Notice";
import type { Problem } from "../bindings/Problem";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { ProfileView } from "../bindings/ProfileView";
import type { Row } from "../bindings/Row";
import type { RowState } from "../bindings/RowState";
import { blankForm } from "../state/profileForm";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

type Words4 = readonly [en: string, zh: string, hintEn: string, hintZh: string];

const PROBLEMS: Record<string, Words4> = {
  denied: [
    "The AccessKey may not write to oss://media-archive/2026/.",
    "该 AccessKey 无权写入 oss://media-archive/2026/。",
    "Ask the bucket's owner for oss:PutObject under this prefix, then retry.",
    "请向存储桶所有者申请该前缀下的 oss:PutObject 权限，然后重试。",
  ],
  gone: [
    "The file is not there any more: /home/lin/Videos/rough cuts/interview with the river pilot, second half.mov",
    "文件已不存在：/home/lin/Videos/rough cuts/interview with the river pilot, second half.mov",
    "Put it back and retry, or remove this transfer.",
    "请放回文件后重试，或移除该传输。",
  ],
  exists: ["An object of this name is already there.", "存储端已有同名对象。", "Choose what to do.", "请选择处理方式。"],
  changed: ["The file was changed after its upload began.", "上传开始后文件被修改。", "Upload the new version, or leave the file out.", "可选择上传最新内容，或跳过该文件。"],
  offline: ["The network cannot be reached.", "无法连接网络。", "Check the connection.", "请检查网络连接。"],
  volume: [
    "The disk or network folder with “run 4.raw” is not there.",
    "“run 4.raw”所在的磁盘或网络文件夹不可用。",
    "Connect it again. What waits for it goes on by itself.",
    "请重新连接，等待中的文件会自动继续。",
  ],
  timeout: ["The store did not answer in time.", "存储端未及时响应。", "It is tried again shortly.", "稍后自动重试。"],
  key: ["The AccessKey secret is wrong.", "AccessKey Secret 不正确。", "Enter the AccessKey again.", "请重新填写 AccessKey。"],
  device: ["“console.fifo” is not a regular file.", "“console.fifo”不是普通文件。", "Only regular files can be uploaded.", "只能上传普通文件。"],
  badPrefix: ["The object's name cannot begin with a slash.", "对象名称不能以斜杠开头。", "", ""],
  invalidInput: ["The file cannot be used here.", "该文件 无法使用。", "Correct it and try again.", "请更正后重试。"],
  proxyInvalid: ["The proxy cannot be used.", "无法使用该代理。", "Write it as http://proxy.example.com:3128.", "请写成 http://proxy.example.com:3128 的形式。"],
  caFileUnusable: ["The CA file company.txt cannot be used.", "无法使用 CA 证书文件 company.txt。", "Choose a PEM file.", "请选择 PEM 格式的文件。"],
  tokenExpired: [
    "The security token has ended or is not valid.",
    "安全令牌（STS）已过期或无效。",
    "Enter a new token in the profile; the upload then goes on where it was.",
    "请在配置中填入新的令牌，上传将从原处继续。",
  ],
  callbackFailed: [
    "The object is stored, but the callback failed.",
    "对象已存储，但回调失败。",
    "Look at the server that the callback calls.",
    "请检查回调所调用的服务器。",
  ],
  tokenEndsBeforeLink: [
    "The token of “Media archive” ends before the link was to.",
    "“Media archive” 的令牌会先于链接到期。",
    "The link stops working when the token ends. For a longer one, use a key that does not end.",
    "令牌到期后链接即失效。如需更长有效期，请使用长期密钥。",
  ],
  needName: ["Enter a name.", "请填写名称。", "", ""],
  needEndpoint: ["Enter an endpoint or a region.", "请填写访问地址或地域。", "", ""],
  badBucket: ["A bucket's name has 3 to 63 lowercase letters, digits and hyphens.", "存储桶名称为 3 到 63 个小写字母、数字或连字符。", "", ""],
  keyring: ["The system's keyring is locked.", "系统密钥环已锁定。", "Unlock it and save again.", "请解锁后再次保存。"],
  diskFull: [
    "The disk that holds Ferry's list of uploads is full.",
    "保存上传列表的磁盘已满。",
    "Free some space: nothing in the list is lost, and Ferry goes on by itself.",
    "请清理磁盘空间；列表中的内容不会丢失，Ferry 会自动继续。",
  ],
  wrongEndpoint: [
    "The bucket media-archive is in another region.",
    "存储桶 media-archive 位于另一个地域。",
    "Use the endpoint that the store named.",
    "请使用存储端指明的访问地址。",
  ],
};

/** A problem by the name of its words. */
export function mockProblem(name: string): Problem {
  const [en, zh, hintEn, hintZh] = PROBLEMS[name] ?? [name, name, "", ""];
  const fromStore = name === "denied" || name === "wrongEndpoint";
  return {
    kind: name,
    sentence: { en, zh },
    hint: { en: hintEn, zh: hintZh },
    code: fromStore ? "AccessDenied" : null,
    ec: fromStore ? "0003-00000001" : null,
    requestId: fromStore ? "5C3D9175B6FC201293AD4890" : null,
    report: `${en}\n${hintEn}`,
    suggestedEndpoint: name === "wrongEndpoint" ? "https://oss-cn-shanghai.aliyuncs.com" : null,
  };
}

function form(change: Partial<ProfileForm>): ProfileForm {
  return { ...blankForm(), endpoint: "cn-hangzhou", bucket: "media-archive", prefix: "2026/", ...change };
}

export function mockProfiles(): ProfileView[] {
  const profile = (id: number, practice: boolean, change: Partial<ProfileForm>, secret: ProfileView["secret"]): ProfileView => {
    const filled = form(change);
    return { id, name: filled.name, practice, form: filled, secret, accessKeyHint: secret === "missing" ? null : "LTAI…wxyz", tokenEndsMs: null };
  };
  return [
    profile(1, true, { name: "Practice bucket (this computer)", bucket: "practice", prefix: "", endpoint: "http://127.0.0.1:9400", plainHttp: "allow" }, "keyring"),
    profile(2, false, { name: "Media archive" }, "keyring"),
    profile(3, false, { name: "夜间备份", provider: "s3", endpoint: "https://s3.example.com", bucket: "nightly", prefix: "laptop/home/" }, "missing"),
  ];
}

/** What the host allows in a state, as made up as the rest: the rule itself is the host's. */
const ALLOWED: Record<RowState, readonly [Filter, ...Action[]]> = {
  queued: ["active", "pause", "cancel", "remove"],
  uploading: ["active", "pause", "cancel", "remove"],
  verifying: ["active", "pause", "cancel", "remove"],
  waiting: ["active", "pause", "cancel", "remove"],
  retrying: ["active", "pause", "cancel", "remove"],
  cancelling: ["active"],
  paused: ["paused", "resume", "cancel", "remove"],
  failed: ["attention", "retry", "cancel", "remove"],
  conflict: ["attention", "overwrite", "skip", "rename", "cancel", "remove"],
  sourceChanged: ["attention", "retry", "startOver", "waitUntilQuiet", "skip", "cancel", "remove"],
  settling: ["attention", "retry", "startOver", "skip", "cancel", "remove"],
  done: ["ended", "remove"],
  skipped: ["ended", "remove"],
  cancelled: ["ended", "remove"],
};

export function allowedOn(state: RowState): readonly Action[] {
  const [, ...actions] = ALLOWED[state];
  return actions;
}

/** A row with all that follows from its state and bytes. */
export function stated(row: Row): Row {
  const [group] = ALLOWED[row.state];
  const dropped: Action[] = row.state === "failed" ? ["cancel"] : group === "ended" ? [] : row.state === "sourceChanged" || row.state === "settling" ? ["remove", "retry", "cancel"] : ["remove"];
  const percent = row.state === "done" ? 100 : row.size === 0 ? 0 : Math.min(99, Math.floor((row.acked / row.size) * 100));
  return { ...row, group, percent, actions: allowedOn(row.state).filter((action) => !dropped.includes(action)) };
}

let made = 0;

function row(name: string, size: number, state: RowState, change: Partial<Row> = {}): Row {
  made += 1;
  const folder = change.folder ?? "/home/lin/Videos";
  return stated({
    id: made,
    name,
    folder,
    destination: `oss://media-archive/2026/${name}`,
    profile: "Media archive",
    size,
    acked: state === "done" ? size : 0,
    inFlight: 0,
    percent: 0,
    group: "all",
    actions: [],
    speed: 0,
    secondsLeft: null,
    state,
    partsDone: 0,
    parts: size > 16 * MIB ? Math.ceil(size / (8 * MIB)) : 0,
    retries: 0,
    problem: null,
    ...change,
  });
}

function moving(name: string, size: number, share: number, speed: number, state: RowState = "uploading", change: Partial<Row> = {}): Row {
  const acked = Math.floor(size * share);
  const parts = Math.ceil(size / (8 * MIB));
  return row(name, size, state, { acked, inFlight: speed > 0 ? Math.min(size - acked, 24 * MIB) : 0, speed, secondsLeft: speed > 0 ? Math.ceil((size - acked) / speed) : null, parts, partsDone: Math.floor(parts * share), ...change });
}

function mixed(): Row[] {
  return [
    moving("harbour at dawn, master.mov", 38.4 * GIB, 0.62, 11.8 * MIB),
    moving("采访 第二部分（终稿）.mp4", 4.2 * GIB, 0.31, 6.4 * MIB),
    moving("drone-2026-11-02.braw", 812 * MIB, 0.994, 0, "verifying"),
    row("interview with the river pilot, second half.mov", 2.71 * GIB, "failed", { acked: 1.1 * GIB, problem: mockProblem("gone") }),
    row("colour grade v3.drp", 14.6 * MIB, "conflict", { problem: mockProblem("exists") }),
    row("notes.md", 18_221, "sourceChanged", { problem: mockProblem("changed") }),
    moving("sound/location/2026-11-02/mix-stem-07-ambience-and-everything-else-of-the-long-day-at-the-docks.wav", 1.46 * GIB, 0.48, 0.9 * MIB, "retrying", {
      retries: 2,
      problem: mockProblem("timeout"),
    }),
    moving("b-roll.zip", 6.1 * GIB, 0.12, 0, "paused"),
    row("invoice\u202Efdp.exe", 231_404, "queued"),
    row("storyboard.pdf", 48.2 * MIB, "done"),
    row("封面图 🎬.png", 7.31 * MIB, "done"),
    row("empty.txt", 0, "done"),
    row("old teaser.mp4", 120 * MIB, "skipped"),
    moving("rehearsal take.wav", 640 * MIB, 0.2, 0, "cancelled"),
    row("locked.bin", 3.4 * MIB, "failed", { problem: mockProblem("denied") }),
    moving("rushes.tar", 77 * GIB, 0.04, 0, "cancelling"),
    ...Array.from({ length: 40 }, (_, index) => row(`frame_${String(index + 1).padStart(5, "0")}.dpx`, 12.1 * MIB, "queued")),
  ];
}

/** The rows of a scene. */
export function mockRows(scene: string): Row[] {
  made = 0;
  switch (scene) {
    case "empty":
    case "dragPractice":
      return [];
    case "done":
      return mixed()
        .slice(0, 12)
        .map((each) => stated({ ...each, state: "done", acked: each.size, inFlight: 0, speed: 0, secondsLeft: null, problem: null }));
    case "paused":
      return mixed()
        .slice(0, 12)
        .map((each) => (each.state === "done" ? each : stated({ ...each, state: "paused", inFlight: 0, speed: 0, secondsLeft: null, problem: null })));
    case "waiting":
      return mixed().map((each) => (each.state === "uploading" || each.state === "queued" ? stated({ ...each, state: "waiting", inFlight: 0, speed: 0, secondsLeft: null, problem: mockProblem("offline") }) : each));
    case "remarks":
      return mixed().map((each) => {
        if (each.name === "storyboard.pdf") return { ...each, problem: mockProblem("callbackFailed") };
        return each.name === "locked.bin" ? { ...each, problem: mockProblem("wrongEndpoint") } : each;
      });
    case "big":
      return Array.from({ length: 300_000 }, (_, index) => row(`photo_${String(index + 1)}.jpg`, 3 * MIB + index, index < 120_000 ? "done" : "queued"));
    default:
      return mixed();
  }
}

/** The lines above the list of a scene. */
export function mockNotices(scene: string): Notice[] {
  if (scene === "keys") {
    return [
      { type: "clockOff", seconds: 812 },
      { type: "tokenEnds", profile: 2, name: "Media archive", endsMs: Date.now() + 1_500_000 },
      { type: "profileHeld", profile: 3, name: "夜间备份", problem: mockProblem("tokenExpired"), files: 9 },
    ];
  }
  if (scene !== "waiting") return [];
  return [
    { type: "offline", endpoint: "oss-cn-hangzhou.aliyuncs.com", problem: mockProblem("offline"), nextTrySeconds: 18, files: 43 },
    { type: "profileHeld", profile: 3, name: "夜间备份", problem: mockProblem("key"), files: 1 },
    { type: "journal", problem: mockProblem("diskFull"), files: 44 },
    { type: "volumeMissing", problem: mockProblem("volume"), files: 12 },
    { type: "failed", id: 7, problem: mockProblem("device") },
    { type: "adding", files: 18_204 },
    { type: "recovered", id: 8, text: { en: "The list on disk was damaged. What could be read was kept; the old file was set aside.", zh: "磁盘上的列表已损坏。可读的部分已保留，旧文件已另存。" } },
  ];
}
