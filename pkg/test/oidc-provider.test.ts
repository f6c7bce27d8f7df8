import { IDBFactory } from "fake-indexeddb";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { CoreProvider, ProviderFunctions } from "../src/core/contract.js";
import { AuthError } from "../src/error.js";
import { signedIn, type FakeCore } from "./fake-core.js";
import { code, ISSUER, METADATA, openOidc, proofOf, Server, until, type Opened } from "./oidc-page.js";
import { openPage, type FakePage } from "./page.js";

const WELL_KNOWN = "/.well-known/openid-configuration";
const reported: unknown[] = [];
Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

const left = (times = 1): Promise<void> => until(() => page.left.length >= times);

let page: FakePage;
let server: Server;
const auths: Opened["auth"][] = [];
beforeEach(() => {
  Object.assign(globalThis, { indexedDB: new IDBFactory() });
  page = openPage("https://app.test/page?q=1");
  Object.assign(globalThis.sessionStorage, { setItem: (key: string, value: string) => page.store.set(key, value), removeItem: (key: string) => page.store.delete(key) });
  server = new Server();
  reported.length = 0;
});
afterEach(() => {
  for (const auth of auths.splice(0)) auth.close();
  page.close();
});

async function open(...args: Parameters<typeof openOidc> extends [unknown, ...infer Rest] ? Rest : never): Promise<Opened> {
  const opened = await openOidc(server, ...args);
  auths.push(opened.auth);
  return opened;
}

const functionsOf = (core: FakeCore): ProviderFunctions => core.host.provider as ProviderFunctions;
const { signal } = new AbortController();
const calls = (core: FakeCore, name: string): unknown[][] => core.calls.filter(([called]) => called === name);
const form = ({ init }: { init: RequestInit }): unknown => [init.method, init.body, (init.headers as Record<string, string>)["Content-Type"], init.redirect, init.credentials];

// ── metadata ──

test("OIDC-1: nothing is fetched before it is needed; then once for all callers, and kept", async () => {
  const { core, auth } = await open();
  await settled();
  assert.deepEqual(server.asked, []);
  server.replies["/token"] = () => Response.json({});
  await Promise.all([functionsOf(core).token("a=1", null, signal), functionsOf(core).token("a=2", null, signal)]);
  assert.deepEqual(server.paths(), [WELL_KNOWN, "/token", "/token"]);
  auth.close();

  // Another page of the tab, within the day.
  const other = await open();
  await functionsOf(other.core).token("a=3", null, signal);
  assert.deepEqual(server.paths().slice(3), ["/token"]);
});

test("OIDC-1: what is kept is judged like what comes; old, damaged or another's is fetched again", async () => {
  const key = "hallpass:provider.default";
  const { core } = await open();
  server.replies["/token"] = () => Response.json({});
  await functionsOf(core).token("", null, signal);
  const kept = JSON.parse(page.store.get(key) ?? "") as { at: number; over: string; document: string };
  const rows: unknown[] = [
    { ...kept, at: kept.at - 86_400_001 },
    { ...kept, at: kept.at + 60_000 },
    { ...kept, document: kept.document.replace("issuer", "mismatch") },
    { ...kept, over: '{"token_endpoint":"x"}' },
    { ...kept, document: 1 },
    null,
    [],
  ];
  for (const row of [...rows.map((value) => JSON.stringify(value)), "{", ""]) {
    page.store.set(key, row);
    server.asked.length = 0;
    const { core } = await open();
    await functionsOf(core).token("", null, signal);
    assert.deepEqual(server.paths(), [WELL_KNOWN, "/token"], row);
  }
});

test("OIDC-1: with storage memory nothing is kept; a store of the application's gets it", async () => {
  server.replies["/token"] = () => Response.json({});
  const first = await open({}, { storage: "memory" });
  await functionsOf(first.core).token("", null, signal);
  assert.equal(page.store.size, 0);
  const own = new Map<string, string>();
  const storage = { get: (key: string) => Promise.resolve(own.get(key) ?? null), set: (key: string, value: string) => void own.set(key, value), remove: (key: string) => void own.delete(key) };
  for (const count of [3, 4]) {
    const { core } = await open({}, { storage });
    await functionsOf(core).token("", null, signal);
    assert.deepEqual([[...own.keys()], server.asked.length - 1], [["hallpass:provider.default"], count]);
  }
});

