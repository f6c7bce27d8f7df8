import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { TOKEN68 } from "../src/redirect/callback.js";
import { createClosingServer } from "./closing-server.js";
import { FORMS } from "./forms.js";
import type * as Hallpass from "../src/index.js";

/** Tests run from the package's folder. */
const dist = join(process.cwd(), "dist", "index.js");

/*
 * The package as it is shipped, with its real core, in both forms. A real trap is provoked by writing over the
 * memory of the instance, which the tests see being made.
 */

const setTimeoutOfNode = setTimeout;
const stored = new Map<string, string>();
const PAGE = {
  location: {
    href: "https://app.test/",
    assign(url: string) {
      this.href = url;
    },
  },
  history: {
    state: null,
    replaceState(_state: unknown, _title: string, url: string) {
      PAGE.location.href = url;
    },
  },
  document: { baseURI: "https://app.test/" },
  sessionStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  },
  // Real ones keep Node running.
  BroadcastChannel: undefined,
  setTimeout: (run: () => void, ms: number) => setTimeoutOfNode(run, ms).unref(),
};

for (const form of FORMS) {
  describe(`the core as ${form.name}`, () => {
    let hallpass: typeof Hallpass;
    let memory: { readonly buffer: ArrayBuffer };
    let undo: () => void;
    let reported: { code: string; cause: unknown }[];
    /** The core's own timers keep Node from nothing: a restored session waits a moment for copies of its tab. */
    let keepsRunning: NodeJS.Timeout;

    before(async () => {
      keepsRunning = setInterval(() => undefined, 1_000);
      for (const [name, value] of Object.entries(PAGE)) {
        Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
      }
      Object.assign(globalThis, { reportError: (error: (typeof reported)[0]) => reported.push(error) });
      undo = form.prepare((found) => (memory = found));
      hallpass = (await import(`${pathToFileURL(dist).href}?${form.name}`)) as typeof Hallpass;
      await hallpass.load();
    });
    after(() => {
      clearInterval(keepsRunning);
      undo();
    });

    function open(): Hallpass.Auth {
      stored.clear();
      reported = [];
      return hallpass.createAuth({
        refresh: ({ refreshToken }) => Promise.resolve({ accessToken: jwt("new"), refreshToken: `${String(refreshToken)}-next` }),
      });
    }

    test("reads tokens, whatever is in them (SEC-31)", () => {
      const claims = { sub: "ädä 🙂", n: 1.5, big: 2 ** 53, deep: [{ a: null }] };
      const decoded = hallpass.decodeToken(jwt("x", claims));
      assert.deepEqual(JSON.parse(JSON.stringify(decoded.claims)), { jti: "x", ...claims, exp: decoded.claims.exp });
      assert.throws(() => hallpass.decodeToken("x"), { code: "malformed_token" });
      assert.throws(() => hallpass.decodeToken("e".repeat(20_000)), { code: "token_too_large" });
    });

    test("takes for a token what the facade looks for in the address bar (token68 of RFC 9110)", async () => {
      const auth = open();
      await auth.ready;
      const texts = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).flatMap((one) => [`a${one}`, `${one}a`, `=${one}`]);
      for (const text of [...texts, "", "a==", "a=b=", "é", "🙂"]) {
        const taken = await auth.accept({ accessToken: text }).then(() => true, () => false);
        assert.equal(taken, TOKEN68.test(text), JSON.stringify(text));
      }
      await auth.signOut();
      auth.close();
    });

    test("signs in, refreshes, restores, signs out", async () => {
      const auth = open();
      assert.deepEqual(await auth.ready, { status: "signed-out", reason: "never-signed-in" });
      await auth.accept({ accessToken: jwt("old"), refreshToken: "refresh-token" });
      await auth.refresh();
      assert.equal(await auth.token(), jwt("new"));
      auth.close();
      const next = hallpass.createAuth();
      const session = await next.ready;
      assert.ok(session.status === "signed-in" && session.claims?.jti === "new");
      await next.signOut();
      assert.deepEqual([...stored.keys()], []);
      next.close();
    });

    /** Leaves for the login page, and comes back with `fragment`; gives what the page that comes back is told. */
    async function comeBack(fragment: (state: string) => string, options: Hallpass.AuthOptions = {}) {
      const settings = { redirect: { url: "https://login.test/" }, storage: "memory" as const, ...options };
      const before = hallpass.createAuth(settings);
      void before.signInRedirect({ returnTo: "/orders" });
      await before.ready;
      await new Promise(setImmediate);
      const state = new URL(PAGE.location.href).searchParams.get("state") ?? "";
      before.close();

      PAGE.location.href = `https://app.test/#${fragment(state)}`;
      const auth = hallpass.createAuth(settings);
      const told: string[] = [];
      auth.subscribe((session, change) => told.push(`${change.type}: ${session.status}`));
      // A request of the page's that came first waits, too.
      const early = auth.token().catch(() => undefined);
      const callback = auth.completeRedirect().then(
        (result) => result?.returnTo,
        (error: unknown) => (error as Hallpass.AuthError).code,
      );
      return { auth, told, early, callback, atOnce: auth.session.status };
    }

    const goodCallback = (state: string): string => `access_token=${jwt("new")}&token_type=Bearer&state=${state}`;

    test("a callback: loading until it was finished, and the first that anybody is told is the sign-in", async () => {
      stored.clear();
      const { auth, told, early, callback, atOnce } = await comeBack(goodCallback);
      assert.equal(atOnce, "loading");
      assert.equal((await auth.ready).status, "signed-in");
      assert.equal(await early, jwt("new"));
      assert.equal(await callback, "/orders");
      assert.deepEqual(told, ["signed-in: signed-in"]);
      auth.close();
    });

    test("a callback in a tab that has a session, and with a store that takes its time: one change", async () => {
      const slow = { get: (key: string) => later(stored.get(key) ?? null), set: (key: string, value: string) => later(void stored.set(key, value)), remove: (key: string) => later(void stored.delete(key)) };
      for (const storage of ["session", slow] as const) {
        stored.clear();
        const old = hallpass.createAuth({ storage });
        await old.accept({ accessToken: jwt("old") });
        old.close();
        const { auth, told, callback } = await comeBack(goodCallback, { storage });
        const session = await auth.ready;
        assert.ok(session.status === "signed-in" && session.claims?.jti === "new");
        assert.equal(await callback, "/orders");
        assert.deepEqual(told, ["signed-in: signed-in"]);
        auth.close();
      }
    });

    test("a refused callback: then the session is as it is", async () => {
      stored.clear();
      const refused = (): string => `access_token=${jwt("evil")}&token_type=Bearer&state=wrong`;
      const { auth, told, callback } = await comeBack(refused);
      assert.deepEqual(await auth.ready, { status: "signed-out", reason: "never-signed-in" });
      assert.equal(await callback, "callback_state_mismatch");
      assert.deepEqual(told, ["signed-out: signed-out"]);
      auth.close();

      const old = hallpass.createAuth();
      await old.accept({ accessToken: jwt("old") });
      old.close();
      const kept = await comeBack(refused, { storage: "session" });
      const session = await kept.auth.ready;
      assert.ok(session.status === "signed-in" && session.claims?.jti === "old");
      assert.equal(await kept.callback, "callback_state_mismatch");
      kept.auth.close();
    });

    test("after a sign-out nothing of a token is left in the core's memory (SEC-43)", async () => {
      const server = await startTokenServer();
      const signOuts: unknown[] = [];
      const options: Hallpass.AuthOptions = {
        name: "scanned",
        origins: [server.origin],
        signIn: `${server.origin}/sign-in`,
        refresh: { url: `${server.origin}/refresh`, encoding: "form", bearer: true, rejected: () => false },
        signOut: (context) => Promise.resolve(void signOuts.push(context)),
        readTokens: (body) => body as Hallpass.TokenSet,
        redirect: { url: "https://login.test/", accept: ["fragment-token", "fragment-params"], stateParam: null },
      };
      const opened: Hallpass.Auth[] = [];
      const open = (options: Hallpass.AuthOptions): Hallpass.Auth => {
        const auth = hallpass.createAuth(options);
        opened.push(auth);
        return auth;
      };
      const left = (): string[] => server.tokens.flatMap((token) => placesOf(token, new Uint8Array(memory.buffer)));
      try {
        const first = open(options);
        await first.signIn({ username: "ada", password: "secret" });
        await first.refresh();
        const token = await first.token();
        assert.equal((await first.fetch(`${server.origin}/401`)).status, 401);
        assert.equal(hallpass.decodeToken(token).claims.sub, "ada");
        assert.notDeepEqual(left(), [], "the search itself finds what is there");
        first.close();

        // From the store, with tokens that the application has, and by redirect.
        const second = open(options);
        assert.equal((await second.ready).status, "signed-in");
        await second.accept({ accessToken: server.issue(), refreshToken: server.issue() });
        stored.set("hallpass:pending.scanned", JSON.stringify({ v: 1, returnTo: "/", started: Date.now(), to: "https://login.test/" }));
        await second.completeRedirect(`https://app.test/#access_token=${server.issue()}&token_type=Bearer&refresh_token=${server.issue()}`);
        stored.set("hallpass:pending.scanned", JSON.stringify({ v: 1, returnTo: "/", started: Date.now(), to: "https://login.test/" }));
        await second.completeRedirect(`https://app.test/#${server.issue()}`);
        await second.signOut();
        await new Promise((resolve) => setTimeoutOfNode(resolve, 20));
        assert.equal(signOuts.length, 1);
        assert.ok(server.tokens.length >= 10);
        assert.deepEqual(left(), []);
      } finally {
        for (const auth of opened) auth.close();
        await server.close();
      }
    });

    test("what is too long is refused before it is copied or read (SEC-36)", async (context) => {
      const auth = hallpass.createAuth({
        name: "long",
        redirect: { url: "https://login.test/", accept: ["fragment-token", "fragment-params"] },
      });
      context.after(() => {
        auth.close();
      });
      await auth.ready;
      const long = "e".repeat(64 * 1024 * 1024) + jwt("x");
      // In characters it is none too many.
      assert.throws(() => hallpass.decodeToken("é".repeat(10_000)), { code: "token_too_large" });
      const { buffer } = memory;
      const pages = buffer.byteLength;
      const before = process.cpuUsage();
      assert.throws(() => hallpass.decodeToken(long), { code: "token_too_large" });
      await assert.rejects(auth.accept({ accessToken: long }), { code: "token_too_large" });
      await assert.rejects(auth.accept({ accessToken: jwt("x"), refreshToken: long }), { code: "token_too_large" });
      const two = "a".repeat(2 * 1024 * 1024);
      for (const fragment of [`access_token=${two}&state=x`, `x=${two}&access_token=t`, `/route?access_token=t&x=${two}`, `access_token=t&state=${two}`, `${jwt("x")}${two}`, `error=${two}&state=`]) {
        await assert.rejects(auth.completeRedirect(`https://app.test/#${fragment}`), { code: "callback_unsolicited" }, fragment.slice(0, 20));
      }
      // Work, not time: other work on the machine does not count.
      const { user } = process.cpuUsage(before);
      assert.ok(user < 3_000_000, `it took ${String(user)} µs`);
      assert.ok(memory.buffer === buffer && buffer.byteLength === pages, "the memory has grown");
    });

    test("memory that grows", async () => {
      const auth = open();
      await auth.accept({ accessToken: jwt("old") });
      const before = memory.buffer.byteLength;
      // Each caller's own wait, none answered yet: what all of them need does not fit into what there is.
      const wait = new Promise<never>(() => undefined);
      const other = hallpass.createAuth({ name: "other", refresh: () => wait });
      await other.accept({ accessToken: jwt("x"), refreshToken: "r" });
      const refreshing = Array.from({ length: 20_000 }, () => other.refresh());
      await new Promise(setImmediate);
      assert.ok(memory.buffer.byteLength > before, "the memory did not grow: the test needs more callers");
      assert.equal(await auth.token(), jwt("old"));
      assert.equal(hallpass.decodeToken(jwt("after")).claims.jti, "after");
      other.close();
      assert.deepEqual(new Set((await Promise.allSettled(refreshing)).map(({ status }) => status)), new Set(["rejected"]));
      auth.close();
    });

    test("a trap: core_failed once for who waits, then a fresh core with the stored session (REL-30)", async () => {
      const auth = open();
      await auth.ready;
      await auth.accept({ accessToken: jwt("old"), refreshToken: "refresh-token" });
      const changes: string[] = [];
      auth.subscribe((session, change) => changes.push(`${session.status} ${change.type}`));
      const broken = memory;
      new Uint8Array(memory.buffer).fill(0xff);
      await assert.rejects(auth.refresh(), { name: "AuthError", code: "core_failed", retryable: true });
      assert.equal(auth.session.status, "signed-in");
      // The next call waits for the fresh core, which has read the store by then.
      assert.equal(await auth.token(), jwt("old"));
      assert.notEqual(memory, broken);
      assert.deepEqual(changes, ["signed-in restored"]);
      await auth.refresh();
      assert.equal(await auth.token(), jwt("new"));
      assert.deepEqual(reported.map(({ code }) => code), ["core_failed"]);
      assert.equal(hallpass.decodeToken(jwt("after")).claims.jti, "after");
      auth.close();
    });

    test("a trap in a timer, with nobody waiting: the fresh core comes by itself; the dead one stays quiet (REL-30)", async (context) => {
      const timers: { run: () => void; ms: number }[] = [];
      const { setTimeout } = globalThis;
      context.after(() => Object.assign(globalThis, { setTimeout }));
      Object.assign(globalThis, { setTimeout: (run: () => void, ms: number) => timers.push({ run, ms }) });
      const auth = open();
      await auth.ready;
      await auth.accept({ accessToken: jwt("old"), refreshToken: "refresh-token" });
      Object.assign(globalThis, { setTimeout });
      const forRefresh = timers.filter(({ ms }) => ms > 60_000);
      assert.ok(forRefresh.length > 0, "no timer was armed");
      new Uint8Array(memory.buffer).fill(0xff);
      for (const { run } of forRefresh) run();
      for (const { run } of forRefresh) run();
      await new Promise(setImmediate);
      assert.equal(await auth.token(), jwt("old"));
      assert.deepEqual(reported.map(({ code }) => code), ["core_failed"]);
      auth.close();
    });

    test("a full stack, at whatever depth: an error of ours, and the session goes on (REL-30)", async () => {
      const auth = open();
      await auth.ready;
      await auth.accept({ accessToken: jwt("old"), refreshToken: "refresh-token" });
      let failures = 0;
      const dive = (): void => {
        try {
          dive();
        } catch {
          // the bottom
        }
        if (failures > 0) return;
        try {
          hallpass.decodeToken(jwt("deep"));
        } catch (error) {
          if (error instanceof hallpass.AuthError) failures++;
        }
      };
      dive();
      assert.ok(failures > 0, "nothing failed");
      // Down there was no room to tell anybody: that may be left to the next call.
      await auth.token().catch((error: unknown) => {
        assert.ok(error instanceof hallpass.AuthError && error.code === "core_failed" && error.retryable);
      });
      assert.equal(await auth.token(), jwt("old"));
      assert.equal(hallpass.decodeToken(jwt("after")).claims.jti, "after");
      auth.close();
    });
  });
}

