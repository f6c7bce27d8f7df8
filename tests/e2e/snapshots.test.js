import assert from "node:assert/strict";
import { tokenAnswer } from "./harness/jwt.js";
import { PackagePage } from "./harness/package-page.js";
import { suite } from "./harness/suite.js";

/*
 * How often an application hears of one refresh: each snapshot is one render of every component that shows the session.
 * React counts them here, in the engine's own time, clocks and order of microtasks.
 */

const REFUSED = { status: 401, headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' } };

/** Kinds of tokens that a 401 means something else to: what their life is known by. */
const KINDS = {
  "a token that was just received": { answer: () => tokenAnswer(), isRestored: false },
  "a token from the store": { answer: () => tokenAnswer(), isRestored: true },
  "an opaque token of unknown life": {
    answer: () => ({ access_token: "an-opaque-token-of-some-length", refresh_token: "a-refresh-token-of-some-length" }),
    isRestored: false,
  },
};

suite("snapshots", (test) => {
  for (const [kind, { answer, isRestored }] of Object.entries(KINDS)) {
    test(`${kind}: one refresh by hand is one render, one after a 401 likewise, and the 401 alone none (REL-47)`, async (world) => {
      const { page, server } = await reactPage(world);
      await page.accept(answer());
      if (isRestored) await page.open();

      assert.equal(await rendersOf(page, () => window.auth.refresh()), 1);
      if (isRestored) await page.open();
      else await page.accept(answer());

      // The refresh hangs, and requests come back refused: nothing is to be seen until it answers.
      let go;
      const held = new Promise((resolve) => (go = resolve));
      server.on("POST /token", async () => (await held, { json: tokenAnswer() }));
      server.on("GET /data", (_call, nth) => (nth <= 5 ? REFUSED : { json: {} }));
      await page.run(() => {
        window.before = window.renders.length;
        window.asked = Promise.all(Array.from({ length: 5 }, async (_, n) => (await window.auth.fetch(`/data?${n}`)).status));
      });
      await page.until("the refresh is asked for", (path) => window.e2e.sent.some(({ url }) => url.endsWith(path)), "/token");
      await page.settled();
      assert.equal(await page.run(() => window.renders.length - window.before), 0, "the 401s alone");
      go();
      assert.deepEqual(await page.run(() => window.asked), Array(5).fill(200));
      await page.settled();
      assert.equal(await page.run(() => window.renders.length - window.before), 1, "with their refresh");
      assert.equal(server.callsTo("/token").length, 2);
    });
  }

  test("a refresh that is due by the schedule is one render, and the one after a failure likewise (REL-47)", async (world) => {
    const { page, server } = await reactPage(world);
    server.on("POST /token", (_call, nth) => (nth === 1 ? { status: 503 } : { json: tokenAnswer() }));
    await page.accept(tokenAnswer({ seconds: 20 }));
    await page.run(() => (window.before = window.renders.length));
    await page.change("refreshed");
    await page.settled();
    const shown = await page.run(() => window.renders.slice(window.before));
    assert.equal(shown.length, 2, shown.join("\n"));
  });
});

/** A page of the harness server whose one component shows the session, with React and nothing around it. */
async function reactPage(world) {
  const [server] = await world.origins();
  server.on("POST /token", () => ({ json: tokenAnswer() }));
  const page = new PackagePage(world.browser, world.window, server.origin);
  page.open = async () => {
    await page.goto(`${server.origin}/react.html`);
    await page.until("React is loaded", () => window.renders !== undefined);
    await page.run((options) => window.start(options), { refresh: { url: "/token" } });
    await page.settled();
  };
  // React renders in a task of its own: what was asked for before this one is on the page after it.
  page.settled = () => page.run(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0))));
  await page.open();
  return { page, server };
}

/** How often the component is rendered while `body` runs. */
async function rendersOf(page, body) {
  const before = await page.run(() => window.renders.length);
  await page.run(body);
  await page.settled();
  return page.run((before) => window.renders.length - before, before);
}
