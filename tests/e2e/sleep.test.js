import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";

/*
 * The machine sleeps, and the clock is set. See page/clock.js for what is simulated: the page's Date, performance.now()
 * and timers. The server's clock goes along with a sleep, so its tokens really end.
 */

const HOUR = 3_600;
const DAY = 86_400;

/** What a page may hear when the machine is awake again; `null`: nothing at all. */
const WAKES = ["resume", "visibilitychange", "pageshow", "focus", null];

suite("sleep", (test) => {
  for (const isCounted of [false, true]) {
    const clock = isCounted ? "the monotonic clock runs on" : "all clocks but Date stand still";
    test(`asleep past expiry while ${clock}: one refresh at whatever comes first, and no expired token is sent (REL-06)`, async (world) => {
      const page = await world.plainPage().open();
      await page.signIn();
      let slept = 0;
      for (const wake of WAKES) {
        await world.server.clearLog();
        slept += HOUR;
        await world.server.clock(slept);
        const status = await page.run(
          async (url, milliseconds, isCounted, wake) => {
            window.e2eClock.sleep(milliseconds, { isCounted });
            const target = wake === "resume" || wake === "visibilitychange" ? document : window;
            if (wake !== null) target.dispatchEvent(new Event(wake));
            return (await window.hallpassDemo.auth.fetch(url)).status;
          },
          `${world.server.api}/me`,
          HOUR * 1000,
          isCounted,
          wake,
        );
        assert.equal(status, 200, String(wake));
        const log = await world.server.log({ listener: "api" });
        assert.deepEqual(log.map((entry) => `${entry.path} ${entry.status}`), ["/token 200", "/me 200"], String(wake));
      }
      assert.equal((await page.session()).stale, false);
    });
  }

  test("asleep past expiry: a wake alone refreshes, although nobody asks for anything (REL-06, REL-24)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    await world.server.clock(HOUR);
    await page.run((milliseconds) => {
      window.e2eClock.sleep(milliseconds, { isCounted: false });
      dispatchEvent(new Event("pageshow"));
    }, HOUR * 1000);
    await page.change("refreshed");
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), [200]);
  });

  test("the first call after a sleep fails, as on phones: it is tried again, and nobody is signed out (REL-06, REL-11)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    await world.server.clock(HOUR);
    await world.server.fault({ route: "/token", status: 502, times: 1 });
    await page.run((milliseconds) => {
      window.e2eClock.sleep(milliseconds, { isCounted: false });
      document.dispatchEvent(new Event("resume"));
    }, HOUR * 1000);
    await page.change("refreshed");
    assert.equal((await page.ask("/me"))[0].status, 200);
    assert.ok(!(await page.changes()).slice(1).some(({ type }) => type === "signed-out"));
  });

  for (const days of [1, -1]) {
    test(`the clock steps ${days > 0 ? "a day ahead" : "a day back"}: no storm, no zombie, no sign-out, also over a reload and when it is set right again (REL-07, REL-08)`, async (world) => {
      await world.server.policy({ accessSeconds: 5 });
      const page = await world.plainPage().open();
      await page.signIn();
      const began = Date.now();
      // By the server's clock the token lives five seconds, whatever this device thinks of the date.
      await page.run((step) => window.e2eClock.step(step), days * DAY * 1000);
      await page.change("refreshed");
      await page.run((step) => window.e2eClock.step(step), -days * DAY * 1000);
      await page.change("refreshed", { nth: 2 });
      assert.equal((await page.ask("/me"))[0].status, 200);
      await world.server.policy({ accessSeconds: 300 });
      // The record was written by the clock that was wrong; the page reads it by the right one.
      await page.run((step) => window.e2eClock.step(step), days * DAY * 1000);
      await page.refresh();
      await page.reload();
      assert.equal((await page.session()).status, "signed-in");
      assert.equal((await page.ask("/me"))[0].status, 200);
      assert.equal((await page.session()).stale, false);

      const log = await world.server.log({ listener: "api" });
      assert.deepEqual(log.filter((entry) => entry.status !== 200), [], "no expired token was sent, no refresh refused");
      const refreshes = log.filter((entry) => entry.path === "/token").length;
      // A token is due after three and a half seconds at the earliest; each step of the clock, the reload and the call by hand add one.
      const most = 4 + Math.ceil((Date.now() - began) / 3_500);
      assert.ok(refreshes >= 3 && refreshes <= most, `${refreshes} refreshes, at most ${most}`);
    });
  }
});
