import { IDBFactory } from "fake-indexeddb";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { createKeys } from "../src/oidc/keys.js";
import { AuthError } from "../src/error.js";
import type { FakeCore } from "./fake-core.js";
import { code, openOidc, proofOf, Server, type Opened } from "./oidc-page.js";
import { openPage, type FakePage } from "./page.js";

const API = "https://api.test";
const WANTS_NONCE = { "WWW-Authenticate": 'DPoP error="use_dpop_nonce", error_description="x"' };

let page: FakePage;
let server: Server;
let opened: Opened;
/** What the API answers, one after the other; the last one again and again. */
let answers: (() => Response)[];

beforeEach(async () => {
  Object.assign(globalThis, { indexedDB: new IDBFactory() });
  page = openPage("https://app.test/page");
  server = new Server();
  answers = [() => new Response("ok")];
  server.replies["/a"] = () => ((answers.length > 1 ? answers.shift() : answers[0]) as () => Response)();
  opened = await openBound();
});
afterEach(() => {
  opened.auth.close();
  page.close();
});

/** Signed in, with a key that another page has made. */
async function openBound(): Promise<Opened> {
  const key = await createKeys("hallpass:keys.default", 600, () => undefined).make();
  return openOidc(server, { dpop: true }, {}, (core: FakeCore) => {
    core.now = "token";
    core.key = key.name;
    core.allowed = (_protocol, host) => host !== "foreign.test";
  });
}

const proofs = (): ReturnType<typeof proofOf>[] => server.asked.map(({ headers }) => proofOf(headers.dpop));
const authorizations = (): (string | undefined)[] => server.asked.map(({ headers }) => headers.authorization);
const answer = (status: number, headers: Record<string, string> = {}) => () => new Response("", { status, headers });

test("OIDC-8: each request has the token and a proof of its own, for its method and its address", async () => {
  const { fetch } = opened.auth;
  assert.equal((await fetch(`${API}/a?q=1#f`)).status, 200);
  await fetch(`${API}/a`, { method: "post", body: "x", headers: { "X-A": "1", dpop: "mine" } });
  await fetch(new Request(`${API}/a`, { method: "DELETE", headers: { "X-B": "2" } }));
  assert.deepEqual(authorizations(), Array(3).fill("DPoP token"));
  const expected = ["GET", "POST", "DELETE"].map((method, jti) => ({ method, url: `${API}/a`, accessToken: "token", nonce: null, jti }));
  assert.deepEqual(proofs(), expected);
  assert.deepEqual([server.asked[1]?.headers["x-a"], server.asked[2]?.headers["x-b"]], ["1", "2"]);
  assert.match(server.asked[0]?.headers.dpop ?? "", /^[\w-]+\.[\w-]+\.[\w-]{86}$/);
});

test("OIDC-8: no proof and no token where the token may not go", async () => {
  const { auth } = opened;
  server.replies["/b"] = () => new Response("");
  await auth.fetch("https://foreign.test/b");
  assert.deepEqual([server.asked[0]?.headers.authorization, server.asked[0]?.headers.dpop], [undefined, undefined]);
  assert.equal(await auth.headers("https://foreign.test/b"), null);
  assert.equal(await auth.authorization("https://foreign.test/b"), null);
});

test("OIDC-8: a request with a proof follows no redirect, unless its caller looks at those itself", async () => {
  const { fetch } = opened.auth;
  const modes = (): unknown[] => server.asked.splice(0).map(({ init }) => init.redirect);
  await fetch(`${API}/a`);
  await fetch(`${API}/a`, { redirect: "follow" });
  await fetch(`${API}/a`, { redirect: "manual" });
  assert.deepEqual(modes(), ["error", "error", "manual"]);
  const requests: Request[] = [];
  const { auth } = await openOidc(Object.assign(new Server(), { fetch: (input: Request) => { requests.push(input); return Promise.resolve(new Response("")); } }), { dpop: true }, {}, (core) => {
    core.now = "token";
    core.key = opened.core.key;
  });
  await auth.fetch(new Request(`${API}/a`));
  await auth.fetch(new Request(`${API}/a`, { redirect: "manual" }));
  assert.deepEqual(requests.map(({ redirect }) => redirect), ["error", "manual"]);
  auth.close();
});

test("OIDC-8: a nonce is learnt from every answer, and sent to its origin alone", async () => {
  const { fetch } = opened.auth;
  answers = [answer(200, { "DPoP-Nonce": "n1" }), answer(200), answer(200, { "DPoP-Nonce": "n2" }), answer(200, { "DPoP-Nonce": "not one \"" }), answer(200)];
  for (let times = 0; times < 5; times++) await fetch(`${API}/a`);
  await fetch("https://other.test/a");
  assert.deepEqual(proofs().map(({ nonce }) => nonce), [null, "n1", "n1", "n2", "n2", null]);
});

