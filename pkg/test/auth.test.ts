import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { inspect } from "node:util";
import { openAuth } from "../src/auth.js";
import { AuthError } from "../src/error.js";
import { readOptions } from "../src/options/options.js";
import type { Auth, Change, JwtClaims, Session } from "../src/types.js";
import { fakeLoader, signedIn, type FakeCore, type FakeLoader } from "./fake-core.js";
import { openPage, type FakePage } from "./page.js";

const reported: unknown[] = [];
Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const code = (expected: string) => (error: unknown) => error instanceof AuthError && error.code === expected;

let page: FakePage;
let loader: FakeLoader;
beforeEach(() => {
  page = openPage("https://app.test/page");
  loader = fakeLoader();
  reported.length = 0;
});
afterEach(() => {
  page.close();
});

async function open(options?: object): Promise<[Auth, FakeCore]> {
  const auth = openAuth<JwtClaims>(options, loader);
  await tick();
  return [auth, loader.cores[0] as FakeCore];
}

test("returns at once and has begun to load, one core for each auth", async () => {
  const auth = openAuth(undefined, loader);
  assert.equal(loader.loads, 1);
  assert.equal(loader.cores.length, 0);
  assert.deepEqual(auth.session, { status: "loading" });
  await tick();
  assert.equal(loader.loads, 1);
  assert.equal(loader.cores.length, 1);
  openAuth(undefined, loader);
  await tick();
  assert.equal(loader.loads, 1);
  assert.equal(loader.cores.length, 2);
});

test("the core is told what was read, whatever toJSON a prototype has (SEC-35)", async () => {
  const evil = [{ protocol: "https:", host: "evil.test", pathname: "/" }];
  Object.defineProperty(Object.prototype, "toJSON", { value: () => evil, configurable: true });
  try {
    const [, core] = await open({ origins: ["https://api.test"] });
    assert.equal(core.options.origins.length, 1);
    assert.equal(core.options.origins[0]?.host, "api.test");
  } finally {
    Reflect.deleteProperty(Object.prototype, "toJSON");
  }
});

test("ready: the first session that is not loading, whatever comes later", async () => {
  const [auth, core] = await open();
  core.becomes({ status: "loading" }, null);
  const first = signedIn();
  core.becomes(first, { type: "restored" });
  core.becomes({ status: "signed-out", reason: "user" }, { type: "signed-out", reason: "user" });
  assert.equal(await auth.ready, first);
});

test("the snapshot is frozen and stays the same object until something changes", async () => {
  const [auth, core] = await open();
  core.becomes(signedIn(), { type: "restored" });
  const { session } = auth;
  assert.equal(auth.session, session);
  assert.ok(Object.isFrozen(session));
  assert.ok(session.status === "signed-in" && Object.isFrozen(session.claims));
  core.becomes(signedIn(), null);
  assert.notEqual(auth.session, session);
});

test("listeners hear changes only; the snapshot has moved already", async () => {
  const [auth, core] = await open();
  const heard: [Session, Change, boolean][] = [];
  const end = auth.subscribe((session, change) => heard.push([session, change, auth.session === session]));
  const restored = signedIn();
  core.becomes(restored, { type: "restored" });
  core.becomes(signedIn(), null);
  end();
  core.becomes(signedIn(), { type: "refreshed", by: "this-tab" });
  assert.deepEqual(heard, [[restored, { type: "restored" }, true]]);
});

test("token: from memory without asking, one promise while the token stays", async () => {
  const [auth, core] = await open();
  core.now = "t1";
  const promise = auth.token();
  assert.equal(await promise, "t1");
  assert.equal(auth.token(), promise);
  core.now = "t2";
  assert.equal(await auth.token(), "t2");
  assert.deepEqual(core.calls, []);
});

test("token: seconds become milliseconds; nonsense is refused", async () => {
  const [auth, core] = await open();
  core.waiting = Promise.resolve("later");
  assert.equal(await auth.token({ minValiditySeconds: 1.5 }), "later");
  assert.deepEqual(core.calls, [["current", 1500], ["token", 1500]]);
  for (const minValiditySeconds of [NaN, -1, Infinity, "5" as unknown as number]) {
    await assert.rejects(auth.token({ minValiditySeconds }), code("invalid_option"));
  }
});

