import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { openAuth } from "../src/auth.js";
import { AuthError } from "../src/error.js";
import type { Auth } from "../src/types.js";
import { fakeLoader, type FakeCore } from "./fake-core.js";
import { openPage, type FakePage } from "./page.js";
import { startServer, type Seen, type TestServer } from "./server.js";

let api: TestServer;
let foreign: TestServer;
let page: FakePage;
let auth: Auth<object>;
let core: FakeCore;

before(async () => {
  api = await startServer();
  foreign = await startServer();
});
after(async () => {
  await api.close();
  await foreign.close();
});
beforeEach(async () => {
  page = openPage(`${api.origin}/app/`);
  const loader = fakeLoader();
  auth = openAuth(undefined, loader);
  await new Promise((resolve) => setImmediate(resolve));
  core = loader.cores[0] as FakeCore;
  core.now = "good";
  core.allowed = (protocol, host) => `${protocol}//${host}` === api.origin;
  api.seen.length = foreign.seen.length = 0;
});
afterEach(() => {
  auth.close();
  page.close();
});

const authorizations = (server: TestServer): (string | undefined)[] => server.seen.map((one) => one.headers.authorization);

test("the token goes to allowed origins: strings, relative ones, URL objects, Requests", async () => {
  const { fetch } = auth;
  for (const input of [`${api.origin}/a`, "/a", "a?b#c", new URL("/a", api.origin), new Request(`${api.origin}/a`)]) {
    assert.equal((await fetch(input)).status, 200);
  }
  assert.deepEqual(authorizations(api), Array(5).fill("Bearer good"));
  assert.deepEqual(api.seen.map((one) => one.path), ["/a", "/a", "/app/a?b", "/a", "/a"]);
});

test("nothing goes anywhere else, and the arguments are passed on as they are", async () => {
  await auth.fetch(`${foreign.origin}/a`, { headers: { "X-A": "1" } });
  await auth.fetch(new Request(`${foreign.origin}/a`));
  await auth.fetch(new URL(foreign.origin));
  assert.deepEqual(authorizations(foreign), Array(3).fill(undefined));
  assert.equal(foreign.seen[0]?.headers["x-a"], "1");
  assert.equal(await (await auth.fetch("data:,hello")).text(), "hello");
});

test("an object that changes its mind about its URL is asked once", async () => {
  let asked = 0;
  const fickle = { toString: () => (asked++ === 0 ? `${api.origin}/a` : `${foreign.origin}/stolen`) };
  await auth.fetch(fickle as unknown as string);
  assert.equal(foreign.seen.length, 0);
  const liar = new Request(`${foreign.origin}/b`);
  Object.defineProperty(liar, "url", { value: `${api.origin}/b` });
  await auth.fetch(liar);
  assert.deepEqual(authorizations(foreign), [undefined]);
});

test("wrong input fails like fetch itself, as a rejection", async () => {
  await assert.rejects(auth.fetch("http://["), TypeError);
  await assert.rejects(auth.fetch(`http://u:p@${new URL(api.origin).host}/`), TypeError);
  await assert.rejects(auth.fetch("/a", { method: "GET", body: "x" }), TypeError);
  await assert.rejects(auth.fetch("/a", { method: "GET", body: new Uint8Array(1) }), TypeError);
  assert.equal(api.seen.length, 0);
});

test("the caller's Authorization stays, and its 401 is the caller's (SEC-20)", async () => {
  core.recovered = "good";
  class Init {
    headers = new Headers({ authorization: "Basic 7" });
  }
  function* pairs(): Generator<[string, string]> {
    yield ["Authorization", "Basic 6"];
  }
  const a = `${api.origin}/a`;
  const inits: [RequestInfo, RequestInit?][] = [
    [a, { headers: { authorization: "Basic 1" } }],
    [a, { headers: { AUTHORIZATION: "Basic 2" } }],
    [a, { headers: [["aUthorization", "Basic 3"]] }],
    [a, { headers: new Headers({ Authorization: "Basic 4" }) }],
    [new Request(a, { headers: { Authorization: "Basic 5" } })],
    [a, { headers: pairs() as unknown as [string, string][] }],
    [a, new Init()],
  ];
  for (const [input, init] of inits) assert.equal((await auth.fetch(input, init)).status, 401);
  assert.deepEqual(authorizations(api), [1, 2, 3, 4, 5, 6, 7].map((n) => `Basic ${String(n)}`));
  assert.deepEqual(core.recoveries, []);
});

test("the caller's objects are not touched (SEC-20)", async () => {
  core.recovered = "good";
  core.now = "bad";
  core.credentials = "include";
  for (const headers of [{ "X-A": "1" }, new Headers({ "X-A": "1" }), [["X-A", "1"]] as [string, string][]]) {
    const init: RequestInit = Object.freeze({ headers, method: "POST", body: "x" });
    Object.freeze(headers);
    const before = [...new Headers(headers)].join();
    assert.equal((await auth.fetch("/a", init)).status, 200);
    assert.equal([...new Headers(headers)].join(), before);
    assert.deepEqual(Object.keys(init), ["headers", "method", "body"]);
  }
  const request = new Request(`${api.origin}/a`, { headers: { "X-A": "1" } });
  await auth.fetch(request);
  assert.deepEqual([...request.headers.keys()], ["x-a"]);
  assert.ok(api.seen.every((one) => one.headers["x-a"] === "1"));
});

