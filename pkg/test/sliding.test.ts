import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import type * as Hallpass from "../src/index.js";
import { type Client, CLIENTS, pause, setStage } from "./clients.js";

/*
 * Sliding sessions: the server sends newer tokens with its ordinary answers. The same cases for every client, with the
 * shipped package and a real server.
 */

const stage = setStage();
const { api, foreign, reported } = stage;
let client: Client;
let auth: Hallpass.Auth | undefined;
let changes: Hallpass.Change[];
let issued: number;

beforeEach(() => {
  issued = 0;
  for (const server of [api, foreign]) {
    server.rules = () => ({ status: 200, headers: { "x-token": `token-${String(++issued)}` }, body: "the body" });
  }
});
afterEach(() => {
  auth?.close();
});

function renewFrom({ headers }: Hallpass.ApiAnswer): Hallpass.TokenSet | null {
  const accessToken = headers.get("X-Token");
  return accessToken === null ? null : { accessToken };
}

async function signedIn(options: Hallpass.AuthOptions = {}): Promise<Hallpass.Auth> {
  changes = [];
  const made = (auth = stage.world.hallpass.createAuth({ origins: [api.origin], storage: "memory", renewFrom, ...options }));
  made.subscribe((_, change) => changes.push(change));
  await made.accept({ accessToken: "token-0", refreshToken: "refresh", profile: { name: "Ada" } });
  return made;
}

const at = (path: string): string => api.origin + path;
const told = (): string[] => changes.map(({ type }) => type).filter((type) => type !== "restored" && type !== "signed-out");
/** Of this payload, unsigned. */
const jwt = (claims: object): string => `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(claims))}.`.replaceAll("=", "");

