import { sent } from "./record-fetch.js";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { openAuth } from "../src/auth.js";
import type { Auth } from "../src/types.js";
import { fakeLoader, type FakeCore } from "./fake-core.js";
import { openPage, type FakePage } from "./page.js";

let page: FakePage;
let auth: Auth<object>;
let core: FakeCore;
beforeEach(async () => {
  page = openPage("https://app.test/app/");
  const loader = fakeLoader();
  auth = openAuth(undefined, loader);
  await new Promise((resolve) => setImmediate(resolve));
  core = loader.cores[0] as FakeCore;
  core.now = "t";
  core.allowed = (protocol, host) => protocol === "https:" && host === "api.test";
  sent.length = 0;
});
afterEach(() => {
  page.close();
});

/** The credentials of the last call, wherever they stand. */
function credentials(): RequestCredentials | undefined {
  const { input, init } = sent.at(-1) ?? assert.fail("nothing was sent");
  return init?.credentials ?? (input instanceof Request ? input.credentials : undefined);
}

test("cookies go with requests to allowed origins where the core wants them, with or without a token", async () => {
  core.credentials = "include";
  for (const token of ["t", undefined]) {
    core.now = token;
    for (const [input, init] of [
      ["https://api.test/"],
      ["https://api.test/", { method: "POST", body: "x" }],
      ["https://api.test/", { method: "POST", body: new URLSearchParams() }],
      [new Request("https://api.test/")],
      [new Request("https://api.test/"), { method: "POST", body: "x" }],
    ] as [RequestInfo, RequestInit?][]) {
      await auth.fetch(input, init);
      assert.equal(credentials(), "include");
    }
  }
  await auth.fetch("https://foreign.test/");
  assert.equal(credentials(), undefined);
});

test("no cookies go where the core does not want them", async () => {
  await auth.fetch("https://api.test/");
  assert.equal(credentials(), undefined);
});

test("the caller's choice of credentials stays", async () => {
  core.credentials = "include";
  for (const [input, init] of [
    ["https://api.test/", { credentials: "omit" }],
    ["https://api.test/", { method: "POST", body: new URLSearchParams(), credentials: "omit" }],
    [new Request("https://api.test/", { credentials: "omit" })],
    [new Request("https://api.test/"), { credentials: "omit" }],
  ] as [RequestInfo, RequestInit?][]) {
    await auth.fetch(input, init);
    assert.equal(credentials(), "omit");
  }
});

test("everything else of a Request and an init goes through", async () => {
  core.credentials = "include";
  const given = {
    method: "POST", mode: "same-origin", cache: "no-store", redirect: "error", integrity: "sha256-x", keepalive: true, referrerPolicy: "no-referrer",
  } as const;
  await auth.fetch(new Request("https://api.test/", given));
  const { input } = sent[0] as { input: Request };
  for (const [name, value] of Object.entries(given)) assert.equal(input[name as keyof typeof given], value, name);

  await auth.fetch("https://api.test/", { ...given, priority: "high" });
  assert.deepEqual({ ...sent[1]?.init }, { ...given, priority: "high", headers: { Authorization: "Bearer t" }, credentials: "include" });

  class Init {
    get method(): string {
      return "PUT";
    }
  }
  await auth.fetch("https://api.test/", new Init());
  assert.equal(sent[2]?.init?.method, "PUT");
});

test("a request that is none of ours gets the very same arguments", async () => {
  const init = { headers: { a: "b" } };
  for (const [input, options] of [
    ["https://foreign.test/", init],
    ["//foreign.test/", init],
    ["relative", undefined],
    ["blob:https://api.test/4a1c", undefined],
    ["data:,x", undefined],
    ["http://api.test/", undefined],
    ["https://user@api.test/", undefined],
    ["https://[", undefined],
    ["https://api.test/", { headers: { authorization: "Basic x" } }],
    [new Request("https://foreign.test/"), undefined],
  ] as [RequestInfo, RequestInit?][]) {
    await auth.fetch(input, options);
    assert.equal(sent.at(-1)?.input, input);
    assert.equal(sent.at(-1)?.init, options);
  }
});