test("token: a signal ends this caller's wait only (REL-21)", async () => {
  const [auth, core] = await open();
  let finish!: (token: string) => void;
  core.waiting = new Promise((resolve) => (finish = resolve));
  const controller = new AbortController();
  const mine = auth.token({ signal: controller.signal });
  const others = auth.token();
  controller.abort(new Error("mine"));
  await assert.rejects(mine, { message: "mine" });
  finish("t");
  assert.equal(await others, "t");

  core.now = "t";
  await assert.rejects(auth.token({ signal: AbortSignal.abort(new Error("before")) }), { message: "before" });
});

test("token: asked before the core is there", async () => {
  const auth = openAuth(undefined, loader);
  const promise = auth.token();
  const aborted = auth.token({ signal: AbortSignal.abort(new Error("no")) });
  await assert.rejects(aborted, { message: "no" });
  await assert.rejects(promise, code("signed_out"));
});

test("authorization: only where the URL may have it", async () => {
  const [auth, core] = await open();
  core.now = "t";
  const asked: string[] = [];
  core.allowed = (...parts) => {
    asked.push(parts.join(" "));
    return parts[1] === "api.test";
  };
  assert.equal(await auth.authorization("https://api.test/v1?q"), "Bearer t");
  assert.equal(await auth.authorization(new URL("https://api.test/v1?q")), "Bearer t");
  assert.equal(await auth.authorization("/own"), null);
  assert.equal(await auth.authorization("http://["), null);
  assert.equal(await auth.authorization("https://user@api.test/"), null);
  await assert.rejects(auth.authorization(5 as unknown as string), code("invalid_option"));
  assert.deepEqual(asked, ["https: api.test /v1", "https: app.test /own"]);
});

test("calls are forwarded with own properties only, and answer with the session (SEC-35)", async () => {
  const [auth, core] = await open();
  Object.defineProperty(Object.prototype, "refreshToken", { value: "polluted", configurable: true });
  try {
    const session = await auth.signIn({ username: "ada", password: "p" });
    assert.equal(session, auth.session);
    assert.equal(session.status, "signed-in");
    await auth.accept({ accessToken: "t" });
    await auth.refresh();
    const [signIn, accept, refresh] = core.calls as [unknown, [string, { refreshToken?: string }], unknown];
    assert.deepEqual(signIn, ["signIn", '{"username":"ada","password":"p"}']);
    assert.equal(accept[1].refreshToken, undefined);
    assert.deepEqual(refresh, ["refresh"]);
  } finally {
    Reflect.deleteProperty(Object.prototype, "refreshToken");
  }
  await assert.rejects(auth.signIn("ada" as unknown as Record<string, unknown>), code("invalid_option"));
  await assert.rejects(auth.signIn({ password: "canary", big: 1n }), {
    code: "invalid_option",
    message: "signIn: credentials must hold what JSON can hold.",
  });
  await auth.signOut();
  assert.deepEqual(auth.session, { status: "signed-out", reason: "user" });
});

test("a <base> that somebody put into the page leads no endpoint and no origin elsewhere (SEC-04, SEC-12)", async () => {
  page.base = "https://evil.test/x/";
  const settings = readOptions(
    { signIn: "/auth", refresh: "token", signOut: { url: "../out" }, redirect: { url: "/login", callbackUrl: "/back" } },
    "https://app.test/dir/page?q#h",
  );
  assert.deepEqual(
    [settings.core.signIn, settings.core.refresh, settings.core.signOut, settings.core.redirect].map((part) => (part as { url: string }).url),
    ["https://app.test/auth", "https://app.test/dir/token", "https://app.test/out", "https://app.test/login"],
  );
  assert.deepEqual(settings.core.origins.map(({ host }) => host), ["app.test"]);
  assert.throws(() => readOptions({ redirect: { url: "/a", callbackUrl: "https://evil.test/back" } }, "https://app.test/"), { code: "invalid_option" });

  page.open("https://app.test/dir/page?q#h");
  const loader = fakeLoader();
  const auth = openAuth({ signIn: "/auth", redirect: { url: "/login" } }, loader);
  await new Promise((resolve) => setImmediate(resolve));
  const core = loader.cores[0] as FakeCore;
  assert.equal(core.options.redirect?.url, "https://app.test/login");
  assert.deepEqual(core.options.origins.map(({ host }) => host), ["app.test"]);
  // A request of the application goes where the platform sends it, and is judged as what it is.
  const asked: string[] = [];
  core.allowed = (_, host) => asked.push(host) === 0;
  core.now = "t";
  await auth.authorization("/me");
  assert.deepEqual(asked, ["evil.test"]);
  assert.equal(await auth.completeRedirect("/elsewhere"), null);
  auth.close();
});