test("OIDC-1: on 404 RFC 8414's form; below a path each has its own", async () => {
  server.replies = { "/.well-known/oauth-authorization-server/realms/mine": () => Response.json({ ...METADATA, issuer: `${ISSUER}/realms/mine` }), "/token": () => Response.json({}) };
  const { core } = await open({ issuer: `${ISSUER}/realms/mine/` });
  await functionsOf(core).token("", null, signal);
  assert.deepEqual(server.paths(), [`/realms/mine${WELL_KNOWN}`, "/.well-known/oauth-authorization-server/realms/mine", "/token"]);
});

test("OIDC-1: trouble is provider_unavailable, and the next call tries again; a mismatch is told", async () => {
  const { core } = await open();
  server.replies["/token"] = () => Response.json({});
  const failing: [() => Response, number | undefined][] = [
    [() => new Response("", { status: 503 }), 503],
    [() => new Response("", { status: 404 }), 404],
    [() => new Response("<html>"), 200],
    [() => Response.json(null), 200],
    [() => { throw new TypeError("offline"); }, undefined],
  ];
  for (const [reply, status] of failing) {
    server.replies[WELL_KNOWN] = reply;
    await assert.rejects(functionsOf(core).token("", null, signal), (error: unknown) => {
      assert.ok(error instanceof AuthError);
      assert.deepEqual([error.code, error.retryable, error.status], ["provider_unavailable", true, status]);
      return true;
    });
  }
  server.replies[WELL_KNOWN] = () => Response.json({ ...METADATA, issuer: "https://mismatch.test" });
  await assert.rejects(functionsOf(core).token("", null, signal), code("provider_mismatch"));
  server.replies[WELL_KNOWN] = () => Response.json(METADATA);
  assert.equal((await functionsOf(core).token("", null, signal)).status, 200);
});

test("OIDC-1: metadata given whole: no discovery; in part: over what discovery gives", async () => {
  server.replies["/other"] = () => Response.json({});
  const whole = await open({ metadata: { authorization_endpoint: `${ISSUER}/a`, token_endpoint: `${ISSUER}/other` } });
  await functionsOf(whole.core).token("", null, signal);
  assert.deepEqual(server.paths(), ["/other"]);
  assert.deepEqual(calls(whole.core, "providerMetadata")[0]?.[1], { issuer: ISSUER, authorization_endpoint: `${ISSUER}/a`, token_endpoint: `${ISSUER}/other` });
  const part = await open({ metadata: { token_endpoint: `${ISSUER}/other` } });
  await functionsOf(part.core).token("", null, signal);
  assert.deepEqual(server.paths(), ["/other", WELL_KNOWN, "/other"]);
});

// ── sign-in by redirect ──

test("OIDC-2: signInRedirect leaves for where the core says", async () => {
  const { auth, core } = await open();
  void auth.signInRedirect({ returnTo: "/inbox", params: { prompt: "login" } });
  await left();
  assert.deepEqual(page.left, ["assign https://id.test/authorize?state=state-0"]);
  const [[, request] = []] = calls(core, "authorize");
  assert.deepEqual(request, {
    metadata: JSON.stringify(METADATA), page: "https://app.test/page?q=1", returnTo: "/inbox", params: Object.assign(Object.create(null) as object, { prompt: "login" }),
    keyName: null, keyThumbprint: null, isPopup: false,
  });
  await assert.rejects(auth.signInRedirect({ returnTo: 1 as never }), code("invalid_option"));
});

