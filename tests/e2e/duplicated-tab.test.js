import assert from "node:assert/strict";
import { PlainPage } from "./harness/plain-page.js";
import { sleepAndWakeTogether } from "./harness/sleepers.js";
import { suite } from "./harness/suite.js";

/*
 * `window.open` and the browser's own "duplicate" copy the sessionStorage, and with it a refresh token that may be spent
 * once. Copies share what they renew, on a channel that only they can name.
 */

const HOUR = 3_600;

suite("duplicated tab", (test) => {
  test("ten copies with default options wake after the token's end: one refresh, ten signed in (REL-26, REL-24)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const pages = [page];
    while (pages.length < 10) pages.push(await pages.at(-1).duplicate());
    await world.server.clearLog();
    assert.deepEqual(await sleepAndWakeTogether(world, pages, HOUR), Array(10).fill(200));
    const tokens = [];
    for (const one of pages) tokens.push(await one.token());
    assert.equal(new Set(tokens).size, 1, "all have the same token");
    const statuses = async () => (await world.server.log({ path: "/token" })).map(({ status }) => status);
    assert.deepEqual(await statuses(), [200], "one refresh for all");
    // The family lives: each of them can renew it, and the others have it then.
    for (const one of [pages[9], pages[4], page]) {
      assert.equal((await one.refresh()).status, "signed-in");
      const token = await one.token();
      for (const other of pages) await other.until("it has the new token", async (wanted) => (await window.hallpassDemo.auth.token()) === wanted, token);
    }
    assert.deepEqual(await statuses(), [200, 200, 200, 200]);
    await pages[3].signOut();
    for (const one of pages) {
      await one.untilStatus("signed-out");
      assert.deepEqual((await one.stores()).sessionStorage, {});
    }
    const notes = await page.run(() => Object.keys(localStorage).filter((key) => key.startsWith("hallpass:generation")));
    assert.deepEqual(notes, [], "nor how far they had come");
  }, { seconds: 300 });

  test("fifteen reloads: the refresh token stays (REL-26)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const { refresh } = JSON.parse(await page.record());
    for (let round = 0; round < 15; round += 1) {
      await page.reload();
      assert.equal(JSON.parse(await page.record()).refresh, refresh, `reload ${round}`);
    }
    assert.equal((await page.refresh()).status, "signed-in");
  });

  test("a copy that wakes alone: it does not send a refresh token that its siblings have spent (REL-26, SEC-38)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const copy = await page.duplicate();
    await page.goto(`${world.server.app}/e2e-blank.html`);
    assert.equal((await copy.refresh()).status, "signed-in");
    await copy.front();
    await copy.driver.close();
    await world.server.clearLog();
    await page.front();
    await page.driver.navigate().back();
    await page.ready();
    assert.equal((await page.ask("/me"))[0].status, 200, "what is left of the access token serves");
    assert.equal((await page.errorOf(() => window.hallpassDemo.auth.refresh())).code, "refresh_unavailable");
    assert.deepEqual(await world.server.log({ path: "/token" }), []);
  });

  test("a page without the record learns nothing, whatever it asks, hears or reads (SEC-02, SEC-37)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const copy = await page.duplicate();
    const { sid, group, generation } = JSON.parse(await page.record());
    const stranger = await world.newPage(PlainPage);
    await stranger.open();
    assert.equal((await stranger.session()).status, "signed-out");
    // It listens on each name that it can find, and asks as a copy would.
    await stranger.run(async ({ sid, generation }) => {
      const { held, pending } = await navigator.locks.query();
      const hashes = [...held, ...pending].map(({ name }) => name).concat(Object.keys(localStorage), Object.values(localStorage)).join(" ").match(/[0-9a-f]{32,64}/g) ?? [];
      const names = ["hallpass.default", `hallpass.default.${sid}`, ...hashes.map((hash) => `hallpass.default.${hash}`)];
      window.heard = [];
      window.ports = names.map((name) => {
        const port = new BroadcastChannel(name);
        port.onmessage = ({ data }) => window.heard.push(data);
        port.postMessage(JSON.stringify({ v: 1, kind: "asked", ask: "ab".repeat(16), sid, generation: 0, spends: 1 }));
        return port;
      });
      window.asked = generation;
    }, { sid, generation });
    assert.equal((await page.refresh()).status, "signed-in");
    await copy.until("the copy has the new tokens", async () => window.hallpassDemo.auth.session.status === "signed-in" && (await window.hallpassDemo.auth.token()) !== null);
    const { access, refresh } = JSON.parse(await page.record());
    await copy.until("the copy has them", async (wanted) => (await window.hallpassDemo.auth.token()) === wanted, access);
    const heard = (await stranger.run(() => window.heard)).join(" ");
    assert.ok(heard.includes("renewed"), "it hears that there is something");
    for (const secret of [access, refresh, group]) assert.ok(!heard.includes(secret), heard);
    const seen = JSON.stringify([(await stranger.stores()).localStorage, await stranger.run(() => navigator.locks.query())]);
    for (const secret of [access, refresh, group]) assert.ok(!seen.includes(secret), seen);
  });

  /*
   * Chromium refuses the lock to a page that is inside `window.open` when the grant arrives. The other engines do not,
   * and open no window without a click.
   */
  for (let batch = 1; batch <= 5; batch += 1) {
  test(`twenty sign-ins, each with window.open in the task of its answer, ${batch} of 5: no refresh token is spent twice (REL-26)`, async (world) => {
    if (world.engine !== "chromium") return;
    const page = await world.plainPage().open();
    await page.run(() => {
      window.hallpassDemo.auth.subscribe((_, change) => {
        if (change.type === "signed-in") window.copy = window.open(location.href);
      });
    });
    for (let round = 0; round < 4; round += 1) {
      const outcomes = await page.run(
        async (credentials, rounds) => {
          const outcomes = [];
          for (let round = 0; round < rounds; round += 1) {
            await window.hallpassDemo.auth.signIn(credentials);
            const { copy } = window;
            while (copy.hallpassDemo === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
            const { auth } = copy.hallpassDemo;
            await auth.ready;
            const own = window.hallpassDemo.auth.refresh().then(({ status }) => status);
            const its = auth.token({ minValiditySeconds: 0 }).then(() => "token", ({ code }) => code);
            outcomes.push(`${await own}, ${await its}`);
            copy.close();
          }
          return outcomes;
        },
        { username: world.user.username, password: world.user.password, permanent: true },
        5,
      );
      assert.deepEqual([...new Set(outcomes)], ["signed-in, token"], `round ${round}`);
    }
    const statuses = (await world.server.log({ path: "/token" })).map(({ status }) => status);
    assert.deepEqual(statuses, Array(20).fill(200));
  });
  }
});
