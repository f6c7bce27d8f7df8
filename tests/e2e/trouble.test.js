import assert from "node:assert/strict";
import { tokenAnswer } from "./harness/jwt.js";
import { suite } from "./harness/suite.js";
import { until } from "./harness/until.js";

/* A short look at a bad network: the session outlives it. */

suite("trouble", (test) => {
  test("503 at the refresh: refresh-failed with the time of the next attempt, the token is used on, then it recovers (REL-10)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.fault({ route: "/token", status: 503, times: 2 });
    const error = await page.errorOf(() => window.hallpassDemo.auth.refresh());
    assert.deepEqual([error.name, error.code, error.retryable, error.status], ["AuthError", "refresh_unavailable", true, 503]);

    const { error: told, retryAt, session } = await page.change("refresh-failed");
    assert.deepEqual([told.code, session.status, session.stale], ["refresh_unavailable", "signed-in", false]);
    assert.ok(typeof retryAt === "number" && retryAt - Date.now() < 60_000);
    assert.equal((await page.ask("/me"))[0].status, 200, "the token is still good");

    await page.change("refreshed");
    const statuses = (await world.server.log({ path: "/token" })).map((entry) => entry.status);
    assert.deepEqual(statuses, [503, 503, 200]);
  }, { quick: true });

  test("429 with Retry-After: nobody asks before, not even by hand; then it recovers by itself (REL-10)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.fault({ route: "/token", status: 429, retryAfter: "3", times: 1 });
    // Both in one breath: a busy machine must not let the three seconds pass in between.
    const codes = await page.run(async () => {
      const code = () => window.hallpassDemo.auth.refresh().then(() => "refreshed", (error) => error.code);
      return [await code(), await code()];
    });
    assert.deepEqual(codes, ["refresh_unavailable", "refresh_unavailable"]);
    const { retryAt, at } = await page.change("refresh-failed");
    assert.ok(retryAt - at >= 2_900, `told to wait ${retryAt - at} ms`);
    await page.change("refreshed");
    const [refused, granted] = await world.server.log({ path: "/token" });
    assert.deepEqual([refused.status, granted.status], [429, 200]);
    assert.ok(granted.at - refused.at >= 2_900, `came back after ${granted.at - refused.at} ms`);
  });

  test("no server through a whole token life: stale, not gone; token() says why, and it recovers (REL-10, REL-27)", async (world) => {
    await world.server.policy({ accessSeconds: 4 });
    const page = await world.open();
    await page.signIn();
    await world.server.fault({ route: "/token", drop: "before" });
    await page.until("the session is stale", () => window.hallpassDemo.auth.session.stale === true);
    assert.equal((await page.session()).status, "signed-in");
    const error = await page.errorOf(() => window.hallpassDemo.auth.token());
    assert.deepEqual([error.code, error.retryable], ["refresh_unavailable", true]);
    assert.equal(await (await page.element("status")).getAttribute("data-stale"), "true");
    assert.equal(typeof (await page.record()), "string", "the record stays");

    await world.server.policy({ accessSeconds: 300 });
    await world.server.clearFaults();
    await page.change("refreshed");
    assert.equal((await page.session()).stale, false);
    assert.equal((await page.ask("/me"))[0].status, 200);
    // Not by the server's log: browsers repeat by themselves what a connection swallowed.
    const calls = await page.run((url) => window.e2e.sent.filter((one) => one.url === url).length, `${world.server.api}/token`);
    assert.ok(calls <= 8, `${calls} attempts`);
  });

  test("reloaded while the server is gone: the session is there, stale, and recovers (REL-27)", async (world) => {
    await world.server.policy({ accessSeconds: 2 });
    const page = await world.open();
    await page.signIn();
    await world.server.fault({ route: "/token", drop: "before" });
    await page.until("the session is stale", () => window.hallpassDemo.auth.session.stale === true);
    await page.reload();
    assert.deepEqual([(await page.session()).status, (await page.session()).stale], ["signed-in", true]);
    await world.server.policy({ accessSeconds: 300 });
    await world.server.clearFaults();
    await page.change("refreshed");
    assert.equal((await page.ask("/me"))[0].status, 200);
  });

  test("the browser is offline: the schedule waits, and it refreshes when it is back (REL-27)", async (world) => {
    // Long enough to be told so before the refresh is due.
    await world.server.policy({ accessSeconds: 15 });
    const page = await world.open();
    await page.signIn();
    // By event in every engine: only Chromium's driver can take the network away.
    await page.run(() => {
      Object.defineProperty(navigator, "onLine", { configurable: true, get: () => false });
      dispatchEvent(new Event("offline"));
    });
    const { retryAt, at, error } = await page.change("refresh-failed");
    assert.equal(error.code, "refresh_unavailable");
    assert.ok(retryAt - at > 30_000, "it waits for the network, and a minute at most");
    assert.deepEqual(await world.server.log({ path: "/token" }), []);
    await page.run(() => {
      delete navigator.onLine;
      dispatchEvent(new Event("online"));
    });
    await page.change("refreshed");
    assert.equal((await world.server.log({ path: "/token" })).length, 1);
  });

  test("an answer that never comes is given up: one timeout, session kept (REL-11)", async (world) => {
    const [server] = await world.origins();
    server.on("POST /token", (call, nth) => (nth === 1 ? new Promise(() => undefined) : { status: 503 }));
    const page = await world.packagePage(server).open({ refresh: { url: "/token", timeoutSeconds: 1 } });
    await page.run(() => window.auth.accept({ accessToken: "an-opaque-token-of-some-length", refreshToken: "a-refresh-token-of-some-length", expiresIn: 300 }));
    const { code, retryable, waited } = await page.run(async () => {
      const began = performance.now();
      const { code, retryable } = await window.auth.refresh().catch((error) => error);
      return { code, retryable, waited: performance.now() - began };
    });
    assert.deepEqual([code, retryable], ["refresh_unavailable", true]);
    assert.ok(waited < 8_000, `given up after ${waited} ms`);
    assert.equal((await page.session()).status, "signed-in");
    await until("it was tried again", () => server.callsTo("/token").length >= 2);
  });

  test("answers that are no token answers: typed trouble, and the session that stood stands (REL-13, REL-14)", async (world) => {
    const [server] = await world.origins();
    const good = "an-opaque-token-of-some-length";
    const bad = [
      { body: "" },
      { body: "<html>login</html>", headers: { "Content-Type": "text/html" } },
      { body: "{" },
      { json: [] },
      { json: null },
      { json: "token" },
      { json: {} },
      { json: { access_token: 7 } },
      { json: { access_token: null } },
      { json: { access_token: "" } },
      { json: { access_token: "two words" } },
      { json: { access_token: "line\r\nX-Evil: 1" } },
      { json: { access_token: "x".repeat(20_000) } },
      { body: `{"access_token":"${good}","expires_in":-1e400}` },
      { json: { access_token: good, refresh_token: 5 } },
      { json: { access_token: good, token_type: "mac" } },
      { body: Buffer.from([0xff, 0xfe, 0x7b]) },
      { body: "x".repeat(400_000), code: "invalid_response" },
      { status: 204 },
      { status: 400, json: { error: "invalid_request" } },
      { status: 400, body: "no" },
      { status: 404 },
      { status: 418, json: { error: "invalid_grant" } },
      { drop: true },
    ];
    for (const { code = "refresh_unavailable", ...reply } of bad) {
      const name = JSON.stringify(reply).slice(0, 80);
      server.reset();
      server.on("POST /token", () => reply);
      const page = await world.packagePage(server).open({ refresh: "/token" });
      await page.run((token) => window.auth.accept({ accessToken: token, refreshToken: "a-refresh-token-of-some-length", expiresIn: 300 }), good);
      const outcome = await page.run(async () => {
        try {
          return { session: await window.auth.refresh() };
        } catch (error) {
          return { name: error.name, code: error.code, isError: error instanceof window.hallpass.AuthError };
        }
      });
      assert.deepEqual(outcome, { name: "AuthError", code, isError: true }, name);
      assert.equal((await page.session()).status, "signed-in", name);
      assert.equal(await page.run(() => window.auth.token()), good, name);
      await world.emptyStores();
    }
    // A text that is no number says nothing.
    server.on("POST /token", () => ({ json: { ...tokenAnswer(), expires_in: "soon" } }));
    const page = await world.packagePage(server).open({ refresh: "/token" });
    await page.accept(tokenAnswer());
    assert.equal((await page.run(() => window.auth.refresh())).status, "signed-in");
  }, { seconds: 300 });
});