test("OIDC-2: a request that has to be pushed is pushed first; what is wrong with it is told, and the page stays", async () => {
  const { auth } = await open({}, {}, (core) => { core.order = { pushed: "client_id=spa", url: `${ISSUER}/authorize` }; });
  server.replies["/par"] = () => { throw new TypeError("offline"); };
  await assert.rejects(auth.signInRedirect(), code("sign_in_unavailable"));
  server.replies["/par"] = () => Response.json({ error: "invalid_request" }, { status: 400 });
  await assert.rejects(auth.signInRedirect(), code("sign_in_rejected"));
  assert.deepEqual(page.left, []);
  server.replies["/par"] = () => Response.json({}, { status: 201 });
  void auth.signInRedirect();
  await left();
  assert.deepEqual(page.left, ["assign https://id.test/authorize?request_uri=urn:1"]);
  assert.deepEqual(server.asked.slice(-1).map(form), [["POST", "client_id=spa", "application/x-www-form-urlencoded", "manual", "omit"]]);
});

test("OIDC-8: with DPoP a key is made for the request, and kept when the session stands", async () => {
  const { auth, core } = await open({ dpop: true });
  void auth.signInRedirect();
  await left();
  const [[, request] = []] = calls(core, "authorize") as [string, { keyName: string; keyThumbprint: string }][];
  assert.match(request?.keyName ?? "", /^[\w-]{22}$/);
  assert.match(request?.keyThumbprint ?? "", /^thumbprint of [\w-]{43}\.[\w-]{43}$/);
  assert.deepEqual(calls(core, "keyInMemory"), []);
  Object.assign(globalThis, { indexedDB: undefined });
  const other = await open({ dpop: true });
  void other.auth.signInRedirect();
  await left(2);
  assert.deepEqual(calls(other.core, "keyInMemory"), [["keyInMemory"]]);
});

test("with a provider signIn is refused; without one signInPopup is", async () => {
  const { auth } = await open();
  await assert.rejects(auth.signIn({ username: "ada" }), code("invalid_option"));
  const { openAuth } = await import("../src/auth.js");
  const { fakeLoader } = await import("./fake-core.js");
  const plain = openAuth(undefined, fakeLoader());
  await assert.rejects(plain.signInPopup(), code("invalid_option"));
  plain.close();
  await assert.rejects(plain.signInPopup(), code("closed"));
});

test("OIDC-3: a callback: clean at once, given to the core raw, twice the same answer", async () => {
  page.open("https://app.test/page?tab=1&code=c&state=s#/r");
  page.store.set("hallpass:pending.default", "{}");
  const { auth, core } = await open({}, {}, (core) => { core.callbacks.set("code=c&state=s", { returnTo: "/inbox", reload: false }); });
  const finished = [auth.completeRedirect(), auth.completeRedirect()];
  assert.equal(page.url, "https://app.test/page?tab=1#/r");
  for (const result of await Promise.all(finished)) assert.equal(result?.returnTo, "/inbox");
  assert.deepEqual(core.asked, ["code=c&state=s"]);
});

test("OIDC-3: a callback that nothing here asked for: clean at once, and the core says what it is", async () => {
  page.open("https://app.test/page?code=c&state=s");
  const { auth } = await open({}, {}, (core) => { core.callbacks.set("code=c&state=s", new AuthError("callback_unsolicited")); });
  const finished = auth.completeRedirect();
  assert.equal(page.url, "https://app.test/page");
  await assert.rejects(finished, code("callback_unsolicited"));
});

test("ready is a new promise while a code is exchanged", async () => {
  const { auth, core } = await open();
  core.becomes({ status: "signed-out", reason: "never-signed-in" }, { type: "signed-out", reason: "never-signed-in" });
  const before = auth.ready;
  assert.equal((await before).status, "signed-out");
  core.becomes({ status: "loading" }, null);
  const { ready } = auth;
  assert.notEqual(ready, before);
  const session = signedIn();
  core.becomes(session, { type: "signed-in" });
  assert.equal(await ready, session);
  assert.equal(auth.ready, ready);
});

// ── what the core calls ──

