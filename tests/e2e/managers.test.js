import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";

/* Several session managers on one page, or one after the other. */

suite("managers", (test) => {
  test("two of one name share their session as two tabs would: no token is spent twice, a sign-out reaches both (REL-33)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const outcome = await page.run(async () => {
      const { auth } = window.hallpassDemo;
      const options = JSON.parse(new URLSearchParams(location.search).get("options"));
      window.second = window.hallpass.createAuth(options);
      const before = (await window.second.ready).status;
      const both = await Promise.all([auth.refresh(), window.second.refresh()].map((call) => call.then((session) => session.status, (error) => error.code)));
      const after = await Promise.all([auth.token(), window.second.token()]);
      return { before, both, same: after[0] === after[1] };
    });
    assert.equal(outcome.before, "signed-in");
    const statuses = (await world.server.log({ path: "/token" })).map(({ status }) => status);
    assert.ok(statuses.every((status) => status === 200), `refused: ${statuses}`);
    assert.ok(outcome.both.includes("signed-in"), String(outcome.both));
    assert.equal((await page.ask("/me"))[0].status, 200);

    await page.run(() => window.second.signOut());
    await page.untilStatus("signed-out");
    assert.deepEqual((await page.stores()).sessionStorage, {});
  });

  test("mounted, taken down and mounted again, as StrictMode and hot reload do: the session is there, nothing is left over (REL-33, REL-34)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const outcome = await page.run(async () => {
      const options = JSON.parse(new URLSearchParams(location.search).get("options"));
      window.hallpassDemo.auth.close();
      const statuses = [];
      for (let round = 0; round < 20; round += 1) {
        const auth = window.hallpass.createAuth(options);
        if (round % 2 === 0) statuses.push((await auth.ready).status);
        else auth.ready.catch(() => undefined);
        auth.close();
        auth.close();
      }
      const timers = window.e2eClock.pending();
      const last = window.hallpass.createAuth(options);
      await last.ready;
      const { status } = await last.refresh();
      window.hallpassDemo = { auth: last };
      return { statuses: [...new Set(statuses)], timers, status, after: window.e2eClock.pending() };
    });
    assert.deepEqual(outcome.statuses, ["signed-in"]);
    assert.equal(outcome.status, "signed-in");
    assert.equal(outcome.timers, 0, "nobody is left who would wake");
    assert.ok(outcome.after <= 2, `${outcome.after} timers for one manager`);
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), [200]);
  });

  test("two names on one origin: stores, locks and sign-outs do not meet (REL-39)", async (world) => {
    const page = await world.plainPage().open({ name: "first" });
    await page.signIn();
    // The same user: the server binds its fingerprint cookie to one, and a browser has one of it.
    const outcome = await page.run(async (credentials) => {
      const options = JSON.parse(new URLSearchParams(location.search).get("options"));
      const { auth: first } = window.hallpassDemo;
      const ids = () => [first.session.claims.sid, other.session.claims.sid];
      const other = window.hallpass.createAuth({ ...options, name: "second" });
      const before = (await other.ready).status;
      await other.signIn(credentials);
      const [one, two] = ids();
      // The first one's lock is taken: the second has another.
      let giveBack;
      const taken = navigator.locks.request(await window.e2e.lockName("first"), () => new Promise((resolve) => (giveBack = resolve)));
      const waiting = first.refresh();
      await other.refresh();
      giveBack();
      await Promise.all([taken, waiting]);
      const isApart = one !== two && ids().join() === [one, two].join();
      const keys = Object.keys(sessionStorage).sort();
      await other.signOut();
      return { before, isApart, keys, first: first.session.status, left: Object.keys(sessionStorage) };
    }, { ...world.user, permanent: true, carrier: "body" });
    assert.deepEqual(outcome, {
      before: "signed-out",
      isApart: true,
      keys: ["hallpass.first", "hallpass.second"],
      first: "signed-in",
      left: ["hallpass.first"],
    });
  });

  test("after close(): every call says so, the stored session stays, no timer and no answer comes any more (REL-36)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const record = await page.record();
    await world.server.fault({ route: "/token", hold: "after", times: 1 });
    const outcome = await page.run(async (api) => {
      const { auth } = window.hallpassDemo;
      const code = (error) => error.code;
      const pending = auth.refresh().catch(code);
      const heard = window.e2e.changes.length;
      auth.close();
      const codes = [await pending];
      const calls = {
        subscribe: () => auth.subscribe(() => undefined),
        token: () => auth.token(),
        fetch: () => auth.fetch(`${api}/me`),
        authorization: () => auth.authorization(`${api}/me`),
        signIn: () => auth.signIn({}),
        accept: () => auth.accept({ accessToken: "a" }),
        signInRedirect: () => auth.signInRedirect(),
        completeRedirect: () => auth.completeRedirect(),
        refresh: () => auth.refresh(),
        signOut: () => auth.signOut(),
      };
      for (const call of Object.values(calls)) codes.push(await (async () => call())().catch(code));
      window.heardAfter = () => window.e2e.changes.length - heard;
      return [...new Set(codes)];
    }, world.server.api);
    assert.deepEqual(outcome, ["closed"]);
    // The wait for the lock ends when the browser says that the request for it is withdrawn.
    await page.until("no timer is left", () => window.e2eClock.pending() === 0);
    await world.server.release();
    await page.quiet(`${world.server.api}/token`);
    assert.equal(await page.run(() => window.heardAfter()), 0);
    assert.equal(await page.record(), record);
  });
});
