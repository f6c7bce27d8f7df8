import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";

/* `window.open` and the browser's own "duplicate" copy the sessionStorage. A copied refresh token must not be spent twice. */

suite("duplicated tab", (test) => {
  test("a copy gives its refresh token up, the original keeps it: no token is spent twice, both use the session (REL-26)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const { refresh, tab } = JSON.parse(await page.record());
    assert.equal(typeof refresh, "string");
    const copy = await page.duplicate();
    assert.equal((await copy.session()).status, "signed-in");
    const copied = JSON.parse(await copy.record());
    assert.equal(copied.refresh, undefined, "the copy has no refresh token any more");
    assert.notEqual(copied.tab, tab, "and a name of its own");
    assert.equal(JSON.parse(await page.record()).refresh, refresh);

    for (const one of [page, copy]) assert.equal((await one.ask("/me"))[0].status, 200);
    await copy.startRefresh();
    assert.equal((await page.refresh()).status, "signed-in");
    assert.equal(await copy.refreshed(), "refresh_unavailable");
    for (const one of [page, copy]) await one.reload();
    assert.equal((await page.refresh()).status, "signed-in");
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), [200, 200]);

    await page.signOut();
    await copy.untilStatus("signed-out");
    assert.deepEqual((await copy.stores()).sessionStorage, {});
  });

  test("fifteen reloads are no copies: the refresh token stays (REL-26)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const { refresh, tab } = JSON.parse(await page.record());
    for (let round = 0; round < 15; round += 1) {
      await page.reload();
      const record = JSON.parse(await page.record());
      assert.deepEqual([record.refresh, record.tab], [refresh, tab], `reload ${round}`);
    }
    assert.equal((await page.refresh()).status, "signed-in");
  });

  test("a copy that is back from another page, and one of a page in the back/forward cache: each token has one owner (REL-26, REL-25)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const copy = await page.duplicate();
    await page.goto(`${world.server.app}/e2e-blank.html`);
    await copy.reload();
    assert.equal(JSON.parse(await copy.record()).refresh, undefined);
    await page.front();
    await page.driver.navigate().back();
    await page.ready();
    assert.equal((await page.refresh()).status, "signed-in");
    assert.equal((await copy.errorOf(() => window.hallpassDemo.auth.refresh())).code, "refresh_unavailable");
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), [200]);
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
            const its = auth.refresh().then(({ status }) => status, ({ code }) => code);
            outcomes.push(`${await own}, ${await its}`);
            copy.close();
          }
          return outcomes;
        },
        { username: world.user.username, password: world.user.password, permanent: true },
        5,
      );
      assert.deepEqual([...new Set(outcomes)], ["signed-in, refresh_unavailable"], `round ${round}`);
    }
    const statuses = (await world.server.log({ path: "/token" })).map(({ status }) => status);
    assert.deepEqual(statuses, Array(20).fill(200));
  });
  }
});
