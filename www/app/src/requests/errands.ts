import { apiOrigin, foreignOrigin } from "../origins";
import { type BodyKind, sha256 } from "./bodies";
import { type Incoming, type Outgoing, send } from "./clients";
import type { Client, Row } from "./report";

/** Asks the API who is signed in. The number tells many requests apart: WebKit counts equal ones as one. */
export async function askMe(client: Client, number: number): Promise<Row> {
  const { row, body } = await timed(client, { method: "GET", url: `${apiOrigin}/me?request=${number}` });
  // Only who shows a good token gets an answer: it proves that the token was there.
  return { ...row, tokenSeen: row.status === 200 ? true : null, answer: words(body, "displayName", "username", "error") };
}

/** Asks an origin that must not see the token. It answers with the headers that it received. */
export async function askStranger(client: Client): Promise<Row> {
  const { row, body } = await timed(client, { method: "GET", url: `${foreignOrigin}/hello` });
  const has = field(body, "hasAuthorization");
  const seen = typeof has === "boolean" ? has : null;
  const answer = seen === null ? "no answer" : seen ? "received an Authorization header" : "received no Authorization header";
  return { ...row, tokenSeen: seen, answer };
}

/** Sends a body and compares the checksum of what arrived. */
export async function upload(client: Client, { kind, make, bytes }: BodyKind): Promise<Row> {
  const { row, body } = await timed(client, { method: "POST", url: `${apiOrigin}/echo`, body: make() });
  if (row.status !== 200) return { ...row, kind, answer: words(body, "error") };
  const wanted = await bytes(words(body, "contentType"));
  const identical = field(body, "sha256") === (await sha256(wanted));
  const answer = `${String(field(body, "bytes"))} bytes, ${identical ? "identical" : "damaged"}`;
  return { ...row, kind, tokenSeen: true, identical, answer };
}

async function timed(client: Client, request: Outgoing): Promise<{ row: Row; body: unknown }> {
  const start = performance.now();
  const { status, body }: Incoming = await send(client, request);
  const milliseconds = Math.round(performance.now() - start);
  const { method, url } = request;
  return { row: { method, url, client, tokenSeen: null, status, milliseconds, answer: "" }, body };
}

/** The first of these fields that the answer has, as text. */
function words(body: unknown, ...names: readonly string[]): string {
  for (const name of names) {
    const value = field(body, name);
    if (typeof value === "string") return value;
  }
  return "";
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