for (const [index, name] of CLIENTS.entries()) {
  describe(`sliding sessions by ${name}`, () => {
    before(() => {
      client = stage.world.clients[index] ?? assert.fail(name);
    });

    test("ten answers, ten tokens, one session: each request carries the newest (design 5.23)", async () => {
      const auth = await signedIn();
      for (let count = 0; count < 10; count++) {
        assert.deepEqual(await client.receive(auth, { url: at("/a"), body: "x" }), { status: 200, body: "the body" });
      }
      assert.deepEqual(api.tokens, Array.from({ length: 10 }, (_, index) => `token-${String(index)}`));
      assert.equal(await auth.token(), "token-10");
      assert.deepEqual(told(), ["signed-in", ...Array.from({ length: 10 }, () => "refreshed")]);
      assert.ok(auth.session.status === "signed-in" && auth.session.profile?.name === "Ada");
    });

    test("an answer that was overtaken renews nothing (SEC-38)", async () => {
      const of = (iat: number): string => jwt({ sub: "ada", iat, exp: iat + 600 });
      const now = Math.floor(Date.now() / 1000);
      const tokens: Record<string, string> = { "/slow": of(now + 1), "/fast": of(now + 2) };
      api.rules = ({ path }) => ({ status: 200, headers: { "x-token": tokens[path] ?? "" } });
      const auth = await signedIn();
      await auth.accept({ accessToken: of(now) });
      await client.send(auth, { url: at("/fast"), body: "x" });
      await client.send(auth, { url: at("/slow"), body: "x" });
      await client.send(auth, { url: at("/fast"), body: "x" });
      assert.equal(await auth.token(), tokens["/fast"]);
      assert.deepEqual(told(), ["signed-in", "signed-in", "refreshed"]);
    });

    test("another user's token, or one of a session that is over, renews nothing", async () => {
      const auth = await signedIn();
      await auth.accept({ accessToken: jwt({ sub: "ada", exp: 4e9 }) });
      api.rules = () => ({ status: 200, headers: { "x-token": jwt({ sub: "eve", exp: 4.1e9 }) } });
      await client.send(auth, { url: at("/a"), body: "x" });
      await pause(5);
      assert.ok(auth.session.status === "signed-in" && auth.session.claims?.sub === "ada");
      assert.deepEqual(reported.map((error) => (error as Hallpass.AuthError).code), ["invalid_response"]);

      api.rules = () => ({ status: 200, headers: { "x-token": "late" } });
      api.hold();
      const sending = client.send(auth, { url: at("/a"), body: "x" });
      await api.arrived(2);
      await auth.accept({ accessToken: "of-bob" });
      api.release();
      assert.equal(await sending, 200);
      assert.equal(await auth.token(), "of-bob");
      assert.equal(reported.length, 1, "an answer of an old session is nothing to report");
    });

    test("none from a foreign address, nor from a request without our token (SEC-12)", async () => {
      const auth = await signedIn();
      await client.send(auth, { url: `${foreign.origin}/a`, body: "x" });
      await client.send(auth, { url: at("/a"), body: "x", headers: { authorization: "Basic 1" } });
      api.rules = ({ path }) => (path.startsWith("/go") ? undefined : { status: 200 });
      await client.send(auth, { url: at(`/go?to=${encodeURIComponent(`${foreign.origin}/x`)}`), body: "x" });
      assert.equal(await auth.token(), "token-0");
      await auth.signOut();
      api.rules = () => ({ status: 200, headers: { "x-token": "late" } });
      await client.send(auth, { url: at("/a"), body: "x" });
      assert.equal(auth.session.status, "signed-out");
    });

    test("what it throws is reported, and the answer arrives", async () => {
      const auth = await signedIn({
        renewFrom: () => {
          throw new Error("slip");
        },
      });
      assert.deepEqual(await client.receive(auth, { url: at("/a"), body: "x" }), { status: 200, body: "the body" });
      assert.deepEqual(reported.map((error) => (error as Error).message), ["slip"]);
      for (const wrong of [{}, { accessToken: 7 }, "token", { accessToken: "a b" }]) {
        auth.close();
        reported.length = 0;
        const other = await signedIn({ renewFrom: () => wrong as Hallpass.TokenSet });
        assert.equal(await client.send(other, { url: at("/a"), body: "x" }), 200);
        await pause(5);
        assert.deepEqual(reported.map((error) => (error as Hallpass.AuthError).code), ["malformed_token"], JSON.stringify(wrong));
        assert.equal(await other.token(), "token-0");
        other.close();
      }
    });

    test("the answer to a replay brings tokens, too", async () => {
      let refreshes = 0;
      const auth = await signedIn({
        refresh: () => {
          refreshes++;
          return Promise.resolve({ accessToken: "renewed" });
        },
      });
      api.rules = ({ authorization }) =>
        authorization === "Bearer renewed" ? { status: 200, headers: { "x-token": "slid" } } : { status: 401 };
      assert.equal(await client.send(auth, { url: at("/a"), body: "x" }), 200);
      assert.deepEqual([await auth.token(), refreshes, api.seen.length], ["slid", 1, 2]);
    });
  });
}

test("sessionSeconds ends a session that slides, and idleSeconds sees no user in it", async () => {
  client = stage.world.clients[0] ?? assert.fail();
  for (const [limits, reason] of [[{ sessionSeconds: 1 }, "session-limit"], [{ idleSeconds: 1, idleWarningSeconds: 0 }, "idle"]] as const) {
    const auth = await signedIn({ limits });
    const ended = new Promise<void>((resolve) => {
      auth.subscribe((session) => {
        if (session.status === "signed-out") resolve();
      });
    });
    const sending = setInterval(() => void client.send(auth, { url: at("/a"), body: "x" }), 100);
    await ended;
    clearInterval(sending);
    assert.deepEqual(auth.session, { status: "signed-out", reason });
    assert.ok(told().filter((type) => type === "refreshed").length > 3);
    auth.close();
  }
});