test("OIDC-7: the token endpoint gets the form as it is, by no cookie and over no redirect", async () => {
  const { core } = await open();
  server.replies["/token"] = () => Response.json({ access_token: "t" });
  assert.deepEqual(await (await functionsOf(core).token("grant_type=x", null, signal)).json(), { access_token: "t" });
  assert.deepEqual(server.asked.slice(1).map(form), [["POST", "grant_type=x", "application/x-www-form-urlencoded", "manual", "omit"]]);
  assert.equal(server.asked[1]?.headers.dpop, undefined);
});

async function openBound(): Promise<Opened & { key: string }> {
  const opened = await open({ dpop: true, userInfo: true });
  void opened.auth.signInRedirect();
  await left();
  server.asked.length = 0;
  const [[, request] = []] = calls(opened.core, "authorize") as [string, { keyName: string }][];
  return { ...opened, key: request?.keyName ?? "" };
}

test("OIDC-8: use_dpop_nonce of the token endpoint is answered once more with the nonce, in a new proof", async () => {
  const { core, key } = await openBound();
  const refuse = (nonce: string) => () => Response.json({ error: "use_dpop_nonce" }, { status: 400, headers: { "DPoP-Nonce": nonce } });
  const replies = [refuse("n1"), () => Response.json({ access_token: "t" })];
  server.replies["/token"] = () => (replies.shift() as () => Response)();
  const answer = await functionsOf(core).token("code=c", key, signal);
  assert.deepEqual(await answer.json(), { access_token: "t" });
  const proofs = server.asked.map(({ headers }) => proofOf(headers.dpop));
  assert.deepEqual(proofs.map(({ method, url, nonce, accessToken, jti }) => [method, url, nonce, accessToken, jti]), [["POST", `${ISSUER}/token`, null, null, 0], ["POST", `${ISSUER}/token`, "n1", null, 1]]);
  assert.deepEqual(server.asked.map(({ init }) => init.body), ["code=c", "code=c"]);

  replies.push(refuse("n2"), refuse("n3"));
  server.asked.length = 0;
  assert.deepEqual(await (await functionsOf(core).token("code=c", key, signal)).json(), { error: "use_dpop_nonce" });
  assert.equal(server.asked.length, 2);
});

test("OIDC-8: another refusal, or one without a nonce, is not sent again; its body is there to be read", async () => {
  const { core, key } = await openBound();
  for (const [body, headers] of [[{ error: "invalid_grant" }, { "DPoP-Nonce": "n" }], [{ error: "use_dpop_nonce" }, undefined]] as const) {
    server.asked.length = 0;
    server.replies["/token"] = () => Response.json(body, { status: 400, ...(headers && { headers }) });
    const answer = await functionsOf(core).token("code=c", key, signal);
    assert.deepEqual([server.asked.length, await answer.json()], [1, body]);
  }
});

test("OIDC-6: userinfo, by the token as it is bound; its trouble is reported and gives nothing", async () => {
  const { core, key } = await openBound();
  const { userInfo } = functionsOf(core);
  server.replies["/me"] = () => new Response('{"sub":"ada"}');
  assert.equal(await userInfo("t", key, signal), '{"sub":"ada"}');
  assert.equal(await userInfo("t", null, signal), '{"sub":"ada"}');
  assert.deepEqual(server.asked.map(({ headers }) => headers.authorization), ["DPoP t", "Bearer t"]);
  assert.equal(proofOf(server.asked[0]?.headers.dpop).accessToken, "t");
  for (const reply of [() => new Response("", { status: 403 }), () => { throw new TypeError("offline"); }]) {
    reported.length = 0;
    server.replies["/me"] = reply;
    assert.equal(await userInfo("t", null, signal), null);
    assert.ok(reported.length === 1 && code("invalid_response")(reported[0]));
  }
  const unwanted = await open();
  server.asked.length = 0;
  assert.equal(await functionsOf(unwanted.core).userInfo("t", null, signal), null);
  assert.deepEqual(server.asked, []);
});

const SESSION = { accessToken: "a", refreshToken: "r", idToken: "i", isAsked: true, signal };

