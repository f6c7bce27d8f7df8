import assert from "node:assert/strict";
import { BLANK } from "./harness/app-dir.js";
import { jwt } from "./harness/jwt.js";
import { PlainPage } from "./harness/plain-page.js";
import { suite } from "./harness/suite.js";

/* Another script of this origin listens on the channel, and talks on it. */

/** What one tab says in a second because others said something, at most: `src/session/tabs.rs`. */
const MOST_REPLIES = 256 + 32;

suite("forged messages", (test) => {
  test("separate tabs tell no token to whoever listens: sign-in, refresh, a new tab, a copy, sign-out (SEC-02, SEC-37)", async (world) => {
    const listener = await listenerPage(world);
    const page = await world.plainPage().open();
    await page.signIn();
    const secrets = [await page.token(), JSON.parse(await page.record()).refresh];
    await page.refresh();
    secrets.push(await page.token(), JSON.parse(await page.record()).refresh);
    const other = await (await world.newPage(PlainPage)).open();
    await other.signIn();
    await page.duplicate();
    await page.signOut();
    await other.untilStatus("signed-out");
    const heard = await listener.run(() => window.heard);
    assert.ok(heard.length >= 2, "it does hear them");
    for (const text of heard) {
      assert.notEqual(JSON.parse(text).kind, "offered", text);
      for (const secret of secrets) assert.ok(!text.includes(secret));
    }
  });

  for (const tabs of ["separate", "shared"]) {
    test(`forged messages of every kind, thousands of them, to ${tabs} tabs: nothing is installed, nothing is asked of the server, answers are few; a forged sign-out is a sign-out (SEC-37)`, async (world) => {
      const listener = await listenerPage(world);
      const page = await world.plainPage().open({ tabs });
      await page.signIn();
      const token = await page.token();
      const { sid } = JSON.parse(await page.record());
      await world.server.clearLog();
      const now = Date.now();
      const record = { v: 1, sid: "ab".repeat(16), generation: 9, access: jwt(), refresh: "a-refresh-token-of-mallory", received: now, lifetime: 300_000, signedIn: now };
      const ask = "cd".repeat(16);
      const forged = [
        { v: 1, kind: "asked", ask, generation: 0 },
        { v: 1, kind: "asked", ask, sid, generation: 0 },
        { v: 1, kind: "offered", ask, record: JSON.stringify(record) },
        { v: 1, kind: "offered", ask, record: JSON.stringify({ ...record, sid }) },
        { v: 1, kind: "renewed", sid, generation: 1_000_000 },
        { v: 1, kind: "renewed", sid: "ab".repeat(16), generation: 1 },
        { v: 1, kind: "signed-out", sid: "ab".repeat(16) },
        { v: 1, kind: "active", at: now + 1e12 },
        { v: 2, kind: "signed-out", sid, at: now },
        { v: 1, kind: "signed-out", sid, at: String(now) },
        { v: 1, kind: "signed-in", access: record.access },
        record,
      ].map((message) => JSON.stringify(message));
      forged.push("", "null", "[".repeat(10_000), `${forged[0]} `.repeat(2_000));

      // Mostly questions: they are what a tab answers.
      forged.push(...Array(20).fill(forged[0]));

      const rounds = 150;
      await page.run((count) => {
        window.channel = new BroadcastChannel("hallpass.default");
        window.delivered = [];
        window.channel.onmessage = () => window.delivered.push(performance.now());
        window.expected = count;
      }, rounds * forged.length);
      await listener.run(
        (forged, rounds) => {
          for (let round = 0; round < rounds; round += 1) for (const text of forged) window.channel.postMessage(text);
          for (const value of [null, 7, { v: 1, kind: "signed-out" }, new ArrayBuffer(8)]) window.channel.postMessage(value);
        },
        forged,
        rounds,
      );
      await page.until("all is delivered", () => window.delivered.length >= window.expected);

      assert.equal(await page.token(), token);
      assert.equal((await page.ask("/me"))[0].status, 200);
      assert.deepEqual(await world.server.log({ path: "/token" }), []);
      const replies = await listener.run(() => window.heard.length);
      const seconds = await page.run(() => (window.delivered.at(-1) - window.delivered[0]) / 1000);
      const most = MOST_REPLIES * (Math.ceil(seconds) + 1);
      assert.ok(replies <= most, `${replies} replies to ${rounds * forged.length} messages in ${seconds} s`);

      await listener.run((text) => window.channel.postMessage(text), JSON.stringify({ v: 1, kind: "signed-out", sid, at: now }));
      await page.untilStatus("signed-out");
      assert.deepEqual(await page.session(), { status: "signed-out", reason: "other-tab" });
      assert.deepEqual((await page.stores()).sessionStorage, {});
    });
  }
});

/** A page of the same origin without the package. */
async function listenerPage(world) {
  const page = await world.newPage(PlainPage);
  await page.goto(`${world.server.app}${BLANK}`);
  await page.run(() => {
    window.heard = [];
    window.channel = new BroadcastChannel("hallpass.default");
    window.channel.onmessage = ({ data }) => window.heard.push(data);
  });
  return page;
}