describe("accept() with renew", () => {
  test("continues the session; without one it is signed_out", async () => {
    const auth = await signedIn();
    await auth.accept({ accessToken: "pushed", profile: { name: "Ada", role: "admin" } }, { renew: true });
    assert.ok(auth.session.status === "signed-in" && auth.session.profile?.role === "admin");
    assert.equal(await auth.token(), "pushed");
    assert.deepEqual(told(), ["signed-in", "refreshed"]);
    await auth.signOut();
    await assert.rejects(auth.accept({ accessToken: "late" }, { renew: true }), { code: "signed_out" });
    assert.equal(auth.session.status, "signed-out");
  });

  test("refuses another user's tokens, and loses nothing", async () => {
    const auth = await signedIn();
    await auth.accept({ accessToken: jwt({ sub: "ada", exp: 4e9 }) });
    await assert.rejects(auth.accept({ accessToken: jwt({ sub: "eve", exp: 4e9 }) }, { renew: true }), { code: "invalid_response" });
    assert.ok(auth.session.status === "signed-in" && auth.session.claims?.sub === "ada");
  });

  test("a polluted Object.prototype renews nothing (SEC-35)", async () => {
    const auth = await signedIn();
    Object.defineProperty(Object.prototype, "renew", { value: true, configurable: true });
    try {
      await auth.accept({ accessToken: "other" }, {});
    } finally {
      Reflect.deleteProperty(Object.prototype, "renew");
    }
    assert.deepEqual(told(), ["signed-in", "signed-in"]);
  });
});

describe("profile", () => {
  const profileOf = ({ session }: Hallpass.Auth): unknown => (session.status === "signed-in" ? session.profile : undefined);

  test("frozen, without prototypes, kept by a refresh that has none, gone with the session", async () => {
    const auth = await signedIn({ refresh: () => Promise.resolve({ accessToken: "renewed", refreshToken: "r" }) });
    const made = { name: "Ada", roles: ["admin"], ["__proto__"]: null, nested: { toString: 1 } };
    await auth.accept({ accessToken: "a", refreshToken: "r", profile: made });
    made.name = "Eve";
    const profile = profileOf(auth) as { name: string; nested: object; roles: string[] };
    assert.deepEqual([profile.name, profile.roles], ["Ada", ["admin"]]);
    for (const object of [profile, profile.nested]) assert.ok(Object.isFrozen(object) && Object.getPrototypeOf(object) === null);
    assert.throws(() => profile.roles.push("root"), TypeError);
    await auth.refresh();
    assert.equal((profileOf(auth) as { name: string }).name, "Ada");
    await auth.signOut();
    assert.equal(profileOf(auth), undefined);
    await auth.accept({ accessToken: "b" });
    assert.equal(profileOf(auth), null);
  });

  test("what is no object of 8 KiB of JSON is refused, with a reason, and the old session stays", async () => {
    const auth = await signedIn();
    const circle: Record<string, unknown> = {};
    circle.circle = circle;
    for (const profile of [{ a: "x".repeat(8185) }, [], "Ada", 7, true, circle, () => 1, { a: 1n }]) {
      const given = { accessToken: "b", profile: profile as Record<string, unknown> };
      await assert.rejects(auth.accept(given), { code: "invalid_response", message: /^profile is no object of at most 8192 bytes/ });
      await assert.rejects(auth.accept(given, { renew: true }), { code: "invalid_response" });
    }
    assert.deepEqual([await auth.token(), (profileOf(auth) as { name: string }).name], ["token-0", "Ada"]);
    await auth.accept({ accessToken: "b", profile: { a: "x".repeat(8184) } });
    assert.equal((profileOf(auth) as { a: string }).a.length, 8184);
  });

  test("comes from readTokens at sign-in, and survives a reload", async () => {
    api.rules = () => ({ status: 200, body: '{"user":{"token":"t","email":"ada@example.com"}}' });
    const options: Hallpass.AuthOptions = {
      name: "profile",
      storage: "session",
      signIn: at("/login"),
      readTokens(body) {
        const { token, ...profile } = (body as { user: Record<string, string> }).user;
        return { accessToken: token ?? "", profile };
      },
    };
    const stored = new Map<string, string>();
    const storage = { get: (key: string) => stored.get(key) ?? null, set: (key: string, value: string) => void stored.set(key, value), remove: (key: string) => void stored.delete(key) };
    const first = stage.world.hallpass.createAuth({ ...options, storage });
    await first.signIn({ email: "ada@example.com", password: "secret" });
    assert.equal((profileOf(first) as { email: string }).email, "ada@example.com");
    first.close();
    const second = stage.world.hallpass.createAuth({ ...options, storage });
    await second.ready;
    assert.equal((profileOf(second) as { email: string }).email, "ada@example.com");
    await second.signOut();
    assert.ok(![...stored.values()].some((text) => text.includes("ada@example.com")));
    second.close();
  });
});
