import assert from "node:assert/strict";
import { tokenAnswer } from "./harness/jwt.js";
import { PackagePage } from "./harness/package-page.js";
import { PlainPage } from "./harness/plain-page.js";
import { suite } from "./harness/suite.js";

/* Browsers that lack what keeps tabs apart and together: the weaker promises of the README. */

suite("missing APIs", (test) => {
  test("without Web Locks and BroadcastChannel one tab is as good as ever: one refresh for fifty callers, reload, sign-out (REL-02, SEC-48)", async (world) => {
    const page = await world.plainPage().open({}, ["locks", "BroadcastChannel"]);
    assert.deepEqual(await page.run(() => [navigator.locks === undefined, window.BroadcastChannel === undefined]), [true, true]);
    await page.signIn();
    await page.run(() => Promise.all(Array.from({ length: 50 }, () => window.hallpassDemo.auth.refresh())));
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), [200]);
    await page.reload();
    assert.equal((await page.refresh()).status, "signed-in");
    assert.equal((await page.ask("/me"))[0].status, 200);
    await page.signOut();
    assert.deepEqual((await page.stores()).sessionStorage, {});
  });

  test("without Web Locks two tabs of one stored session refresh at once: the refused one looks again and takes what the other got (REL-02, REL-12)", async (world) => {
    const [server] = await world.origins();
    const [first, second, third] = ["the-first-refresh-token", "the-second-refresh-token", "the-third-refresh-token"];
    const next = { [first]: second, [second]: third };
    const spent = new Set();
    let arrived;
    const both = new Promise((resolve) => (arrived = resolve));
    let store;
    const stored = new Promise((resolve) => (store = resolve));
    server.on("POST /auth", () => ({ json: tokenAnswer({ refreshToken: first }) }));
    server.on("POST /token", async ({ body }) => {
      const { refresh_token: token } = JSON.parse(body);
      if (spent.has(token)) {
        // Refused when the other has stored what it got.
        arrived();
        await stored;
        return { status: 400, json: { error: "invalid_grant" } };
      }
      spent.add(token);
      if (token === first) await both;
      return { json: tokenAnswer({ refreshToken: next[token] }) };
    });
    const options = { signIn: "/auth", refresh: "/token", storage: "local" };
    const withoutLocks = (options) => {
      delete Navigator.prototype.locks;
      return options;
    };
    const page = await world.packagePage(server).open(options, withoutLocks);
    await page.run(() => window.auth.signIn({ username: "u", password: "p" }));
    const other = new PackagePage(world.browser, (await world.newPage()).handle, server.origin);
    await other.open(options, withoutLocks);
    assert.equal((await other.session()).status, "signed-in", "from the store that both share");

    for (const tab of [page, other]) {
      await tab.run(() => {
        window.refreshing = window.auth.refresh().then((session) => session.status, (error) => error.code);
      });
    }
    // WebKit shows another tab's writes a moment later.
    for (const tab of [page, other]) {
      await tab.until("one has stored what it got", (token) => localStorage.getItem("hallpass.default")?.includes(token), second);
    }
    store();
    for (const tab of [page, other]) {
      assert.equal(await tab.run(() => window.refreshing), "signed-in");
      assert.equal((await tab.session()).status, "signed-in");
    }
    // The one that was refused asked for a refresh by hand: it gets one, with what the other had stored.
    assert.deepEqual(server.callsTo("/token").map(({ body }) => JSON.parse(body).refresh_token), [first, first, second]);
  });

  test("a request for the lock that is refused, or throws, is made again: the refresh runs under the lock (REL-02, REL-26)", async (world) => {
    const { page, server } = await openWithLocks(world, (options) => {
      const { request } = LockManager.prototype;
      window.requests = 0;
      LockManager.prototype.request = function (...args) {
        window.requests += 1;
        if (window.requests === 1) return Promise.reject(new DOMException("The request callback is no longer runnable.", "AbortError"));
        if (window.requests === 2) throw new TypeError("thrown, not rejected");
        return Reflect.apply(request, this, args);
      };
      return options;
    });
    let held;
    server.on("POST /token", async () => {
      held = await page.run(async () => (await navigator.locks.query()).held.length);
      return { json: tokenAnswer({ refreshToken: "the-second-refresh-token" }) };
    });
    await page.run(() => void window.auth.refresh());
    await page.until("the refresh is over", () => window.auth.session.status === "signed-in" && sessionStorage.getItem("hallpass.default")?.includes("the-second-refresh-token"));
    assert.equal(held, 1);
    assert.equal(await page.run(() => window.requests), 3);
    await page.until("the lock is free", async () => (await navigator.locks.query()).held.length === 0);
  });

  test("a page that may have no locks is not asked for them twice: its refresh goes without (REL-02, SEC-48)", async (world) => {
    const { page, server } = await openWithLocks(world, (options) => {
      window.requests = 0;
      LockManager.prototype.request = () => {
        window.requests += 1;
        return Promise.reject(new DOMException("opaque origin", "SecurityError"));
      };
      return options;
    });
    server.on("POST /token", () => ({ json: tokenAnswer({ refreshToken: "the-second-refresh-token" }) }));
    assert.equal(await page.run(async () => (await window.auth.refresh()).status), "signed-in");
    assert.equal(server.callsTo("/token").length, 1);
    assert.equal(await page.run(() => window.requests), 1);
  });

  test("without BroadcastChannel a sign-out is noticed by the tabs of the same store at their next wake (SEC-48)", async (world) => {
    const options = { storage: "local" };
    const page = await world.plainPage().open(options, ["BroadcastChannel"]);
    await page.signIn();
    const other = await (await world.newPage(PlainPage)).open(options, ["BroadcastChannel"]);
    assert.equal((await other.session()).status, "signed-in");
    await page.signOut();
    await other.run(() => dispatchEvent(new Event("focus")));
    await other.untilStatus("signed-out");
    assert.deepEqual(await other.session(), { status: "signed-out", reason: "other-tab" }, "by the mark of the sign-out");
  });

  test("without random values there is no session, and every call says why (SEC-45)", async (world) => {
    const [server] = await world.origins();
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/?without-random`);
    await page.until("the package is loaded", () => window.hallpass !== undefined);
    const codes = await page.run(async () => {
      const auth = window.hallpass.createAuth({ refresh: "/token", redirect: { url: "/login" } });
      const calls = [auth.ready, auth.accept({ accessToken: "a-token" }), auth.token(), auth.signInRedirect()];
      return Promise.all(calls.map((call) => call.then(() => "done", (error) => error.code)));
    });
    assert.deepEqual([...new Set(codes)], ["core_unavailable"]);
    assert.equal(await page.run(() => sessionStorage.length), 0);
    world.expect("error");
  });
});

/** A page that is signed in, its Web Locks changed by `change` before the package is asked for anything. */
async function openWithLocks(world, change) {
  const [server] = await world.origins();
  server.on("POST /auth", () => ({ json: tokenAnswer({ refreshToken: "the-first-refresh-token" }) }));
  const page = await world.packagePage(server).open({ signIn: "/auth", refresh: "/token" }, change);
  await page.run(() => window.auth.signIn({ username: "u", password: "p" }));
  return { page, server };
}