test("activity that the application reports (design 4, Idle)", async () => {
  const loader = fakeLoader();
  const auth = openAuth(undefined, loader);
  auth.reportActivity(); // before the core is there
  await new Promise((resolve) => setImmediate(resolve));
  const core = loader.cores[0] as FakeCore;
  assert.deepEqual(core.calls, [["reportActivity"]]);
  const { reportActivity } = auth;
  reportActivity();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(core.calls.length, 2);
  core.becomes({ status: "signed-out", reason: "idle" }, null);
  auth.reportActivity();
  await new Promise((resolve) => setImmediate(resolve));
  auth.close();
  assert.throws(() => auth.reportActivity(), (error: unknown) => error instanceof AuthError && error.code === "closed");

  const failing = openAuth(undefined, Object.assign(fakeLoader(), { failure: new Error("no wasm") }));
  failing.reportActivity();
  await assert.rejects(failing.ready);
  failing.reportActivity();
  failing.close();
});

test("no core: ready and every call reject, the next load tries again (REL-35)", async () => {
  loader.failure = new Error("blocked by CSP");
  const [auth] = await open();
  await assert.rejects(auth.ready, code("core_unavailable"));
  await assert.rejects(auth.token(), code("core_unavailable"));
  await assert.rejects(auth.signIn({}), code("core_unavailable"));
  await assert.rejects(auth.fetch("https://api.test/"), code("core_unavailable"));
  assert.deepEqual(reported, []);

  loader.failure = undefined;
  await loader.load();
  await tick();
  const session = signedIn();
  loader.cores[0]?.becomes(session, { type: "restored" });
  assert.equal(await auth.ready, session);
});

test("concurrent loads are one; a failed one is not kept (REL-35)", async () => {
  loader.failure = new Error("offline");
  const [first, second] = [loader.load(), loader.load()];
  await assert.rejects(first, code("core_unavailable"));
  await assert.rejects(second, code("core_unavailable"));
  assert.equal(loader.loads, 1);
  loader.failure = undefined;
  assert.equal(await loader.load(), await loader.load());
  assert.equal(loader.loads, 2);
});

test("a core that broke: what waits rejects with core_failed, a fresh one goes on for the same listeners (REL-30)", async () => {
  const [auth, core] = await open();
  core.becomes(signedIn(), { type: "restored" });
  const changes: Change[] = [];
  auth.subscribe((_, change) => changes.push(change));
  core.waiting = new Promise(() => undefined);
  const waiting = auth.token();
  await tick();
  loader.breakDown(new WebAssembly.RuntimeError("unreachable"));
  await assert.rejects(waiting, code("core_failed"));
  await tick();
  assert.equal(loader.loads, 2);
  assert.equal(reported.length, 1);
  assert.ok(code("core_failed")(reported[0]) && (reported[0] as AuthError).retryable);
  const fresh = loader.cores[1] as FakeCore;
  fresh.now = "t";
  fresh.becomes(signedIn(), { type: "restored" });
  assert.equal(await auth.token(), "t");
  assert.deepEqual(changes, [{ type: "restored" }]);
});

test("the core that takes the place of a broken one hears whether the application was shown a session (REL-30)", async () => {
  const [, core] = await open();
  loader.breakDown(new Error("x"));
  await tick();
  loader.cores[1]?.becomes(signedIn(), { type: "signed-in" });
  loader.breakDown(new Error("x"));
  await tick();
  assert.deepEqual([core, loader.cores[1], loader.cores[2]].map((core) => core?.isRestarted), [false, false, true]);
});

