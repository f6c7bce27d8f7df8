import assert from "node:assert/strict";
import { tokenAnswer } from "./harness/jwt.js";
import { suite } from "./harness/suite.js";

/* Functions of the application, called by the package, that call the package again, throw, or go away. */

/** Where an application gets a word in. */
const CALLBACKS = ["listener", "refresh", "readTokens", "rejected", "signOut", "get", "set", "remove"];

/** What it may say there. */
const METHODS = [
  "session", "ready", "subscribe", "token", "fetch", "authorization", "signIn", "accept", "completeRedirect", "refresh", "signOut", "close", "createAuth",
];

suite("re-entrancy", (test) => {
  test("every callback calls every method: nothing hangs, nothing traps, and the manager works afterwards (REL-29)", async (world) => {
    const [server] = await world.origins();
    server.on("POST /auth", () => ({ json: tokenAnswer() }));
    server.on("POST /token", (call, nth) => (nth % 3 === 0 ? { status: 400, json: { error: "no" } } : { json: tokenAnswer() }));
    server.on("POST /out", () => ({ status: 204 }));
    server.on("GET /data", () => ({ json: {} }));
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/`);
    await page.until("the package is loaded", () => window.hallpass !== undefined);
    for (const callback of CALLBACKS) {
      const outcomes = await page.run(runMatrix, callback, METHODS);
      for (const [method, outcome] of Object.entries(outcomes)) {
        const where = `${method} inside ${callback}: ${JSON.stringify(outcome)}`;
        assert.equal(outcome.isCalled, true, where);
        assert.ok(outcome.inside.every((one) => one === "done" || one === "AuthError"), where);
        assert.equal(outcome.afterwards, "works", where);
      }
    }
  });

  test("a listener that throws, one that rejects, one that takes others off and on: the rest hears all, in order; each is reported once (REL-32)", async (world) => {
    const page = await world.plainPage().open();
    const outcome = await page.run(async (credentials) => {
      const { auth } = window.hallpassDemo;
      const heard = [];
      const reported = [];
      // In its place: browsers tell nothing about errors of the driver's own scripts.
      window.reportError = (error) => reported.push(error.message);
      auth.subscribe(() => {
        throw new Error("thrown");
      });
      auth.subscribe(() => Promise.reject(new Error("rejected")));
      auth.subscribe((session, change) => {
        heard.push(`first ${change.type}`);
        endOfSecond();
        if (change.type === "signed-in") auth.subscribe((session, change) => heard.push(`late ${change.type}`));
      });
      const endOfSecond = auth.subscribe((session, change) => heard.push(`second ${change.type}`));
      auth.subscribe((session, change) => heard.push(`third ${change.type}`));
      await auth.signIn(credentials);
      await auth.refresh();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { heard, reported };
    }, { ...world.user, permanent: true, carrier: "body" });
    assert.deepEqual(outcome.heard, ["first signed-in", "third signed-in", "first refreshed", "third refreshed", "late refreshed"]);
    assert.deepEqual(outcome.reported, ["thrown", "rejected", "thrown", "rejected"]);
  });
});

/** Runs in the page: for each method a manager of its own, whose `callback` calls it once in the midst of a session's life. */
async function runMatrix(callback, methods) {
  const within = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve("hangs"), 60_000))]);
  const settled = (promise) => promise.then(() => "done", (error) => (error.name === "AuthError" ? "AuthError" : String(error)));
  const one = async (method) => {
    let isCalled = false;
    const inside = [];
    const others = [];
    const say = {
      session: () => auth.session,
      ready: () => auth.ready,
      subscribe: () => auth.subscribe(() => undefined)(),
      token: () => auth.token(),
      fetch: () => auth.fetch("/data"),
      authorization: () => auth.authorization("/data"),
      signIn: () => auth.signIn({ username: "u" }),
      accept: () => auth.accept({ accessToken: "an-access-token-from-inside", refreshToken: "a-refresh-token-from-inside" }),
      completeRedirect: () => auth.completeRedirect(),
      refresh: () => auth.refresh(),
      signOut: () => auth.signOut(),
      close: () => auth.close(),
      createAuth: () => others.push(window.hallpass.createAuth(options)),
    }[method];
    const called = (name) => {
      if (name !== callback || isCalled) return;
      isCalled = true;
      inside.push(within(settled((async () => say())())));
    };
    const store = new Map();
    const options = {
      name: `${callback}-${method}`,
      signIn: "/auth",
      refresh: {
        url: "/token",
        rejected: (response) => (called("rejected"), response.status === 401),
      },
      signOut: async () => called("signOut"),
      readTokens: (body) => (called("readTokens"), { accessToken: body.access_token, refreshToken: body.refresh_token, expiresIn: 300 }),
      storage: {
        get: (key) => (called("get"), store.get(key) ?? null),
        set: (key, value) => (called("set"), void store.set(key, value)),
        remove: (key) => (called("remove"), void store.delete(key)),
      },
    };
    if (callback === "refresh") {
      options.refresh = async () => (called("refresh"), { accessToken: "an-access-token-of-the-function", expiresIn: 300 });
      delete options.readTokens;
    }
    const auth = window.hallpass.createAuth(options);
    auth.subscribe(() => called("listener"));
    const life = (async () => {
      await settled(auth.ready);
      await settled(auth.signIn({ username: "u" }));
      // Three, because the server refuses every third: somebody has to be asked whether that was a refusal.
      for (let round = 0; round < 3; round += 1) await settled(auth.refresh());
      await settled(auth.signOut());
      return "over";
    })();
    const ending = await within(life);
    const answers = await Promise.all(inside);
    let afterwards = ending === "over" ? "works" : ending;
    if (method !== "close" && ending === "over") {
      const again = (async () => {
        await auth.accept({ accessToken: "an-access-token-afterwards" });
        return (await auth.token()) === "an-access-token-afterwards" ? "works" : "another token";
      })();
      afterwards = await within(again.catch(String));
    }
    for (const each of [auth, ...others]) each.close();
    return { isCalled, inside: answers, afterwards };
  };
  return Object.fromEntries(await Promise.all(methods.map(async (method) => [method, await one(method)])));
}
