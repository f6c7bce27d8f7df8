import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type * as Hallpass from "../src/index.js";
import { Api, type Client, CLIENTS, openWorld, pause, type World } from "./clients.js";

/*
 * The rules for requests (design, "Requests"), the same cases for every client: the core's own verdicts on real answers.
 */

let world: World;
let client: Client;
let api: Api;
let foreign: Api;
/** How often the refresh function was called, and how it goes on. */
let refreshes: number;
let refreshing: Promise<unknown> | undefined;
const opened: Hallpass.Auth[] = [];

before(async () => {
  api = await new Api().open();
  foreign = await new Api().open();
  world = await openWorld(`${api.origin}/app/`);
});
after(() => {
  world.close();
  api.close();
  foreign.close();
});
beforeEach(() => {
  for (const auth of opened.splice(0)) auth.close();
  api.reset();
  foreign.reset();
  api.good.add("new");
  refreshes = 0;
  refreshing = undefined;
});

function open(options: Hallpass.AuthOptions = { refresh }): Hallpass.Auth {
  const auth = world.hallpass.createAuth({ origins: [api.origin], storage: "memory", ...options });
  opened.push(auth);
  return auth;
}

async function refresh(): Promise<Hallpass.TokenSet> {
  refreshes++;
  await refreshing;
  return { accessToken: "new" };
}

async function signedIn(accessToken = "old", options?: Hallpass.AuthOptions): Promise<Hallpass.Auth> {
  const auth = open(options);
  await auth.accept({ accessToken });
  return auth;
}

const at = (path: string): string => api.origin + path;
/** Until what is under way in promises alone has happened. */
const settled = (): Promise<void> => pause(10);

