import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import { inspect } from "node:util";
import type * as Hallpass from "../src/index.js";
import { type Client, CLIENTS, pause, setStage } from "./clients.js";

/*
 * Servers that want another header than `Authorization: Bearer`, or say in their own way that a token is not good any
 * more: the same cases for every client, with the shipped package and a real server.
 */

const stage = setStage();
const { api, foreign, reported } = stage;
let client: Client;
let refreshes: number;
let auth: Hallpass.Auth | undefined;

beforeEach(() => {
  refreshes = 0;
});
afterEach(() => {
  auth?.close();
});

async function signedIn(options: Hallpass.AuthOptions): Promise<Hallpass.Auth> {
  return start({ refresh, ...options });
}

async function start(options: Hallpass.AuthOptions): Promise<Hallpass.Auth> {
  auth = stage.world.hallpass.createAuth({ origins: [api.origin], storage: "memory", ...options });
  await auth.accept({ accessToken: "old" });
  return auth;
}

async function refresh(): Promise<Hallpass.TokenSet> {
  refreshes++;
  await pause(5);
  return { accessToken: "new" };
}

const at = (path: string): string => api.origin + path;
const sent = (name: string): unknown[] => api.seen.map(({ headers }) => headers[name]);

function headerCases(): void {
  test("the token travels in the header and the scheme of the options, again after a refresh", async () => {
    for (const [header, name, before, now] of [
      [{ name: "X-Access-Token", scheme: "" }, "x-access-token", "old", "new"],
      [{ scheme: "Token" }, "authorization", "Token old", "Token new"],
      [{ scheme: "" }, "authorization", "old", "new"],
      [{ name: "X-Auth" }, "x-auth", "Bearer old", "Bearer new"],
      [{}, "authorization", "Bearer old", "Bearer new"],
    ] as const) {
      api.reset();
      api.rules = ({ headers }) => ({ status: headers[name] === now ? 200 : 401 });
      const auth = await signedIn({ header });
      assert.equal(await client.send(auth, { url: at("/a"), body: "x" }), 200, name);
      assert.deepEqual(sent(name), [before, now]);
      if (name !== "authorization") assert.deepEqual(sent("authorization"), [undefined, undefined]);
      auth.close();
    }
  });

  test("the caller's own header of that name stays, whatever its case, and its 401 is the caller's (SEC-20)", async () => {
    const auth = await signedIn({ header: { name: "X-Access-Token", scheme: "" } });
    assert.equal(await client.send(auth, { url: at("/a"), body: "x", headers: { "x-ACCESS-token": "mine" } }), 401);
    await pause(10);
    assert.deepEqual([sent("x-access-token"), refreshes], [["mine"], 0]);
  });

  test("beside another header, the caller's Authorization is one like any other", async () => {
    api.rules = () => ({ status: 200 });
    const auth = await signedIn({ header: { name: "X-Access-Token", scheme: "" } });
    await client.send(auth, { url: at("/a"), body: "x", headers: { Authorization: "Basic gateway" } });
    assert.deepEqual([sent("authorization"), sent("x-access-token")], [["Basic gateway"], ["old"]]);
  });

  test("a foreign origin gets no header of that name (SEC-12)", async () => {
    const auth = await signedIn({ header: { name: "X-Access-Token" } });
    await client.send(auth, { url: `${foreign.origin}/a`, body: "x" });
    assert.deepEqual(foreign.seen.map(({ headers }) => headers["x-access-token"]), [undefined]);
  });
}

