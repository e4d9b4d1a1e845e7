//! What other tools have, for the mock.

import type { ImportCandidate } from "../bindings/ImportCandidate";
import type { ImportFindings } from "../bindings/ImportFindings";
import type { ProfileForm } from "../bindings/ProfileForm";
import { blankForm } from "../state/profileForm";

const HOUR = 3_600_000;

function candidate(id: number, tool: string, file: string, name: string, form: Partial<ProfileForm>, change: Partial<ImportCandidate> = {}): ImportCandidate {
  const filled = { ...blankForm(), name, ...form };
  return { id, tool, file, name, provider: filled.provider, accessKeyHint: "LTAI…wxyz", tokenEndsMs: null, form: filled, unsupported: null, ...change };
}

/** What a search finds, with one of each kind. */
export function mockImports(): ImportFindings {
  const aws = "/home/lin/.aws/credentials";
  return {
    candidates: [
      candidate(1, "ossutil", "/home/lin/.ossutilconfig", "Credentials", { endpoint: "oss-cn-shenzhen.aliyuncs.com", region: "cn-shenzhen", bucket: "film" }),
      candidate(2, "Alibaba Cloud CLI", "/home/lin/.aliyun/config.json", "default", { region: "cn-hangzhou" }, { tokenEndsMs: Date.now() + 2 * HOUR }),
      candidate(3, "Alibaba Cloud CLI", "/home/lin/.aliyun/config.json", "ecs", {}, {
        unsupported: { en: "It takes its key from the machine it runs on (EcsRamRole), which Ferry does not.", zh: "它的密钥来自所在的云服务器（EcsRamRole），Ferry 不支持。" },
      }),
      candidate(4, "AWS", aws, "archive", { provider: "s3", region: "eu-central-1" }, { accessKeyHint: "AKIA…7QPL" }),
      candidate(5, "AWS", aws, "build", { provider: "s3", region: "us-east-1", keySource: "process", keyCommand: "/opt/tools/fresh-key --json" }, { accessKeyHint: "" }),
      candidate(6, "rclone", "/home/lin/.config/rclone/rclone.conf", "nas", { provider: "s3", endpoint: "https://nas.lan:9000", options: { ...blankForm().options, storageClass: "STANDARD" } }, { accessKeyHint: "ferr…root" }),
    ],
    lookedAt: ["/home/lin/.ossutilconfig", "/home/lin/.aliyun/config.json", aws, "/home/lin/.aws/config", "/home/lin/.config/rclone/rclone.conf"],
    problems: [{ en: "/home/lin/.aws/config: line 12 is no section and no setting.", zh: "/home/lin/.aws/config：第 12 行既不是小节也不是设置。" }],
  };
}