/** Of whichever client it is. */
function cases(): void {
  test("the token goes to an allowed address, as it is", async () => {
    const auth = await signedIn("new");
    assert.equal(await client.send(auth, { url: at("/a"), body: "x" }), 200);
    assert.deepEqual(api.tokens, ["new"]);
  });

  test("a foreign origin gets no token, and its 401 no refresh (SEC-12, REL-18)", async () => {
    const auth = await signedIn();
    assert.equal(await client.send(auth, { url: `${foreign.origin}/a`, body: "x" }), 401);
    await settled();
    assert.deepEqual([foreign.tokens, refreshes], [[undefined], 0]);
  });

  test("the caller's own Authorization stays, and its 401 is the caller's (SEC-20)", async () => {
    const auth = await signedIn();
    assert.equal(await client.send(auth, { url: at("/a"), body: "x", headers: { authorization: "Basic 1" } }), 401);
    await settled();
    assert.deepEqual([api.tokens, refreshes], [["Basic 1"], 0]);
  });

  test("401 with our token: one refresh, one replay with the same body (REL-18)", async () => {
    const auth = await signedIn();
    assert.equal(await client.send(auth, { url: at("/a"), body: "the body" }), 200);
    assert.deepEqual([api.tokens, refreshes], [["old", "new"], 1]);
    assert.deepEqual(api.seen.map(({ body }) => body), ["the body", "the body"]);
  });

  test("a second 401 stands: no loop (REL-18)", async () => {
    api.good.clear();
    const auth = await signedIn();
    assert.equal(await client.send(auth, { url: at("/a"), body: "x" }), 401);
    await settled();
    assert.deepEqual([api.tokens, refreshes, auth.session.status], [["old", "new"], 1, "signed-in"]);
  });

  test("insufficient_scope and 403 stand, without a refresh (REL-18)", async () => {
    for (const options of [{ refresh }, {}]) {
      const auth = await signedIn("old", options);
      assert.equal(await client.send(auth, { url: at("/scope"), body: "x" }), 401);
      assert.equal(await client.send(auth, { url: at("/forbidden"), body: "x" }), 403);
      await settled();
      assert.deepEqual([api.tokens, refreshes, auth.session.status], [["old", "old"], 0, "signed-in"]);
      api.seen.length = 0;
    }
  });

  test("401 after the token has changed: replayed with the new one, without another refresh (REL-17)", async () => {
    const auth = await signedIn();
    api.hold();
    const answer = client.send(auth, { url: at("/a"), body: "x" });
    await api.arrived(1);
    await auth.refresh();
    api.release();
    assert.equal(await answer, 200);
    assert.deepEqual([api.tokens, refreshes], [["old", "new"], 1]);
  });

  test("401 after the session has changed: it stands, and the new session stays (SEC-38)", async () => {
    const auth = await signedIn();
    api.hold();
    const answer = client.send(auth, { url: at("/a"), body: "x" });
    await api.arrived(1);
    await auth.signOut();
    await auth.accept({ accessToken: "another" });
    api.release();
    assert.equal(await answer, 401);
    await settled();
    assert.deepEqual([api.tokens, refreshes, auth.session.status], [["old"], 0, "signed-in"]);
  });

  test("without a way to refresh the session ends, once (REL-18)", async () => {
    const auth = await signedIn("old", {});
    const reasons: unknown[] = [];
    auth.subscribe((_session, change) => void reasons.push(change));
    const request = { url: at("/a"), body: "x" };
    assert.deepEqual(await Promise.all([client.send(auth, request), client.send(auth, request)]), [401, 401]);
    await settled();
    assert.deepEqual([api.tokens, reasons], [["old", "old"], [{ type: "signed-out", reason: "rejected" }]]);
  });

  test("a 401 from where a redirect led out of the allowed addresses stands, and ends nothing (REL-18)", async () => {
    for (const options of [{ refresh }, {}]) {
      const auth = await signedIn("old", options);
      const url = at(`/go?to=${encodeURIComponent(`${foreign.origin}/x`)}`);
      assert.equal(await client.send(auth, { url, body: "x" }), 401);
      await settled();
      assert.deepEqual([foreign.seen.length, refreshes, auth.session.status], [1, 0, "signed-in"]);
      foreign.seen.length = 0;
    }
  });

  test("a body that cannot be sent twice: the 401 comes back, the next request has a better token (REL-19)", async () => {
    if (!client.streams) return;
    const auth = await signedIn();
    assert.equal(await client.send(auth, { url: at("/a"), body: new Blob(["once"]).stream() }), 401);
    assert.deepEqual(api.seen.map(({ body }) => body), ["once"]);
    assert.equal(await client.send(auth, { url: at("/a"), body: "x" }), 200);
    assert.deepEqual([api.tokens, refreshes], [["old", "new"], 1]);
  });

  test("the replay has the body of the call, whatever happens to the caller's object meanwhile (REL-19)", async () => {
    const auth = await signedIn();
    const bytes = new Uint8Array([65, 66, 67]);
    const parameters = new URLSearchParams({ a: "1" });
    const form = new FormData();
    form.append("a", "1");
    const object = { a: 1 };
    const bodies = [bytes.buffer, parameters, form, ...(client.name === "fetch" ? [bytes] : [object])];
    for (const body of bodies) {
      await auth.accept({ accessToken: "old" });
      api.seen.length = 0;
      api.hold();
      const answer = client.send(auth, { url: at("/a"), body });
      await api.arrived(1);
      bytes.fill(90);
      parameters.append("b", "2");
      form.append("b", "2");
      object.a = 2;
      api.release();
      assert.equal(await answer, 200);
      const [first, second] = api.seen.map(({ body, type }) => [withoutBoundary(body), withoutBoundary(type ?? "")]);
      assert.ok(first?.[0] !== "");
      assert.deepEqual(second, first);
      bytes.set([65, 66, 67]);
    }
  });

  test("a request that waits for its first token sends the body of the call (REL-19)", async () => {
    const { promise, resolve } = deferred();
    refreshing = promise;
    const auth = await signedIn("old", { refresh });
    await auth.accept({ accessToken: "old", expiresIn: 0 });
    const body = new Uint8Array([65, 66, 67]);
    const answer = client.send(auth, { url: at("/a"), body: body.buffer });
    await settled();
    body.fill(90);
    resolve();
    assert.equal(await answer, 200);
    assert.deepEqual(api.seen.map(({ body }) => body), ["ABC"]);
  });

  test("aborted while it waits for its token: never sent; the refresh goes on (REL-21)", async () => {
    const { promise, resolve } = deferred();
    refreshing = promise;
    const auth = open();
    await auth.accept({ accessToken: "old", expiresIn: 0 });
    const controller = new AbortController();
    const given = assert.rejects(client.send(auth, { url: at("/given-up"), body: "x", signal: controller.signal }));
    const kept = client.send(auth, { url: at("/kept"), body: "x" });
    await settled();
    controller.abort();
    await given;
    resolve();
    assert.equal(await kept, 200);
    await settled();
    assert.deepEqual([api.seen.map(({ path }) => path), refreshes], [["/kept"], 1]);
  });

  test("aborted while it waits for its replay: not sent again; the refresh goes on (REL-21)", async () => {
    const { promise, resolve } = deferred();
    refreshing = promise;
    const auth = await signedIn();
    const controller = new AbortController();
    const given = assert.rejects(client.send(auth, { url: at("/given-up"), body: "x", signal: controller.signal }));
    const kept = client.send(auth, { url: at("/kept"), body: "x" });
    await api.arrived(2);
    while (refreshes === 0) await settled();
    await settled();
    controller.abort();
    await given;
    resolve();
    assert.equal(await kept, 200);
    await settled();
    assert.deepEqual([api.seen.filter(({ path }) => path === "/given-up").length, refreshes], [1, 1]);
  });

  test("signed out, and with the refresh out of reach, requests go without a token, and their 401 stands (design 5.16)", async () => {
    const auth = open();
    assert.equal(await client.send(auth, { url: at("/a"), body: "x" }), 401);
    const stale = open({ refresh: () => Promise.reject(new Error("no network")) });
    await stale.accept({ accessToken: "old", expiresIn: 0 });
    assert.equal(await client.send(stale, { url: at("/a"), body: "x" }), 401);
    assert.deepEqual(api.tokens, [undefined, undefined]);
  });

  test("a closed auth: its own fetch says so, the application's clients go on without it (design 5.2)", async () => {
    const auth = await signedIn("new");
    auth.close();
    const answer = client.send(auth, { url: at("/a"), body: "x" });
    if (client.isOptional) assert.equal(await answer, 401);
    else await assert.rejects(answer, { code: "closed" });
    assert.deepEqual(api.tokens, client.isOptional ? [undefined] : []);
  });

  test("the base of the page moves during a wait: a relative URL is judged again (SEC-12)", async () => {
    const { promise, resolve } = deferred();
    refreshing = promise;
    const auth = await signedIn("old");
    // In Node only these know what a relative URL starts from; hallpass' own fetch resolves it at the call.
    const isResolved = client.name === "fetch";
    if (!isResolved && !client.name.endsWith("xhr")) return;
    const replayed = client.send(auth, { url: "/replayed", body: "x" });
    await api.arrived(1);
    while (refreshes === 0) await settled();
    await settled();
    const waiting = client.send(auth, { url: "/waiting", body: "x" });
    await settled();
    const base = document.createElement("base");
    base.href = `${foreign.origin}/`;
    document.head.append(base);
    try {
      resolve();
      assert.deepEqual(await Promise.all([replayed, waiting]), isResolved ? [200, 200] : [401, 401]);
      assert.deepEqual([...api.tokens, ...foreign.tokens], isResolved ? ["old", "new", "new"] : ["old", undefined]);
    } finally {
      base.remove();
    }
  });
}

for (const [index, name] of CLIENTS.entries()) {
  describe(`requests by ${name}`, () => {
    before(() => {
      client = world.clients[index] ?? assert.fail(name);
      assert.equal(client.name, name);
    });
    cases();
  });
}

function withoutBoundary(text: string): string {
  return text.replaceAll(/-{2,}[\w-]{8,}/g, "boundary");
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
