import assert from "node:assert/strict";
import { tokenAnswer } from "./harness/jwt.js";
import { suite } from "./harness/suite.js";

/* Other ways to set it up than the demo's, on a bare page with the package and nothing else. */

suite("options", (test) => {
  test("storage local: one record in localStorage, shared by reload, gone after sign-out (SEC-01, SEC-05)", async (world) => {
    const { page } = await backend(world, { storage: "local" });
    await page.run(() => window.auth.signIn({ username: "u", password: "p" }));
    let stores = await page.stores();
    assert.deepEqual([Object.keys(stores.localStorage), stores.sessionStorage], [["hallpass.default"], {}]);
    await page.open({ ...ENDPOINTS, storage: "local" });
    assert.equal((await page.session()).status, "signed-in");
    await page.run(() => window.auth.signOut());
    stores = await page.stores();
    assert.deepEqual([stores.localStorage, stores.sessionStorage], [{}, {}]);
  });

  test("storage memory: no store holds anything, and a reload forgets (SEC-01)", async (world) => {
    const { page } = await backend(world, { storage: "memory" });
    await page.run(() => window.auth.signIn({ username: "u", password: "p" }));
    await page.run(() => window.auth.refresh());
    const { sessionStorage, localStorage, cookie, indexedDB, caches, windowName } = await page.stores();
    assert.deepEqual([sessionStorage, localStorage, cookie, indexedDB, caches, windowName], [{}, {}, "", [], [], ""]);
    await page.open({ ...ENDPOINTS, storage: "memory" });
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "never-signed-in" });
  });

  test("a refresh function: called once for twenty requests, its tokens go out on the replay (REL-16)", async (world) => {
    const [server] = await world.origins();
    server.on("GET /data", ({ headers }) => (headers.authorization === "Bearer the-new-access-token" ? {} : { status: 401 }));
    const page = await world.packagePage(server).open({}, (options) => ({
      ...options,
      refresh: async ({ accessToken, refreshToken }) => {
        (window.asked ??= []).push([accessToken, refreshToken]);
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { accessToken: "the-new-access-token", refreshToken: "the-new-refresh-token" };
      },
    }));
    await page.run(() => window.auth.accept({ accessToken: "the-old-access-token", refreshToken: "the-old-refresh-token" }));
    const statuses = await page.run(() =>
      Promise.all(Array.from({ length: 20 }, async (_, index) => (await window.auth.fetch(`/data?${index}`)).status)),
    );
    assert.deepEqual(statuses, Array(20).fill(200));
    assert.deepEqual(await page.run(() => window.asked), [["the-old-access-token", "the-old-refresh-token"]]);
  });

  test("a refresh function that answers after the sign-out, and does not care for its signal: nothing comes back (SEC-05, SEC-38)", async (world) => {
    const [server] = await world.origins();
    const page = await world.packagePage(server).open({}, (options) => ({
      ...options,
      refresh: ({ signal }) =>
        new Promise((resolve) => {
          window.answer = () => resolve({ accessToken: "a-token-that-comes-too-late", refreshToken: "its-refresh-token-as-well" });
          window.signalOfRefresh = signal;
        }),
    }));
    await page.run(() => window.auth.accept({ accessToken: "the-old-access-token", refreshToken: "the-old-refresh-token" }));
    const outcome = await page.run(async () => {
      const refreshing = window.auth.refresh().catch((error) => error.code);
      while (window.answer === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
      await window.auth.signOut();
      window.answer();
      const code = await refreshing;
      // What comes of the late answer would come before the next task: nothing of it waits for anything.
      await new Promise((resolve) => setTimeout(resolve, 0));
      return { code, aborted: window.signalOfRefresh.aborted, status: window.auth.session.status };
    });
    assert.deepEqual(outcome, { code: "signed_out", aborted: true, status: "signed-out" });
    assert.deepEqual((await page.stores()).sessionStorage, {});
  });

  test("a refresh function that says null ends the session: rejected", async (world) => {
    const [server] = await world.origins();
    const page = await world.packagePage(server).open({}, (options) => ({ ...options, refresh: async () => null }));
    await page.run(() => window.auth.accept({ accessToken: "the-old-access-token" }));
    assert.equal((await page.errorOf(() => window.auth.refresh())).code, "refresh_rejected");
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "rejected" });
  });

  test("a redirect from the token endpoint is not followed: neither password nor refresh token go elsewhere (SEC-26)", async (world) => {
    const { page, server } = await backend(world);
    const [, evil] = await world.origins(2);
    evil.on("* /caught", () => ({ json: tokenAnswer() }));
    await page.run(() => window.auth.signIn({ username: "u", password: "p" }));
    for (const status of [301, 302, 303, 307, 308]) {
      for (const path of ["/auth", "/token", "/out"]) {
        server.on(`POST ${path}`, () => ({ status, headers: { Location: `${evil.origin}/caught` } }));
      }
      assert.equal((await page.errorOf(() => window.auth.refresh())).code, "invalid_response", String(status));
      assert.equal((await page.errorOf(() => window.auth.signIn({ username: "u", password: "p" }))).code, "invalid_response", String(status));
    }
    // A server that sends to its login page after a sign-out has heard of it.
    await page.run(() => window.auth.signOut());
    assert.deepEqual(evil.calls, []);
  });

  test("a stored record of any other shape is discarded: signed out, reason storage, no exception (SEC-03)", async (world) => {
    const { page } = await backend(world);
    await page.run(() => window.auth.signIn({ username: "u", password: "p" }));
    const record = await page.run(() => sessionStorage.getItem("hallpass.default"));
    const damaged = [
      "", "null", "[]", "{}", "5", '"x"', "{", "\u0000", "[".repeat(100_000), "x".repeat(2_000_000),
      record.slice(0, -1),
      record.replace('"v":1', '"v":2'),
      record.replace(/"access":"/, '"access":"\\n'),
      JSON.stringify({ ...JSON.parse(record), access: { a: 1 } }),
      JSON.stringify({ ...JSON.parse(record), tokenEndpoint: "https://evil.test/" }),
      `{"__proto__":{"status":"signed-in"},${record.slice(1)}`,
    ];
    for (const text of damaged) {
      await page.run((value) => sessionStorage.setItem("hallpass.default", value), text);
      await page.open(ENDPOINTS);
      assert.deepEqual(await page.session(), { status: "signed-out", reason: "storage" }, text.slice(0, 60));
      assert.deepEqual((await page.stores()).sessionStorage, {}, text.slice(0, 60));
    }
    await page.run((value) => sessionStorage.setItem("hallpass.default", value), record);
    await page.open(ENDPOINTS);
    assert.equal((await page.session()).status, "signed-in", "the record itself was good");
  });

  test("settings planted in stores, cookies and the query change no endpoint (SEC-04)", async (world) => {
    const [server, evil] = await world.origins(2);
    server.on("POST /auth", () => ({ json: tokenAnswer() }));
    server.on("POST /token", () => ({ json: tokenAnswer() }));
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/`);
    await page.run((to) => {
      for (const name of ["tokenEndpoint", "refresh", "signIn", "origins", "hallpass", "hallpass.options", "_authTokenSyncURL"]) {
        localStorage.setItem(name, to);
        sessionStorage.setItem(name, JSON.stringify({ url: to, origins: [to] }));
        document.cookie = `${name}=${encodeURIComponent(to)}; Path=/; Secure`;
      }
    }, `${evil.origin}/token`);
    await page.open(ENDPOINTS);
    await page.run(() => window.auth.signIn({ username: "u", password: "p" }));
    await page.run(() => window.auth.refresh());
    assert.deepEqual(evil.calls, []);
    assert.equal(server.callsTo("/token").length, 1);
  });

  test("a store that throws: memory instead, told once, and everything works (REL-22)", async (world) => {
    const [server] = await world.origins();
    server.on("POST /auth", () => ({ json: tokenAnswer() }));
    server.on("POST /token", () => ({ json: tokenAnswer() }));
    const page = await world.packagePage(server).open(ENDPOINTS, (options) => {
      window.e2e.isFull = true;
      return options;
    });
    await page.run(() => window.auth.signIn({ username: "u", password: "p" }));
    await page.run(() => window.auth.refresh());
    assert.equal((await page.session()).status, "signed-in");
    const degraded = (await page.changes()).filter((change) => change.type === "storage-degraded");
    assert.deepEqual(degraded.map((change) => change.error.code), ["storage_unavailable"]);
  });

  test("the store is cleared by somebody else: noticed at the next refresh, reason storage (REL-23)", async (world) => {
    const { page } = await backend(world);
    await page.run(() => window.auth.signIn({ username: "u", password: "p" }));
    await page.run(() => sessionStorage.clear());
    await page.run(() => window.auth.refresh().catch(() => undefined));
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "storage" });
  });

  test("a device clock that is a day off does not matter: lifetimes count from receipt (REL-08)", async (world) => {
    for (const offsetSeconds of [-86_400, 86_400]) {
      await world.server.clearFaults();
      await world.emptyStores();
      // The server's clock is moved, which is the same from where the page stands.
      await world.server.clock(offsetSeconds);
      await world.server.policy({ accessSeconds: 6 });
      await world.server.clearLog();
      const page = await world.open();
      await page.signIn();
      // What the refresh brings lasts: there is one refresh, however long all this takes.
      await world.server.policy({ accessSeconds: 300 });
      const { session, at } = await page.change("signed-in");
      assert.ok(Math.abs(session.expiresAt - at - 6_000) < 2_000, `${offsetSeconds}: expires in ${session.expiresAt - at} ms`);
      assert.equal(session.stale, false);
      await page.change("refreshed");
      const log = await world.server.log({ listener: "api" });
      assert.equal(log.filter((entry) => entry.path === "/token").length, 1);
      assert.equal((await page.ask("/me"))[0].status, 200);
    }
  });
});

const ENDPOINTS = { signIn: "/auth", refresh: "/token", signOut: "/out" };

/** A harness server with the three endpoints, and a page that uses them. */
async function backend(world, options = {}) {
  const [server] = await world.origins();
  server.on("POST /auth", () => ({ json: tokenAnswer() }));
  server.on("POST /token", () => ({ json: tokenAnswer() }));
  server.on("POST /out", () => ({ status: 204 }));
  const page = await world.packagePage(server).open({ ...ENDPOINTS, ...options });
  return { page, server };
}
