import type { Answer, Outgoing } from "../internals.js";
import { pageBase, URL } from "../platform/builtins.js";
import type { ApiAnswer } from "../types.js";

/** An answer as the application's functions see it. Its body is read when it is asked for, from a copy, and once. */
export function apiAnswer(request: Outgoing, answer: Answer): ApiAnswer {
  let body: Promise<string> | undefined;
  const text = (): Promise<string> => (body ??= answer.text());
  return {
    url: answer.url === null || answer.url === "" ? new URL(request.url, pageBase()).href : answer.url,
    method: request.method.toUpperCase(),
    status: answer.status,
    headers: answer.headers(),
    text,
    json: async () => JSON.parse(await text()) as unknown,
  };
}

/** The text of what a client has made of a body. */
export async function textOf(body: unknown): Promise<string> {
  if (typeof body === "string") return body;
  if (body === null || body === undefined) return "";
  if (body instanceof Blob || body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return new Response(body as BodyInit).text();
  const text = isPlain(body) ? JSON.stringify(body) : undefined;
  if (text === undefined) throw new TypeError("This body cannot be read a second time.");
  return text;
}

/** What `JSON.parse` gives. */
function isPlain(value: unknown): boolean {
  return typeof value !== "object" || Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
