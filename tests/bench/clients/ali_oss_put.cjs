// ali-oss's multipart upload, with its defaults: 1 MiB parts or larger, five side by side.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const OSS = require("ali-oss");

const FILES_SIDE_BY_SIDE = 16;
const [endpoint, bucket, source] = process.argv.slice(2);
const client = new OSS({
  accessKeyId: process.env.OSS_ACCESS_KEY_ID,
  accessKeySecret: process.env.OSS_ACCESS_KEY_SECRET,
  bucket,
  region: "oss-us-east-1",
  authorizationV4: true,
  endpoint,
});

async function sendAll(names) {
  for (let name = names.pop(); name; name = names.pop()) {
    await client.put(`ali-oss/${name}`, path.join(source, name));
  }
}

async function main() {
  if (fs.statSync(source).isFile()) {
    await client.multipartUpload(`ali-oss/${path.basename(source)}`, source);
    return;
  }
  const names = fs.readdirSync(source);
  await Promise.all(Array.from({ length: FILES_SIDE_BY_SIDE }, () => sendAll(names)));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