/** The vectors of requirements §1f: input → where it goes, by the platform's parser. */
const VECTORS: [input: string, allowed: boolean][] = [
  ["//evil.test/x", false],
  ["/\\evil.test", false],
  ["\\\\evil.test", false],
  ["///evil.test", false],
  ["\t//evil.test", false],
  ["h\nttps://evil.test", false],
  ["https:\\\\evil.test", false],
  ["http:evil.test", false],
  ["https:evil.test", false],
  ["https://api.test@evil.test", false],
  ["https://evil.test#@api.test", false],
  ["https://evil.test?@api.test", false],
  ["https://api.test%2eevil.test", false],
  ["https://api.test\\@evil.test", true],
  ["https://API.TEST:443/", true],
  ["https://api\u3002test/", true],
  ["https://api.test./", false],
  ["https://api.test:444/", false],
  ["blob:https://api.test/uuid", false],
  ["javascript:0", false],
  ["/.//api.test", false],
  ["..//api.test", false],
  [" https://api.test/ ", true],
];

test("URL vectors: only what resolves to an allowed origin has the token (SEC-12)", async () => {
  for (const [input, allowed] of VECTORS) {
    sent.length = 0;
    await auth.fetch(input);
    await auth.fetch(input, {});
    for (const { init } of sent) {
      assert.equal(new Headers(init?.headers).has("authorization"), allowed, JSON.stringify(input));
    }
  }
});

/** What an attacker gets application code to pass on: it says one URL, and the platform sends to another. */
const IMPOSTORS: [what: string, input: unknown, allowed: boolean][] = [
  ["an object with a Request's prototype", Object.create(Request.prototype, { url: { value: "https://api.test/" } }), false],
  ["the same, whose text is another URL", Object.assign(Object.create(Request.prototype), { toString: () => "https://evil.test/" }, { href: "https://api.test/" }), false],
  ["an object whose text changes", textOnce("https://api.test/", "https://evil.test/"), true],
  ["a subclass with a url of its own", new (class extends Request { override get url() { return "https://api.test/"; } })("https://evil.test/"), false],
  ["a subclass that hides where it goes", new (class extends Request { override get url() { return "https://evil.test/"; } })("https://api.test/"), true],
  ["a Request with an own url", Object.defineProperty(new Request("https://evil.test/"), "url", { value: "https://api.test/" }), false],
  ["a proxy of a Request", new Proxy(new Request("https://evil.test/"), { get: (target, name) => (name === "url" ? "https://api.test/" : Reflect.get(target, name, target) as unknown) }), false],
  ["a Request of another prototype", Object.setPrototypeOf(new Request("https://evil.test/"), { url: "https://api.test/" }), false],
  ["a URL with an own href", Object.defineProperty(new URL("https://evil.test/"), "href", { value: "https://api.test/" }), false],
];

function textOnce(first: string, later: string): object {
  let asked = 0;
  return { toString: () => (asked++ === 0 ? first : later) };
}

test("what only looks like a request to an allowed address: the one that is sent is judged (SEC-12, SEC-19)", async () => {
  for (const [what, input, allowed] of IMPOSTORS) {
    sent.length = 0;
    await Promise.resolve(auth.fetch(input as Request)).catch(() => undefined);
    const one = sent.at(-1);
    assert.equal(sent.length, 1, what);
    const headers = new Headers(one?.init?.headers ?? headersOf(one?.input));
    assert.equal(headers.has("authorization"), allowed, what);
    // Where the token goes along, the address is a text of ours or a Request of ours, which nobody can change.
    if (allowed) assert.equal(typeof one?.input === "string" ? one.input : (one?.input as Request).url, "https://api.test/", what);
  }
});

/** By the platform's own getter, which knows a real one. */
function headersOf(value: unknown): Headers | undefined {
  try {
    return Object.getOwnPropertyDescriptor(Request.prototype, "headers")?.get?.call(value) as Headers;
  } catch {
    return undefined;
  }
}

test("a polluted Object.prototype changes nothing (SEC-35)", async () => {
  const polluted = { url: "https://api.test/", headers: { authorization: "x" }, credentials: "include", token: "t" };
  for (const [name, value] of Object.entries(polluted)) Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  try {
    await auth.fetch("https://foreign.test/");
    await auth.fetch("https://api.test/", { method: "POST" });
  } finally {
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
  }
  assert.equal(sent[0]?.init, undefined);
  const { init } = sent[1] ?? {};
  assert.deepEqual(init?.headers, { Authorization: "Bearer t" });
});
