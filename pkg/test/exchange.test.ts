import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, test } from "node:test";
import { AuthError } from "../src/error.js";
import { createExchange, type Endpoints } from "../src/core/exchange.js";
import { nativeFetch } from "../src/platform/builtins.js";
import { type Endpoint, type Load, writeRequest } from "../src/core/request-writer.js";
import { createTokenHeader } from "../src/options/token-header.js";

const ADDRESS = "https://api.test/token";
const header = createTokenHeader();

const exchangeWith = (endpoints: Endpoints, keepsCopy: boolean): ReturnType<typeof createExchange> =>
  createExchange({ endpoints, header, fetch: nativeFetch }, keepsCopy);

function write(endpoint: Partial<Endpoint>, load: Partial<Load> = {}): RequestInit & { headers: Headers } {
  const { signal } = new AbortController();
  const all: Load = { fields: undefined, own: {}, access: undefined, cookies: false, keepalive: false, signal, ...load };
  return writeRequest({ url: ADDRESS, ...endpoint }, all, header) as RequestInit & { headers: Headers };
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
  assert.deepEqual([init.cache, init.redirect, init.credentials, init.keepalive], ["no-store", "manual", "same-origin", false]);
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

test("the cookie's value is what the server wrote, before it was encoded for a cookie", () => {
  const csrf = { cookie: "Csrf", header: "X-Csrf", field: "csrf" };
  const show = (cookie: string): unknown => {
    Object.defineProperty(globalThis, "document", { value: { cookie }, configurable: true });
    const init = write({ csrf });
    const { csrf: field } = JSON.parse(init.body as string) as { csrf?: string };
    assert.equal(init.headers.get("x-csrf"), field ?? null);
    return field;
  };
  assert.equal(show("Csrf=a%2Bb%3D%3D"), "a+b==");
  assert.equal(show("Csrf=a+b=="), "a+b==", "a plus is no space");
  assert.equal(show("Csrf=100%"), "100%");
  assert.equal(show("Csrf=%E0%A4%A"), "%E0%A4%A");
  assert.equal(show("Csrf=%7Ca%7C"), "|a|");
  assert.equal(show('Csrf="a%3D"'), "a=", "quoted");
  assert.equal(show('Csrf="'), '"');
  assert.equal(show("Csrf=first; Csrf=second"), "first", "the browser puts the nearer path first");
  assert.equal(show("Csrf="), "");
  assert.equal(show("CsrfX=1; xCsrf=2"), undefined);
});

test("a cookie that fits into no header is an error with a name, and shows nothing of it", () => {
  const csrf = { cookie: "Csrf", header: "X-Csrf" };
  for (const value of ["\u4f60\u597d", "%E4%BD%A0", "a%0D%0AX-Evil: 1", "a%00", "%E2%82%AC"]) {
    Object.defineProperty(globalThis, "document", { value: { cookie: `Csrf=${value}` }, configurable: true });
    assert.throws(
      () => write({ csrf }),
      (error: Error) => error instanceof AuthError && error.code === "invalid_option" && error.message.includes("csrf") && !error.message.includes(value),
      value,
    );
    assert.ok(write({ csrf: { cookie: "Csrf", field: "csrf" } }).body, "a field holds any text");
  }
});

test("a polluted prototype changes nothing (SEC-35)", () => {
  const polluted = { mode: "no-cors", credentials: "include", referrer: "https://evil.test/", csrf: { cookie: "a", field: "b" } };
  for (const [name, value] of Object.entries(polluted)) Object.defineProperty(Object.prototype, name, { value, configurable: true });
  try {
    const endpoint = Object.assign(Object.create(null), { url: ADDRESS }) as Endpoint;
    const { signal } = new AbortController();
    const init = writeRequest(endpoint, { fields: undefined, own: {}, access: undefined, cookies: false, keepalive: false, signal }, header);
    assert.deepEqual([init.mode, init.credentials, init.referrer, init.body], [undefined, "same-origin", undefined, "{}"]);
  } finally {
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
  }
});

test("an answer is read whole, and a copy is kept for who wants one", async () => {
  const response = new Response('{"a":"ä"}', { status: 201, headers: { "Retry-After": "7" } });
  const reply = await exchangeWith({}, true).read(response);
  assert.deepEqual([reply.status, reply.retryAfter, reply.date, reply.body], [201, "7", null, '{"a":"ä"}']);
  assert.equal(await reply.response?.text(), '{"a":"ä"}');
  assert.equal((await exchangeWith({}, false).read(new Response(null, { status: 204 }))).body, "");
});

test("an answer that is too long is read no further, and says so (REL-13, SEC-26)", async () => {
  const { read } = exchangeWith({}, true);
  const whole = await read(new Response("x".repeat(262_144)));
  assert.deepEqual([whole.body.length, whole.trouble], [262_144, undefined]);
  for (const status of [200, 401, 503]) {
    const reply = await read(new Response("x".repeat(262_145), { status, headers: { "Retry-After": "7" } }));
    assert.deepEqual([reply.status, reply.retryAfter, reply.body, reply.trouble], [status, "7", "", "long"]);
  }
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(65_536));
    },
  });
  assert.equal((await exchangeWith({}, false).read(new Response(endless))).trouble, "long");
  assert.ok(pulled < 10, "an endless answer is left");
});