test("OIDC-8: a 401 that wants another nonce is answered once, with the same body, and is no refresh", async () => {
  answers = [answer(401, { ...WANTS_NONCE, "DPoP-Nonce": "n1" }), answer(200)];
  const body = new Uint8Array([65, 66]);
  const sending = opened.auth.fetch(`${API}/a`, { method: "POST", body });
  body.fill(90);
  assert.equal((await sending).status, 200);
  assert.deepEqual(proofs().map(({ nonce, jti }) => [nonce, jti]), [[null, 0], ["n1", 1]]);
  assert.deepEqual(opened.core.recoveries, []);

  server.asked.length = 0;
  answers = [answer(401, { ...WANTS_NONCE, "DPoP-Nonce": "n2" }), answer(401, { ...WANTS_NONCE, "DPoP-Nonce": "n3" })];
  assert.equal((await opened.auth.fetch(`${API}/a`)).status, 401);
  assert.deepEqual([server.asked.length, opened.core.recoveries.length], [2, 0]);
});

test("OIDC-8: where the page may not see the nonce, or the body is gone, the 401 stands and is no refresh", async () => {
  answers = [answer(401, WANTS_NONCE)];
  assert.equal((await opened.auth.fetch(`${API}/a`)).status, 401);
  answers = [answer(401, { ...WANTS_NONCE, "DPoP-Nonce": "n1" })];
  const stream = new Blob(["x"]).stream();
  assert.equal((await opened.auth.fetch(`${API}/a`, { method: "POST", body: stream, duplex: "half" } as RequestInit)).status, 401);
  assert.deepEqual([server.asked.length, opened.core.recoveries.length], [2, 0]);
});

test("OIDC-8: a real 401 after that is still followed by a refresh and a replay, with a proof for the new token", async () => {
  opened.core.recovered = "better";
  answers = [answer(401, { ...WANTS_NONCE, "DPoP-Nonce": "n1" }), answer(401, { "WWW-Authenticate": 'DPoP error="invalid_token"' }), answer(200)];
  assert.equal((await opened.auth.fetch(`${API}/a`)).status, 200);
  assert.deepEqual(authorizations(), ["DPoP token", "DPoP token", "DPoP better"]);
  assert.deepEqual(proofs().map(({ accessToken, nonce, jti }) => [accessToken, nonce, jti]), [["token", null, 0], ["token", "n1", 1], ["better", "n1", 2]]);
  assert.equal(opened.core.recoveries.length, 1);
});

test("OIDC-8: a replay may be asked for another nonce, too; a second refusal of it stands", async () => {
  opened.core.recovered = "better";
  answers = [answer(401), answer(401, { ...WANTS_NONCE, "DPoP-Nonce": "n1" }), answer(401)];
  assert.equal((await opened.auth.fetch(`${API}/a`)).status, 401);
  assert.deepEqual(authorizations(), ["DPoP token", "DPoP better", "DPoP better"]);
  assert.equal(opened.core.recoveries.length, 1);
});

test("OIDC-8: auth.headers gives both; auth.authorization says that it is not enough", async () => {
  const { auth } = opened;
  const headers = await auth.headers(`${API}/x?y`, { method: "put" });
  assert.equal(headers?.Authorization, "DPoP token");
  assert.deepEqual(proofOf(headers.DPoP), { method: "PUT", url: `${API}/x`, accessToken: "token", nonce: null, jti: 0 });
  assert.equal(proofOf((await auth.headers("/x"))?.DPoP).method, "GET");
  await assert.rejects(auth.headers(`${API}/x`, { method: "a b" }), code("invalid_option"));
  await assert.rejects(auth.authorization(`${API}/x`), (error: unknown) => error instanceof AuthError && error.code === "invalid_option" && error.message.includes("headers(url, { method })"));
});

test("OIDC-8: tokens that are bound to no key travel as ever", async () => {
  opened.core.key = undefined;
  opened.core.now = "bearer";
  await opened.auth.fetch(`${API}/a`);
  assert.deepEqual(authorizations(), ["Bearer bearer"]);
  assert.deepEqual([server.asked[0]?.headers.dpop, server.asked[0]?.init.redirect], [undefined, undefined]);
  assert.deepEqual(await opened.auth.headers(`${API}/a`), { Authorization: "Bearer bearer" });
});

test("OIDC-8: a session whose key is lost: the core is told, requests go without the token, headers() says why", async () => {
  opened.core.key = "lost";
  opened.core.now = "other";
  await opened.auth.fetch(`${API}/a`);
  assert.deepEqual(authorizations(), [undefined]);
  await assert.rejects(opened.auth.headers(`${API}/a`), code("storage_unavailable"));
  assert.deepEqual(opened.core.calls.filter(([name]) => name === "keyLost"), [["keyLost", "lost"], ["keyLost", "lost"]]);
});

test("OIDC-8: given up while the proof is made: not sent", async () => {
  const controller = new AbortController();
  const sending = opened.auth.fetch(`${API}/a`, { signal: controller.signal });
  controller.abort();
  await assert.rejects(sending, { name: "AbortError" });
  assert.equal(server.asked.length, 0);
});

test("OIDC-8: without a provider nothing waits: the request is sent before fetch returns", async () => {
  const sent: unknown[] = [];
  const { openAuth } = await import("../src/auth.js");
  const { fakeLoader } = await import("./fake-core.js");
  const loader = fakeLoader((core) => { core.now = "token"; });
  const auth = openAuth({ fetch: (input: unknown) => { sent.push(input); return Promise.resolve(new Response("")); } }, loader);
  await new Promise((resolve) => setImmediate(resolve));
  void auth.fetch(`${API}/a`);
  assert.equal(sent.length, 1);
  auth.close();
});