test("a sign-out is not lost with the core that was asked for it (REL-30, SEC-05)", async () => {
  const [auth, core] = await open();
  core.becomes(signedIn(), { type: "restored" });
  core.signOut = () => new Promise(() => undefined);
  const leaving = auth.signOut();
  await tick();
  loader.breakDown(new Error("x"));
  await leaving;
  assert.deepEqual((loader.cores[1] as FakeCore).calls, [["signOut"]]);
});

test("the third break within a minute is the last: every call rejects with core_failed, and so does ready (REL-30)", async () => {
  const [auth] = await open();
  for (let time = 1; time <= 3; time++) {
    loader.breakDown(new Error("x"));
    await tick();
  }
  assert.equal(loader.cores.length, 3);
  assert.equal(reported.length, 3);
  for (const call of [auth.token(), auth.refresh(), auth.fetch("https://api.test/"), auth.authorization("/"), auth.ready]) {
    await assert.rejects(call, code("core_failed"));
  }
  auth.close();
  await assert.rejects(auth.token(), code("closed"));
});

test("after close nobody starts a core again (REL-30, REL-34)", async () => {
  const [auth] = await open();
  auth.close();
  loader.breakDown(new Error("x"));
  await tick();
  assert.equal(loader.cores.length, 1);
  assert.deepEqual(reported, []);
});

test("what the core cannot do without rejects everything, and is not asked for again", async () => {
  const refused = new AuthError("core_unavailable", "no randomness");
  loader = fakeLoader(() => {
    throw refused;
  });
  const auth = openAuth(undefined, loader);
  await assert.rejects(auth.ready, (error) => error === refused);
  await assert.rejects(auth.token(), (error) => error === refused);
  assert.deepEqual(reported, []);
});

test("close: idempotent, silent, and the end of every call (REL-34, REL-36)", async () => {
  const [auth, core] = await open();
  core.now = "t";
  auth.subscribe(() => assert.fail("heard something after close()"));
  auth.close();
  auth.close();
  assert.ok(core.closed);
  core.becomes(signedIn(), { type: "refreshed", by: "this-tab" });
  assert.throws(() => auth.subscribe(() => undefined), code("closed"));
  const calls = [
    auth.token(), auth.fetch("/"), auth.authorization("/"), auth.signIn({}), auth.accept({ accessToken: "t" }),
    auth.signInRedirect(), auth.completeRedirect(), auth.refresh(), auth.signOut(), auth.ready,
  ];
  for (const call of calls) await assert.rejects(call, code("closed"));
});

test("close before the core is there: it is never made", async () => {
  const auth = openAuth(undefined, loader);
  auth.close();
  await tick();
  assert.equal(loader.cores.length, 0);
  assert.deepEqual(reported, []);
  await assert.rejects(auth.ready, code("closed"));
});

test("using", { skip: typeof Symbol.dispose !== "symbol" }, async () => {
  const [auth, core] = await open();
  auth[Symbol.dispose]();
  assert.ok(core.closed);
});

test("on a server: inert, no unhandled rejection, calls say why (REL-36)", async () => {
  page.close();
  const [auth] = await open({ signIn: "/auth", redirect: { url: "/login" } });
  assert.equal(loader.loads, 0);
  assert.deepEqual(auth.session, { status: "loading" });
  await assert.rejects(auth.token(), code("core_unavailable"));
  await assert.rejects(auth.signIn({}), code("core_unavailable"));
  assert.equal(await auth.completeRedirect(), null);
  assert.equal(await Promise.race([auth.ready, tick().then(() => "pending")]), "pending");
});

test("no token in what a log, a copy or JSON shows of an auth (SEC-40)", async () => {
  const [auth, core] = await open();
  core.now = "canary-token";
  core.becomes(signedIn(), { type: "restored" });
  await auth.token();
  const shown = [JSON.stringify(auth), inspect(auth, { depth: 9, showHidden: true }), JSON.stringify({ ...auth }), Object.keys(auth).join()];
  assert.ok(!shown.join().includes("canary-token"));
});
