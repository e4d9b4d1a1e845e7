//! What is in a text that was pasted to connect a bucket: an address, or the key that a console gave as a file. Pure.

/** What was found. What was not is empty. */
export interface Pasted {
  readonly address: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** Names of keys as Alibaba Cloud and Amazon give them. */
const ID = /\b(?:LTAI[A-Za-z0-9]{12,20}|(?:AKIA|ASIA)[A-Z0-9]{16})\b/;
/** What can be the secret of one: 30 letters and digits, or 40 with signs. */
const SECRET = /(?<![A-Za-z0-9+/])(?:[A-Za-z0-9]{30}|[A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=])/;

/** Takes a pasted text apart. A key file is a table or lines with a name before each value. */
export function takeApart(text: string): Pasted {
  const id = ID.exec(text)?.[0] ?? "";
  if (id === "") return { address: text.trim(), accessKeyId: "", accessKeySecret: "" };
  const rest = text.replace(id, " ");
  const secret = SECRET.exec(rest)?.[0] ?? "";
  const address = rest.split(/[\s,"']+/).find((word) => /^(?:https?|oss|s3):\/\//i.test(word)) ?? "";
  return { address, accessKeyId: id, accessKeySecret: secret };
}