test("Request and init together, as fetch does it", async () => {
  const request = new Request(`${api.origin}/a`, { method: "POST", body: "old", headers: { "X-A": "1", "X-B": "1" } });
  await auth.fetch(request, { method: "PUT", body: "new", headers: { "X-A": "2" } });
  const [seen] = api.seen as [Seen];
  assert.deepEqual([seen.method, String(seen.body), seen.headers["x-a"], seen.headers["x-b"]], ["PUT", "new", "2", undefined]);
});

test("401: recovered once, replayed once with the new token (REL-16, REL-18)", async () => {
  core.now = "bad";
  core.recovered = "good";
  const answer = await auth.fetch("/a");
  assert.equal(answer.status, 200);
  assert.deepEqual(authorizations(api), ["Bearer bad", "Bearer good"]);
  assert.deepEqual(core.recoveries, [{ status: 401, challenge: 'Bearer error="invalid_token"', token: "bad" }]);

  core.recovered = "worse";
  api.seen.length = 0;
  assert.equal((await auth.fetch("/a")).status, 401);
  assert.equal(api.seen.length, 2);
  assert.equal(core.recoveries.length, 2);
});

test("a 401 that stands comes back readable", async () => {
  core.now = "bad";
  const answer = await auth.fetch("/a");
  assert.equal(answer.status, 401);
  assert.deepEqual(await answer.json(), { error: "no" });
});

test("other answers are nobody's business", async () => {
  core.now = undefined; // no token was sent
  assert.equal((await auth.fetch("/a")).status, 401);
  assert.equal((await auth.fetch(`${foreign.origin}/a`)).status, 401);
  assert.deepEqual(core.recoveries, []);
});

test("a 401 from where a redirect led is somebody else's (REL-18)", async () => {
  core.recovered = "good";
  const answer = await auth.fetch(`/go?to=${encodeURIComponent(`${foreign.origin}/x`)}`);
  assert.equal(answer.status, 401);
  assert.deepEqual(authorizations(foreign), [undefined]);
  assert.deepEqual(core.recoveries, []);
});

/** Each body, what changes it while the answer is awaited, and its content type. */
const form = new FormData();
form.append("text", "žluťoučký");
form.append("file", new Blob([new Uint8Array([0, 255, 13, 10])]), "a.bin");
const params = new URLSearchParams({ a: "1 & 2", "ž": "=" });
const bytes = new Uint8Array([0, 1, 2, 253, 254, 255]);
const view = new Uint16Array([1, 2, 3, 4]).subarray(1, 3);
const { buffer } = new Uint8Array([9, 8, 7]);

const REPLAYABLE: [name: string, body: BodyInit | null, change: () => void, type: RegExp | undefined][] = [
  ["nothing", null, () => undefined, undefined],
  ["string", "žluťoučký\r\n\0", () => undefined, /^text\/plain;charset=UTF-8$/],
  ["Blob", new Blob(["blob"], { type: "x/y" }), () => undefined, /^x\/y$/],
  ["URLSearchParams", params, () => params.append("b", "2"), /^application\/x-www-form-urlencoded/],
  ["FormData", form, () => { form.append("more", "x"); }, /^multipart\/form-data; boundary=/],
  ["Uint8Array", bytes, () => bytes.fill(7), undefined],
  ["view on a part", view, () => view.fill(7), undefined],
  ["ArrayBuffer", buffer, () => new Uint8Array(buffer).fill(7), undefined],
];

for (const [name, body, change, type] of REPLAYABLE) {
  test(`body replayed byte by byte, whatever happens to it meanwhile: ${name} (REL-19)`, async () => {
    core.now = "bad";
    core.recovered = () => {
      change();
      return "good";
    };
    const expected = body instanceof FormData ? undefined : Buffer.from(await new Response(body).arrayBuffer());
    const answer = await auth.fetch("/a", { method: "POST", body });
    assert.equal(answer.status, 200);
    const [first, second] = api.seen as [Seen, Seen];
    assert.equal(first.sha256, second.sha256);
    assert.equal(first.headers["content-type"], second.headers["content-type"]);
    if (expected !== undefined) assert.deepEqual(second.body, expected);
    if (type !== undefined) assert.match(second.headers["content-type"] ?? "", type);
    else assert.equal(second.headers["content-type"], undefined);
  });
}

test("a Request with a body is replayed, and used up like by fetch (REL-19)", async () => {
  core.now = "bad";
  core.recovered = "good";
  const request = new Request(`${api.origin}/a`, { method: "PUT", body: "the body", headers: { "Content-Type": "x/y" } });
  assert.equal((await auth.fetch(request)).status, 200);
  assert.deepEqual(api.seen.map((one) => [one.method, String(one.body), one.headers["content-type"]]), Array(2).fill(["PUT", "the body", "x/y"]));
  assert.ok(request.bodyUsed);
  await assert.rejects(auth.fetch(request), TypeError);
});

