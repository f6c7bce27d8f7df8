import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { bearerHash } from "./harness/reference-server.js";
import { suite } from "./harness/suite.js";

const CLIENTS = ["fetch", "axios:xhr", "axios:fetch"];

suite("401", (test) => {
  for (const client of CLIENTS) {
    test(`${client}: out of the blue → one refresh, one replay with the new token (REL-18)`, async (world) => {
      const page = await world.open();
      await page.signIn();
      const old = await page.token();
      await world.server.staleAccess(world.user);
      const [answer] = await page.ask("/me", { client });
      assert.equal(answer.status, 200);
      const log = await world.server.log({ listener: "api" });
      const asked = log.filter((entry) => entry.path === "/me");
      assert.deepEqual(asked.map((entry) => [entry.status, entry.authorization]), [
        [401, bearerHash(old)],
        [200, bearerHash(await page.token())],
      ]);
      assert.equal(log.filter((entry) => entry.path === "/token").length, 1);
    });

    test(`${client}: twenty in parallel → one refresh, each replayed once, none lost (REL-16)`, async (world) => {
      const page = await world.open();
      await page.signIn();
      const old = await page.token();
      await world.server.staleAccess(world.user);
      await world.server.fault({ route: "/token", delayMs: 500 });
      const answers = await page.ask("/me", { client, count: 20 });
      assert.deepEqual(answers.map(({ status }) => status), Array(20).fill(200));
      const log = await world.server.log({ listener: "api" });
      assert.equal(log.filter((entry) => entry.path === "/token").length, 1);
      const asked = log.filter((entry) => entry.path === "/me");
      const refused = asked.filter((entry) => entry.status === 401);
      assert.deepEqual([...new Set(refused.map((entry) => entry.authorization))], [bearerHash(old)]);
      assert.ok(refused.length >= 1);
      assert.equal(asked.length, 20 + refused.length, "each 401 was replayed exactly once");
    });

    test(`${client}: for an old token after the refresh is done → replay with the new one, no second refresh (REL-17)`, async (world) => {
      const page = await world.open();
      await page.signIn();
      await world.server.staleAccess(world.user);
      // Judged at once, answered late: by then another request has brought a new token.
      await world.server.fault({ route: "/echo", hold: "after", times: 1 });
      await page.run(
        (api, client) => {
          const { auth, axios } = window.hallpassDemo;
          const adapter = client.split(":")[1];
          window.ask = async (path) =>
            (await (client === "fetch" ? auth.fetch(api + path) : axios.get(api + path, { adapter, validateStatus: () => true }))).status;
          window.slow = window.ask("/echo");
        },
        world.server.api,
        client,
      );
      await world.server.arrived("/echo");
      assert.equal(await page.run(() => window.ask("/me")), 200);
      await world.server.release();
      assert.equal(await page.run(() => window.slow), 200);
      const log = await world.server.log({ listener: "api" });
      const statuses = (path) => log.filter((entry) => entry.path === path).map((entry) => entry.status);
      assert.deepEqual([statuses("/echo"), statuses("/me"), statuses("/token")], [[401, 200], [401, 200], [200]]);
    });

    test(`${client}: again with a fresh token → it comes back after one replay, and repeating does not storm (REL-18, REL-09)`, async (world) => {
      const page = await world.open();
      await page.signIn();
      await world.server.fault({ route: "/me", status: 401, headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' } });
      assert.equal((await page.ask("/me", { client }))[0].status, 401);
      assert.equal((await world.server.log({ path: "/token" })).length, 1);
      assert.equal((await world.server.log({ path: "/me" })).length, 2);
      for (let round = 0; round < 10; round += 1) {
        assert.equal((await page.ask("/me", { client }))[0].status, 401);
      }
      const refreshes = (await world.server.log({ path: "/token" })).length;
      assert.ok(refreshes <= 6, `${refreshes} refreshes for eleven requests`);
      assert.equal((await page.session()).status, "signed-in", "the session stays");
    });

    test(`${client}: 403, and 401 with insufficient_scope, never refresh (REL-18)`, async (world) => {
      const page = await world.open();
      await page.signIn();
      await world.server.fault({ route: "/me", status: 403 });
      await world.server.fault({
        route: "/echo",
        status: 401,
        headers: { "WWW-Authenticate": 'Bearer realm="x", error="insufficient_scope", scope="admin"' },
      });
      assert.equal((await page.ask("/me", { client }))[0].status, 403);
      assert.equal((await page.ask("/echo", { client }))[0].status, 401);
      const log = await world.server.log({ listener: "api" });
      assert.deepEqual(log.filter((entry) => ["/token", "/me", "/echo"].includes(entry.path)).map((entry) => entry.path), ["/me", "/echo"]);
    });

    test(`${client}: signed out, requests go without a token and their 401 comes back`, async (world) => {
      const page = await world.open();
      assert.equal((await page.ask("/me", { client }))[0].status, 401);
      const log = await world.server.log({ listener: "api" });
      assert.deepEqual(log.map((entry) => [entry.path, entry.hasAuthorization]), [["/me", false]]);
    });
  }

  test("a caller's own Authorization, however written, goes out untouched and its 401 refreshes nothing (SEC-20)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.clearLog();
    const unchanged = await page.run(async (url) => {
      const { auth, axios } = window.hallpassDemo;
      const value = "Basic eDp5";
      const quiet = { validateStatus: () => true };
      const own = [
        { headers: { authorization: value } },
        { headers: { AUTHORIZATION: value } },
        { headers: new Headers({ Authorization: value }) },
        { headers: [["aUthorization", value]] },
      ];
      const before = JSON.stringify(own);
      for (const init of own) await auth.fetch(url, init);
      await auth.fetch(new Request(url, { headers: { authorization: value } }));
      await auth.fetch(new Request(url), { headers: { authorization: value } });
      await axios.get(url, { headers: { authorization: value }, ...quiet });
      await axios.get(url, { headers: { AUTHORIZATION: value }, adapter: "fetch", ...quiet });
      await axios.get(url, { auth: { username: "x", password: "y" }, ...quiet });
      return JSON.stringify(own) === before;
    }, `${world.server.api}/me`);
    assert.ok(unchanged, "the caller's objects are as they were");
    const log = await world.server.log({ listener: "api" });
    const wanted = createHash("sha256").update("Basic eDp5").digest("hex");
    assert.deepEqual(log.map((entry) => [entry.path, entry.authorization, entry.status]), Array(9).fill(["/me", wanted, 401]));
  });

  test("neither the caller's init nor its Request shows the token afterwards (SEC-20)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.staleAccess(world.user);
    const left = await page.run(async (url) => {
      const { auth, axios } = window.hallpassDemo;
      const init = { headers: { "X-Request-Id": "1" } };
      const headers = new Headers({ "X-Request-Id": "2" });
      const request = new Request(url);
      const config = { headers: { "X-Request-Id": "3" } };
      await auth.fetch(url, init);
      await auth.fetch(url, { headers });
      await auth.fetch(request);
      const answer = await axios.get(url, config);
      return JSON.stringify([init, [...headers], [...request.headers], config, answer.config, answer.request?.responseURL]);
    }, `${world.server.api}/me`);
    assert.doesNotMatch(left, /bearer/i);
    assert.ok(!left.includes(await page.token()));
  });

  test("an abort ends the caller's wait with its own reason, not the refresh of the others (REL-21)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.staleAccess(world.user);
    await world.server.fault({ route: "/token", hold: "before" });
    await page.run((url) => {
      const { auth } = window.hallpassDemo;
      window.controller = new AbortController();
      window.aborted = auth.fetch(url, { signal: window.controller.signal }).then((response) => response.status, (error) => error.message);
      window.other = auth.fetch(url).then((response) => response.status);
    }, `${world.server.api}/me`);
    await world.server.arrived("/token");
    const reason = await page.run(() => {
      window.controller.abort(new Error("changed my mind"));
      return window.aborted;
    });
    assert.equal(reason, "changed my mind");
    await world.server.release();
    assert.equal(await page.run(() => window.other), 200);
    assert.equal((await world.server.log({ path: "/token" })).length, 1);
  });

  test("the buttons of the requests page: every request of every action ends well, in both clients", async (world) => {
    const page = await world.open({}, "/requests");
    await page.signIn();
    for (const action of ["one", "twenty", "rejected-one", "rejected-twenty", "foreign"]) {
      for (const client of ["fetch", "axios"]) {
        await page.click(`${action}-${client}`);
        const rows = await page.until(
          `${action} by ${client} is done`,
          (wanted, by) => {
            const batch = document.querySelector("[data-testid=batch]");
            if (batch?.dataset.action !== wanted || batch.dataset.client !== by) return null;
            return [...batch.querySelectorAll("[data-testid=request]")].map((row) => row.dataset.verdict);
          },
          action,
          client,
        );
        assert.deepEqual([...new Set(rows)], ["good"], `${action} by ${client}`);
        assert.equal(rows.length, action.endsWith("twenty") ? 20 : 1);
      }
    }
  });
});
