//! A place where releases are published, signed by a key of its own, as minisign signs.

import { type KeyObject, generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** minisign's name of the algorithm, and of the key. */
const ALGORITHM = Buffer.from("Ed");
const NAME = Buffer.alloc(8, 7);

function base64(...parts: Buffer[]): string {
  return Buffer.concat(parts).toString("base64");
}

/** What a release tells of itself. */
export interface Release {
  readonly version: string;
  readonly notes?: string;
  /** The version that its package is signed as; its own without it. */
  readonly signedAs?: string;
  /** Whether there is a package that the web host says it can install. */
  readonly packaged?: boolean;
}

/** The server of the releases. */
export class Releases {
  readonly #server: Server;
  readonly #key: KeyObject;
  /** The public key in base64, as a build is given it. */
  readonly key: string;
  readonly #files = new Map<string, Buffer>();

  private constructor(server: Server) {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    this.#server = server;
    this.#key = privateKey;
    this.key = base64(Buffer.from(`untrusted comment: a key\n${base64(ALGORITHM, NAME, raw)}`));
  }

  /** Starts it, with nothing published. */
  static async start(): Promise<Releases> {
    const server = createServer();
    const releases = new Releases(server);
    server.on("request", (request, answer) => {
      const file = releases.#files.get(request.url ?? "");
      answer.writeHead(file === undefined ? 404 : 200).end(file);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return releases;
  }

  stop(): void {
    this.#server.close();
  }

  get #origin(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Where it is told what is published. */
  get place(): string {
    return `${this.#origin}/latest.json`;
  }

  #sign(bytes: Buffer, version: string): string {
    const signature = sign(null, bytes, this.#key);
    const comment = `timestamp:1700000000\tfile:ferry\tversion:${version}`;
    const whole = sign(null, Buffer.concat([signature, Buffer.from(comment)]), this.#key);
    const lines = [
      "untrusted comment: signature",
      base64(ALGORITHM, NAME, signature),
      `trusted comment: ${comment}`,
      base64(whole),
    ];
    return base64(Buffer.from(`${lines.join("\n")}\n`));
  }

  /** Publishes a release. */
  publish({ version, notes = "", signedAs = version, packaged = false }: Release): void {
    const bytes = Buffer.from("package");
    this.#files.set("/package", bytes);
    const test = { url: `${this.#origin}/package`, signature: this.#sign(bytes, signedAs) };
    const page = `${this.#origin}/page`;
    const told = { version, notes, page, platforms: packaged ? { test } : {} };
    this.#files.set("/latest.json", Buffer.from(JSON.stringify(told)));
  }
}