function later<T>(value: T): Promise<T> {
  return new Promise((resolve) => setImmediate(resolve, value));
}

const EXPIRES = Math.floor(Date.now() / 1000) + 3_600;

function jwt(jti: string, claims: object = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256" })}.${part({ jti, ...claims, exp: EXPIRES })}.c2ln`;
}

/** A token endpoint: each answer has two new tokens, with the escapes that servers like to write. */
async function startTokenServer(): Promise<{ origin: string; tokens: string[]; issue(): string; close(): Promise<void> }> {
  const tokens: string[] = [];
  const issue = (): string => {
    const token = jwt(randomBytes(60).toString("base64url"), { sub: "ada" }) + randomBytes(60).toString("base64url");
    tokens.push(token);
    return token;
  };
  const server = createClosingServer((request, response) => {
    request.resume();
    if (request.url === "/401") return void response.writeHead(401).end();
    const body = JSON.stringify({ note: "/", accessToken: issue(), refreshToken: issue(), expiresIn: 300 }).replaceAll("/", "\\/");
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    origin: `http://localhost:${String((server.address() as AddressInfo).port)}`,
    tokens,
    issue,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Where pieces of `token` stand in `memory`: longer ones than chance would write. */
function placesOf(token: string, memory: Uint8Array): string[] {
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);
  const places: string[] = [];
  // The header and its claims are alike in all of them: only what is random counts.
  for (const at of [60, 84, 108, token.length - 72, token.length - 48, token.length - 24]) {
    const found = bytes.indexOf(token.slice(at, at + 24), 0, "latin1");
    if (found !== -1) places.push(`${token.slice(at, at + 4)}… of ${String(at)} at ${String(found)}: ${bytes.includes(token) ? "whole" : "a piece"}`);
  }
  // The same where it was decoded.
  for (const part of [1, 2]) {
    const decoded = Buffer.from(token.split(".")[part] ?? "", "base64url");
    for (const at of [12, 30, 45]) {
      const found = bytes.indexOf(decoded.subarray(at, at + 18));
      if (found !== -1) places.push(`part ${String(part)}, decoded, of ${String(at)} at ${String(found)}`);
    }
  }
  return places;
}