test("bytes are read as every other client reads them: no mark, U+FFFD for what is no UTF-8 (REL-13)", async () => {
  const { read } = exchangeWith({}, false);
  const body = async (...bytes: number[]): Promise<string> => (await read(new Response(new Uint8Array(bytes)))).body;
  const [mark, text] = [[0xef, 0xbb, 0xbf], [0x7b, 0x7d]];
  assert.equal(await body(...mark, ...text), "{}", "one mark goes");
  assert.equal(await body(...mark, ...mark, ...text), "\ufeff{}", "a second one is text");
  assert.equal(await body(0x7b, 0xff, 0x7d), "{\ufffd}");
  assert.equal(await body(0xfc, 0x22), '\ufffd"', "Latin-1");
  assert.equal(await body(0x22, 0xe2, 0x82), '"\ufffd', "cut off");
  for (const bytes of [[...mark, ...text], [0x7b, 0xfc, 0x7d], [0xed, 0xa0, 0x80], [0xff, 0xfe, 0x7b, 0x00]]) {
    assert.equal(await body(...bytes), await new Response(new Uint8Array(bytes)).text());
  }
  const split = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of [0xef, 0xbb, 0xbf, 0x22, 0xc3, 0xa4, 0x22]) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  assert.equal((await read(new Response(split))).body, '"ä"');
});

test("an answer that is a redirect is one that says so, and is shown (SEC-26)", async () => {
  const opaque = Object.defineProperties(Response.error(), { type: { value: "opaqueredirect" } });
  const reply = await exchangeWith({}, true).read(opaque);
  assert.deepEqual([reply.status, reply.body, reply.trouble], [0, "", "redirect"]);
  assert.ok(reply.response);
  // Node shows what a browser hides.
  const shown = await exchangeWith({}, true).read(new Response("x", { status: 302, headers: { Location: "/login" } }));
  assert.deepEqual([shown.status, shown.trouble], [302, "redirect"]);
  assert.equal((await exchangeWith({}, true).read(new Response(null, { status: 304 }))).trouble, undefined);
});

test("the body of a request follows no redirect, whatever its status (SEC-26)", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(Number(request.url?.slice(1)), { Location: "/login" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    for (const status of [301, 302, 303, 307, 308]) {
      const { signal } = new AbortController();
      const load: Load = { fields: undefined, own: { refresh_token: "R" }, access: undefined, cookies: false, keepalive: false, signal };
      const url = `http://127.0.0.1:${String(port)}/${String(status)}`;
      assert.equal((await exchangeWith({ refresh: { url } }, true).send("refresh", load)).trouble, "redirect");
    }
    assert.deepEqual(asked, ["/301", "/302", "/303", "/307", "/308"]);
  } finally {
    server.close();
  }
});

test("a request that cannot be written is never sent, and says so", async () => {
  Object.defineProperty(globalThis, "document", { value: { cookie: "Csrf=\u4f60" }, configurable: true });
  const { signal } = new AbortController();
  const load: Load = { fields: undefined, own: {}, access: undefined, cookies: false, keepalive: false, signal };
  const exchange = exchangeWith({ signIn: { url: ADDRESS, csrf: { cookie: "Csrf", header: "X-Csrf" } } }, false);
  assert.deepEqual((await exchange.send("signIn", load)).trouble, "unsent");
});

test("an endpoint that is not there is no answer", async () => {
  const { signal } = new AbortController();
  const load: Load = { fields: undefined, own: {}, access: undefined, cookies: false, keepalive: false, signal };
  await assert.rejects(exchangeWith({}, false).send("signIn", load));
});