test("OIDC-9: revoke: the refresh token, outliving the page; without such an endpoint nothing", async () => {
  const { core } = await open();
  server.replies["/revoke"] = () => new Response("");
  await functionsOf(core).signOut(SESSION);
  assert.deepEqual(server.asked.slice(1).map(form), [["POST", "token=r", "application/x-www-form-urlencoded", "manual", "omit"]]);
  assert.equal(server.asked[1]?.init.keepalive, true);
  assert.deepEqual(page.left, []);
  server.replies["/revoke"] = () => new Response("", { status: 503 });
  await assert.rejects(functionsOf(core).signOut(SESSION), code("sign_out_unavailable"));

  const without = { ...METADATA, revocation_endpoint: undefined };
  page.store.clear();
  server.replies[WELL_KNOWN] = () => Response.json(without);
  server.asked.length = 0;
  await functionsOf((await open()).core).signOut(SESSION);
  assert.deepEqual(server.paths(), [WELL_KNOWN]);
});

test("OIDC-9: end-session: revoked first, whatever comes of it, then the page leaves; not where the session ended by itself", async () => {
  const { core } = await open({ signOut: "end-session" });
  assert.equal((core.options.provider as CoreProvider).keepsIdToken, true);
  server.replies["/revoke"] = () => new Response("", { status: 503 });
  const leaving = functionsOf(core).signOut(SESSION);
  await left();
  const ended = await Promise.race([leaving, settled().then(() => "still leaving")]);
  assert.deepEqual([ended, page.left, server.paths()], ["still leaving", ["assign https://id.test/end?id_token_hint=i"], [WELL_KNOWN, "/revoke"]]);
  page.left.length = 0;
  await assert.rejects(functionsOf(core).signOut({ ...SESSION, isAsked: false }), code("sign_out_unavailable"));
  assert.deepEqual(page.left, []);
});

test("OIDC-9: back from the end-session endpoint: the state is cleaned away", async () => {
  page.open("https://app.test/page?state=s&x=1");
  page.store.set("hallpass:pending.default", '{"v":1,"signedOut":true}');
  const { auth, core } = await open({ signOut: "end-session" });
  const finished = auth.completeRedirect();
  assert.equal(page.url, "https://app.test/page?x=1");
  assert.equal(await finished, null);
  assert.deepEqual(core.asked, ["state=s"]);
});

// ── sign-in in a window ──

test("OIDC-10: the tab that asked finishes with what it alone remembers; the window hands over, closes, and goes on with nothing", async () => {
  const closings: string[] = [];
  const popup = { closed: false, location: { replace: (url: string) => page.left.push(`popup ${url}`) }, close: () => closings.push("by the tab") };
  const window = { screenX: 0, screenY: 0, outerWidth: 1000, outerHeight: 800, open: () => popup, close: () => closings.push("by itself") };
  Object.defineProperty(globalThis, "window", { value: window, configurable: true });
  page.store.set("hallpass:pending.default", "of a redirect");
  try {
    const { auth, core } = await open();
    const signingIn = auth.signInPopup({ returnTo: "/inbox", width: 400 });
    await left();
    assert.deepEqual(page.left, ["popup https://id.test/authorize?state=state-0"]);
    assert.equal(page.store.has("hallpass:pending.default"), false);

    // The same origin in the window: another page, with a core that remembers nothing.
    page.open("https://app.test/page?code=c&state=state-0");
    const callback = await open();
    const finished = callback.auth.completeRedirect();
    assert.equal(page.url, "https://app.test/page");
    assert.equal(await signingIn, auth.session);
    assert.deepEqual(calls(core, "completeRedirect"), [["completeRedirect", "code=c&state=state-0", "pending-state-0"]]);
    assert.deepEqual(callback.core.asked, []);
    await until(() => closings.length === 2);
    assert.equal(await Promise.race([finished, settled().then(() => "pending")]), "pending");
    assert.deepEqual(closings.sort(), ["by itself", "by the tab"]);
    await assert.rejects(auth.signInPopup({ params: 1 as never }), code("invalid_option"));
  } finally {
    Reflect.deleteProperty(globalThis, "window");
  }
});
