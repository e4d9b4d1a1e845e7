// What the scripts for Node share: settings from the environment, test data, comparisons.
"use strict";

const crypto = require("node:crypto");
const dns = require("node:dns");

const own = (name) => process.env[`SANDBOX_${name}`];
const settings = {
  endpoint: own("ENDPOINT"),
  bucket: own("BUCKET"),
  region: own("REGION"),
  key: { id: own("ACCESS_KEY_ID"), secret: own("ACCESS_KEY_SECRET") },
  sts: { id: own("STS_ACCESS_KEY_ID"), secret: own("STS_ACCESS_KEY_SECRET"), token: own("STS_TOKEN") },
  dead: { id: own("DEAD_ACCESS_KEY_ID"), secret: own("DEAD_ACCESS_KEY_SECRET"), token: own("DEAD_TOKEN") },
};
settings.port = new URL(settings.endpoint).port;

const MIB = 1024 * 1024;
const ODD_KEYS = [
  "plain.txt",
  "目录/照片 2026年.jpg",
  "a b+c%20d%/e&f=g?h#i.txt",
  "emoji/😀🚢.bin",
  "double//slash///end",
  "trailing/",
  "r!'()*~-_.$&,:;=@?#[]|^`{}\"<>x",
  "kéy-é",
];

// Resolves `*.localhost` as RFC 6761 says, which not every system's resolver does.
const lookup = dns.lookup;
dns.lookup = (name, options, callback) => {
  const done = callback ?? options;
  if (name !== "localhost" && !name.endsWith(".localhost")) return lookup(name, options, callback);
  const all = typeof options === "object" && options.all;
  return process.nextTick(() => (all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4)));
};

/** `size` bytes that are the same for the same seed. */
function payload(size, seed) {
  const key = crypto.createHash("sha256").update(String(seed)).digest();
  return crypto.createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

function same(found, expected, what) {
  const equal = Buffer.isBuffer(expected) ? expected.equals(found) : JSON.stringify(found) === JSON.stringify(expected);
  if (!equal) throw new Error(`${what}: found ${shown(found)}, expected ${shown(expected)}`);
}

const shown = (value) => (Buffer.isBuffer(value) ? `${value.length} bytes` : JSON.stringify(value)?.slice(0, 200));

function check(condition, what) {
  if (!condition) throw new Error(what);
}

/** The error that `action` ends in. */
async function refusal(action) {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error("the sandbox did not refuse");
}

module.exports = { MIB, ODD_KEYS, check, payload, refusal, same, settings };