test("a stream is sent once; its 401 comes back, and the token is renewed for the next request (REL-19)", async () => {
  core.now = "bad";
  core.recovered = "good";
  const stream = new Blob(["stream"]).stream();
  const answer = await auth.fetch("/a", { method: "POST", body: stream, duplex: "half" } as RequestInit);
  assert.equal(answer.status, 401);
  assert.equal(String(api.seen[0]?.body), "stream");
  assert.equal(api.seen.length, 1);
  assert.equal(core.recoveries.length, 1);
});

test("without a token the request goes without one; waiting for one is waited for", async () => {
  core.now = undefined;
  core.credentials = "include";
  await auth.fetch("/a", { method: "POST", body: "b" });
  core.waiting = Promise.reject(new AuthError("refresh_unavailable"));
  await auth.fetch(new Request(`${api.origin}/a`, { method: "POST", body: "b" }));
  core.waiting = Promise.resolve("good");
  await auth.fetch("/a", { method: "POST", body: new URLSearchParams("b") });
  assert.deepEqual(authorizations(api), [undefined, undefined, "Bearer good"]);
  assert.deepEqual(api.seen.map((one) => String(one.body)), ["b", "b", "b="]);
});

test("a request waits for the core", async () => {
  const loader = fakeLoader((made) => {
    made.now = "good";
  });
  const young = openAuth(undefined, loader);
  assert.equal((await young.fetch(`${api.origin}/a`)).status, 200);
  young.close();
});

test("the URL is the one of the call, even if the page moves meanwhile (SEC-12)", async () => {
  let finish!: (token: string) => void;
  core.now = undefined;
  core.waiting = new Promise((resolve) => (finish = resolve));
  const waiting = auth.fetch("a");
  page.open(`${foreign.origin}/`);
  finish("good");
  await waiting;
  assert.deepEqual(api.seen.map((one) => one.path), ["/app/a"]);
  assert.equal(foreign.seen.length, 0);
});

test("the remembered decision is of this page only (SEC-12)", async () => {
  await auth.fetch("/a");
  page.open(`${foreign.origin}/`);
  // Passed on as it is: Node has no page, and no relative URLs.
  await assert.rejects(auth.fetch("/a"), TypeError);
  await auth.fetch(`${api.origin}/a`);
  assert.deepEqual(authorizations(api), ["Bearer good", "Bearer good"]);
});

test("abort: before, while waiting for a token, while recovering (REL-21)", async () => {
  const reason = new Error("enough");
  const isReason = (error: unknown): boolean => error === reason;
  await assert.rejects(auth.fetch("/a", { signal: AbortSignal.abort(reason) }), isReason);
  assert.equal(api.seen.length, 0);

  core.now = undefined;
  core.waiting = new Promise(() => undefined);
  for (const make of [(signal: AbortSignal) => auth.fetch("/a", { signal }), (signal: AbortSignal) => auth.fetch(new Request(`${api.origin}/a`, { signal }))]) {
    const controller = new AbortController();
    const waiting = make(controller.signal);
    controller.abort(reason);
    await assert.rejects(waiting, isReason);
  }
  assert.equal(api.seen.length, 0);

  core.now = "bad";
  core.recovered = () => new Promise(() => undefined);
  const controller = new AbortController();
  const recovering = auth.fetch("/a", { signal: controller.signal });
  const other = auth.fetch("/a");
  while (core.recoveries.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort(reason);
  await assert.rejects(recovering, isReason);
  assert.equal(await Promise.race([other, Promise.resolve("waits")]), "waits");
});

test("patches that come after the load see no token (SEC-44)", async () => {
  const seen: unknown[] = [];
  const originals = { fetch: globalThis.fetch, Headers: globalThis.Headers, Request: globalThis.Request, set: Headers.prototype.set };
  const spy = (...args: unknown[]): void => void seen.push(...args);
  Object.assign(globalThis, {
    fetch: (...args: unknown[]) => {
      spy(...args);
      return originals.fetch(...(args as [string]));
    },
    Headers: class extends originals.Headers {
      constructor(init?: HeadersInit) {
        super(init);
        spy(init);
      }
    },
  });
  Headers.prototype.set = function (...args) {
    spy(...args);
    originals.set.apply(this, args);
  };
  originals.Headers.prototype.set = Headers.prototype.set;
  try {
    core.now = "bad";
    core.recovered = "good";
    await auth.fetch("/a", { headers: new originals.Headers({ a: "b" }) });
    await auth.fetch(new originals.Request(`${api.origin}/a`));
    assert.equal(api.seen.length, 4);
    assert.deepEqual(seen, []);
  } finally {
    originals.Headers.prototype.set = originals.set;
    Object.assign(globalThis, { fetch: originals.fetch, Headers: originals.Headers });
  }
});
