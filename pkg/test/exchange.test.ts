import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { createExchange } from "../src/exchange.js";
import { type Endpoint, type Load, writeRequest } from "../src/request-writer.js";

const ADDRESS = "https://api.test/token";

function write(endpoint: Partial<Endpoint>, load: Partial<Load> = {}): RequestInit & { headers: Headers } {
  const { signal } = new AbortController();
  const all: Load = { fields: undefined, own: {}, access: undefined, cookies: false, keepalive: false, signal, ...load };
  return writeRequest({ url: ADDRESS, ...endpoint }, all) as RequestInit & { headers: Headers };
}

const headersOf = (init: { headers: Headers }): Record<string, string> => Object.fromEntries(init.headers);

afterEach(() => {
  Reflect.deleteProperty(globalThis, "document");
});

test("a request is a POST of JSON that is neither kept nor redirected (SEC-26)", () => {
  const init = write({ body: { client: "app", a: 1 } }, { fields: { a: 2, b: 3 }, own: { b: "own" } });
  assert.equal(init.method, "POST");
  assert.deepEqual(JSON.parse(init.body as string), { client: "app", a: 2, b: "own" }, "what is nearer wins");
  assert.deepEqual(headersOf(init), { accept: "application/json", "content-type": "application/json" });
  assert.deepEqual([init.cache, init.redirect, init.credentials, init.keepalive], ["no-store", "error", "same-origin", false]);
  assert.equal(write({}, { cookies: true }).credentials, "include");
  assert.equal(write({ credentials: "omit" }, { cookies: true }).credentials, "omit", "the application's word counts");
});

test("a form has strings as they are, all else as JSON, and leaves out what has no text", () => {
  const fields = { text: "a b&c", number: 1, object: { x: [true] }, none: null, missing: undefined, call: () => 1 };
  const init = write({ encoding: "form" }, { fields });
  assert.equal(init.body, "text=a+b%26c&number=1&object=%7B%22x%22%3A%5Btrue%5D%7D");
  assert.equal(init.headers.get("content-type"), "application/x-www-form-urlencoded");
});

test("the application's headers stay, but for those that say what is sent", () => {
  const init = write({ headers: { "X-App": "1", accept: "application/problem+json", "content-type": "text/plain" } }, { access: "T" });
  assert.deepEqual(headersOf(init), {
    "x-app": "1",
    accept: "application/problem+json",
    "content-type": "application/json",
    authorization: "Bearer T",
  });
});

test("GET and HEAD have no body", () => {
  for (const method of ["GET", "get", "HEAD"]) {
    const init = write({ method, body: { a: 1 } });
    assert.equal(init.body, undefined);
    assert.equal(init.headers.has("content-type"), false);
  }
  assert.equal(write({ method: "GETS" }).body, "{}");
});

test("the CSRF cookie is copied to header and field, under its whole name only", () => {
  const csrf = { cookie: "Csrf", header: "X-Csrf", field: "csrf" };
  Object.defineProperty(globalThis, "document", { value: { cookie: "NotCsrf=1; Csrf2=2; Csrf=a=b; Csrf=3" }, configurable: true });
  const init = write({ csrf });
  assert.equal(init.headers.get("x-csrf"), "a=b");
  assert.equal(init.body, '{"csrf":"a=b"}');
  Object.defineProperty(globalThis, "document", { value: { cookie: "" }, configurable: true });
  assert.equal(write({ csrf }).body, "{}");
});

test("a polluted prototype changes nothing (SEC-35)", () => {
  const polluted = { mode: "no-cors", credentials: "include", referrer: "https://evil.test/", csrf: { cookie: "a", field: "b" } };
  for (const [name, value] of Object.entries(polluted)) Object.defineProperty(Object.prototype, name, { value, configurable: true });
  try {
    const endpoint = Object.assign(Object.create(null), { url: ADDRESS }) as Endpoint;
    const { signal } = new AbortController();
    const init = writeRequest(endpoint, { fields: undefined, own: {}, access: undefined, cookies: false, keepalive: false, signal });
    assert.deepEqual([init.mode, init.credentials, init.referrer, init.body], [undefined, "same-origin", undefined, "{}"]);
  } finally {
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
  }
});

test("an answer is read whole, and a copy is kept for who wants one", async () => {
  const response = new Response('{"a":"ä"}', { status: 201, headers: { "Retry-After": "7" } });
  const reply = await createExchange({}, true).read(response);
  assert.deepEqual([reply.status, reply.retryAfter, reply.date, reply.body], [201, "7", null, '{"a":"ä"}']);
  assert.equal(await reply.response?.text(), '{"a":"ä"}');
  assert.equal((await createExchange({}, false).read(new Response(null, { status: 204 }))).body, "");
});

test("an answer that is too long is none, and one that is no UTF-8 holds nothing (REL-13)", async () => {
  const { read } = createExchange({}, false);
  assert.equal((await read(new Response("x".repeat(262_144)))).body.length, 262_144);
  await assert.rejects(read(new Response("x".repeat(262_145))));
  assert.equal((await read(new Response(new Uint8Array([0x7b, 0xff, 0x7d])))).body, "");
  assert.equal((await read(new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b])))).body, "\ufeff{", "a mark is no JSON");
});

test("an endpoint that is not there is no answer", async () => {
  const { signal } = new AbortController();
  const load: Load = { fields: undefined, own: {}, access: undefined, cookies: false, keepalive: false, signal };
  await assert.rejects(createExchange({}, false).send("signIn", load));
});