function unauthorizedCases(): void {
  test("a status of the server's own: one refresh, one replay (REL-18)", async () => {
    for (const status of [403, 419, 440, 498, 400, 500]) {
      api.reset();
      refreshes = 0;
      api.rules = ({ authorization }) => ({ status: authorization === "Bearer new" ? 200 : status });
      const auth = await signedIn({ unauthorized: (answer) => answer.status === status });
      assert.equal(await client.send(auth, { url: at("/a"), body: "the body" }), 200, String(status));
      assert.deepEqual(api.seen.map(({ authorization, body }) => [authorization, body]), [["Bearer old", "the body"], ["Bearer new", "the body"]]);
      assert.equal(refreshes, 1);
      auth.close();
    }
  });

  test("an error in a 200, as GraphQL says it: seven answers, one refresh, all succeed (REL-17)", async () => {
    const refusal = JSON.stringify({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    api.rules = ({ authorization }) => ({
      status: 200,
      headers: { "content-type": "application/json" },
      body: authorization === "Bearer new" ? '{"data":1}' : refusal,
    });
    const auth = await signedIn({
      async unauthorized(answer) {
        const { errors = [] } = (await answer.json()) as { errors?: { extensions?: { code?: string } }[] };
        return errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED");
      },
    });
    const answers = Array.from({ length: 7 }, async (_, index) => {
      await pause(3 * index);
      return client.receive(auth, { url: at("/graphql"), body: String(index) });
    });
    assert.deepEqual(await Promise.all(answers), Array.from({ length: 7 }, () => ({ status: 200, body: '{"data":1}' })));
    assert.equal(refreshes, 1);
  });

  test("the body is there for the application, also after it was read here, twice", async () => {
    api.rules = () => ({ status: 200, headers: { "content-type": "application/json" }, body: '{"a":1}' });
    const read: unknown[] = [];
    const auth = await signedIn({
      async unauthorized(answer) {
        read.push(await answer.json(), await answer.text(), await answer.json());
        return false;
      },
    });
    assert.deepEqual(await client.receive(auth, { url: at("/a"), body: "x" }), { status: 200, body: '{"a":1}' });
    assert.deepEqual(read, [{ a: 1 }, '{"a":1}', { a: 1 }]);
  });

  test("it is told address, method, status and headers; of a failure too", async () => {
    for (const status of [200, 404]) {
      api.rules = () => ({ status, headers: { "x-reason": "some" }, body: "why" });
      const told: unknown[] = [];
      const auth = await signedIn({
        async unauthorized({ url, method, status, headers, text }) {
          told.push({ url, method, status, reason: headers.get("X-Reason"), text: await text() });
          return false;
        },
      });
      assert.deepEqual(await client.receive(auth, { url: at("/a?b=1"), body: "x" }), { status, body: "why" });
      assert.deepEqual(told, [{ url: at("/a?b=1"), method: "POST", status, reason: "some", text: "why" }]);
      auth.close();
    }
  });

  test("what it says counts instead of the status: a 401 may be about something else", async () => {
    const auth = await signedIn({ unauthorized: () => false });
    assert.equal(await client.send(auth, { url: at("/a"), body: "x" }), 401);
    await pause(10);
    assert.deepEqual([refreshes, auth.session.status], [0, "signed-in"]);
  });

  test("what it throws is reported, and the status counts", async () => {
    api.good.add("new");
    for (const unauthorized of [() => { throw new Error("slip"); }, () => Promise.reject(new Error("slip")), (answer: Hallpass.ApiAnswer) => answer.json().then(() => false)]) {
      api.seen.length = 0;
      reported.length = 0;
      const auth = await signedIn({ unauthorized });
      assert.equal(await client.send(auth, { url: at("/a"), body: "x" }), 200);
      assert.deepEqual(api.tokens, ["old", "new"]);
      assert.equal(reported.length, 1);
      assert.equal(await client.send(auth, { url: at("/forbidden"), body: "x" }), 403);
      auth.close();
    }
  });

  test("it is asked of requests with our token only, and of none of a redirect's foreign end (SEC-12)", async () => {
    let asked = 0;
    const auth = await signedIn({ unauthorized: () => (asked++, true) });
    await client.send(auth, { url: `${foreign.origin}/a`, body: "x" });
    await client.send(auth, { url: at("/a"), body: "x", headers: { authorization: "Basic 1" } });
    await client.send(auth, { url: at(`/go?to=${encodeURIComponent(`${foreign.origin}/x`)}`), body: "x" });
    await auth.signOut();
    await client.send(auth, { url: at("/a"), body: "x" });
    await pause(10);
    assert.deepEqual([asked, refreshes], [0, 0]);
  });

  test("the second answer stands, whatever it is: no loop (REL-18)", async () => {
    api.rules = () => ({ status: 419, body: "again" });
    const auth = await signedIn({ unauthorized: ({ status }) => status === 419 });
    assert.deepEqual(await client.receive(auth, { url: at("/a"), body: "x" }), { status: 419, body: "again" });
    await pause(10);
    assert.deepEqual([api.seen.length, refreshes], [2, 1]);
  });

  test("without a way to refresh the session ends, and the answer is the application's, whole", async () => {
    api.rules = () => ({ status: 200, body: "expired" });
    const auth = await start({ unauthorized: async (answer) => (await answer.text()) === "expired" });
    assert.deepEqual(await client.receive(auth, { url: at("/a"), body: "x" }), { status: 200, body: "expired" });
    await pause(10);
    assert.deepEqual(auth.session, { status: "signed-out", reason: "rejected" });
  });
}

for (const [index, name] of CLIENTS.entries()) {
  describe(`a server with rules of its own, by ${name}`, () => {
    before(() => {
      client = stage.world.clients[index] ?? assert.fail(name);
    });
    headerCases();
    unauthorizedCases();
  });
}

test("bearer at an endpoint means this header too", async () => {
  api.rules = ({ path }) => ({ status: 200, headers: { "content-type": "application/json" }, body: path === "/token" ? '{"token":"new"}' : "{}" });
  const auth = await signedIn({ header: { name: "X-Access-Token", scheme: "" }, refresh: { url: at("/token"), bearer: true } });
  await auth.refresh();
  assert.deepEqual([sent("x-access-token"), sent("authorization")], [["old"], [undefined]]);
});

test("headers() and authorization() say what would be sent, and null where nothing would be", async () => {
  const auth = await signedIn({ header: { name: "X-Access-Token", scheme: "JWT" } });
  assert.deepEqual(await auth.headers(at("/a")), { "X-Access-Token": "JWT old" });
  assert.deepEqual(await auth.headers(new URL(at("/a")), { method: "PUT", minValiditySeconds: 0 }), { "X-Access-Token": "JWT old" });
  assert.equal(await auth.authorization(at("/a")), "JWT old");
  assert.equal(await auth.headers(`${foreign.origin}/a`), null);
  await assert.rejects(auth.headers(7 as never), { code: "invalid_option", message: /^headers: url must be a URL/ });
  await auth.signOut();
  await assert.rejects(auth.headers(at("/a")), { code: "signed_out" });
  assert.equal(await auth.headers(`${foreign.origin}/a`), null);
});

test("fetch sends everything: the application's requests and those of endpoints", async () => {
  api.good.add("new");
  const seen: string[] = [];
  const through: typeof fetch = (input, init) => {
    seen.push(new URL(input instanceof Request ? input.url : input).pathname);
    return fetch(input, init);
  };
  api.rules = ({ path }) => (path === "/a" ? undefined : { status: 200, headers: { "content-type": "application/json" }, body: '{"token":"new"}' });
  const auth = await signedIn({ fetch: through, signIn: at("/sign-in"), refresh: { url: at("/token"), bearer: true }, signOut: at("/sign-out") });
  assert.equal((await auth.fetch(at("/a"), { method: "POST", body: "x" })).status, 200);
  assert.equal((await auth.fetch(new Request(at("/a"), { method: "POST", body: "x" }))).status, 200);
  await auth.signOut();
  await auth.signIn({});
  assert.deepEqual(seen, ["/a", "/token", "/a", "/a", "/sign-out", "/sign-in"]);
});

test("a refused or tokenless sign-in brings what the server said, which no log shows (SEC-40)", async () => {
  const json = { "content-type": "application/json" };
  const cases = [
    [{ status: 401, headers: json, body: '{"message":"locked until noon"}' }, "sign_in_rejected", { message: "locked until noon" }, undefined],
    [{ status: 400, headers: json, body: '{"error":"mfa_required","ticket":"t-1"}' }, "sign_in_rejected", { error: "mfa_required", ticket: "t-1" }, "mfa_required"],
    [{ status: 200, headers: json, body: '{"ticket":"t-2","methods":["totp"]}' }, "invalid_response", { ticket: "t-2", methods: ["totp"] }, undefined],
    [{ status: 503, body: "down for the night" }, "sign_in_unavailable", "down for the night", undefined],
    [{ status: 401 }, "sign_in_rejected", undefined, undefined],
    [{ status: 422, headers: json, body: '{"error":{"code":7}}' }, "sign_in_rejected", { error: { code: 7 } }, undefined],
    [{ status: 400, body: "x".repeat(70_000) }, "sign_in_rejected", undefined, undefined],
  ] as const;
  for (const [reply, code, answer, oauthError] of cases) {
    api.rules = () => reply;
    auth?.close();
    auth = stage.world.hallpass.createAuth({ origins: [api.origin], storage: "memory", signIn: at("/sign-in") });
    const error = await auth.signIn({}).then(() => assert.fail(), (error: unknown) => error as Hallpass.AuthError);
    assert.deepEqual([error.code, error.status, error.answer, error.oauthError], [code, reply.status, answer, oauthError]);
    assert.ok(!Object.keys(error).includes("answer"));
    for (const shown of [JSON.stringify(error), error.message, String(error.stack), inspect(error)]) {
      for (const secret of ["t-1", "t-2", "noon", "night"]) assert.ok(!shown.includes(secret), shown);
    }
  }
  const error = await signedIn({ signIn: at("/sign-in") }).then((auth) => {
    api.rules = () => ({ status: 200, headers: json, body: '{"accesstoken":"s3cret","meta":{"jwtToken":"s3cret"}}' });
    return auth.signIn({});
  }).then(() => assert.fail(), (error: unknown) => error as Hallpass.AuthError);
  assert.match(error.message, /its names: accesstoken, meta, meta\.jwtToken/);
});

test("a second factor: the ticket comes out of the answer, and the tokens of the second step begin the session", async () => {
  api.good.add("new");
  api.rules = ({ path, body }) => {
    if (path === "/sign-in") return { status: 200, body: '{"ticket":"t-1"}' };
    if (path !== "/confirm") return undefined;
    return body === '{"ticket":"t-1","code":"123456"}' ? { status: 200, body: '{"access_token":"new"}' } : { status: 401 };
  };
  auth?.close();
  auth = stage.world.hallpass.createAuth({ origins: [api.origin], storage: "memory", signIn: at("/sign-in") });
  const error = await auth.signIn({ username: "demo" }).then(() => assert.fail(), (error: unknown) => error as Hallpass.AuthError);
  assert.deepEqual([error.code, auth.session.status], ["invalid_response", "signed-out"]);
  const { ticket } = error.answer as { ticket: string };
  const confirmed = await fetch(at("/confirm"), { method: "POST", body: JSON.stringify({ ticket, code: "123456" }) });
  const { access_token: accessToken } = (await confirmed.json()) as { access_token: string };
  assert.equal((await auth.accept({ accessToken })).status, "signed-in");
  assert.equal((await auth.fetch(at("/a"), { method: "POST" })).status, 200);
});

test("Django, dj-rest-auth and RealWorld name their tokens otherwise", async () => {
  for (const body of ['{"access":"new","refresh":"r"}', '{"key":"new"}', '{"user":{"email":"x","token":"new"}}']) {
    api.reset();
    api.good.add("new");
    api.rules = ({ path }) => (path === "/sign-in" ? { status: 200, body } : undefined);
    const auth = await signedIn({ signIn: at("/sign-in") });
    await auth.signIn({ username: "demo" });
    assert.equal((await auth.fetch(at("/a"), { method: "POST" })).status, 200, body);
    auth.close();
  }
});

test("wrong values say what would be right", () => {
  for (const [options, message] of [
    [{ header: "X-Token" }, /^options\.header must be an object/],
    [{ header: { name: "X Token" } }, /^options\.header\.name must be a name/],
    [{ header: { name: "" } }, /^options\.header\.name must be a name/],
    [{ header: { name: "Cookie" } }, /^options\.header\.name must be a header that a page may set: browsers leave out Cookie/],
    [{ header: { name: "sec-token" } }, /browsers leave out sec-token/],
    [{ header: { name: "Proxy-Authorization" } }, /browsers leave out Proxy-Authorization/],
    [{ header: { name: "Host" } }, /browsers leave out Host/],
    [{ header: { scheme: "Bearer " } }, /^options\.header\.scheme must be a scheme/],
    [{ header: { scheme: "a\r\nb" } }, /^options\.header\.scheme must be a scheme/],
    [{ header: { scheme: "schöm" } }, /^options\.header\.scheme must be a scheme/],
    [{ header: { scheme: null } }, /^options\.header\.scheme must be a scheme/],
    [{ header: { prefix: "" } }, /^options\.header\.prefix does not exist/],
    [{ unauthorized: [401] }, /^options\.unauthorized must be a function/],
    [{ fetch: true }, /^options\.fetch must be a function/],
  ] as const) {
    assert.throws(() => stage.world.hallpass.createAuth(options as never), { code: "invalid_option", message });
  }
});
