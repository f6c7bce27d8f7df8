import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";
import { until } from "./harness/until.js";

suite("refresh", (test) => {
  test("with six-second tokens three refreshes pass, one call each, and the app sees no 401", async (world) => {
    await world.server.policy({ accessSeconds: 6 });
    const page = await world.open();
    await page.signIn();
    const { statuses, refreshed } = await page.run(async (api) => {
      const statuses = [];
      const refreshed = () => window.e2e.changes.filter((change) => change.type === "refreshed").length;
      // At once: on a machine with other work a token may come and go between two requests of the loop.
      const uses = [];
      window.hallpassDemo.auth.subscribe((session, change) => {
        if (change.type === "refreshed") uses.push(window.hallpassDemo.auth.fetch(`${api}/me`));
      });
      while (refreshed() < 3 || statuses.length <= 20) {
        statuses.push((await window.hallpassDemo.auth.fetch(`${api}/me`)).status);
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      for (const answer of await Promise.all(uses)) statuses.push(answer.status);
      statuses.push((await window.hallpassDemo.auth.fetch(`${api}/me`)).status);
      // Nothing comes after this; what is under way by now never gets to be a change.
      window.hallpassDemo.auth.close();
      return { statuses, refreshed: refreshed() };
    }, world.server.api);

    assert.deepEqual([...new Set(statuses)], [200]);
    const log = await world.server.log({ listener: "api" });
    const refreshes = log.filter((entry) => entry.path === "/token").map((entry) => entry.status);
    assert.deepEqual(refreshes.slice(0, refreshed), Array(refreshed).fill(200));
    assert.ok(refreshes.length <= refreshed + 1, `${refreshes.length} calls for ${refreshed} refreshes`);
    assert.deepEqual(log.filter((entry) => entry.status === 401), []);
    const tokens = new Set(log.filter((entry) => entry.path === "/me").map((entry) => entry.authorization)).size;
    assert.equal(tokens, refreshed + 1, "each token was used");
    for (const { by, session } of (await page.changes()).filter((change) => change.type === "refreshed")) {
      assert.equal(by, "this-tab");
      assert.equal(session.stale, false);
    }
  });

  test("a server-side revoke ends the session at the next refresh: rejected, and the store is empty (REL-12)", async (world) => {
    // Long enough to be revoked before it is renewed.
    await world.server.policy({ accessSeconds: 15 });
    const page = await world.open();
    await page.signIn();
    await world.server.revoke(world.user);
    assert.equal((await page.change("signed-out", { nth: 2 })).reason, "rejected");
    assert.deepEqual((await page.stores()).sessionStorage, {});
    assert.equal((await world.server.log({ path: "/token" })).length, 1, "asked once");
    assert.equal(await (await page.element("ended")).getAttribute("data-reason"), "rejected");
    await page.reload();
    assert.equal((await page.session()).status, "signed-out");
  }, { quick: true });

  test("a server-side revoke is noticed at the next request too: its 401 comes back, one refresh was tried (REL-12)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.revoke(world.user);
    assert.deepEqual((await page.ask("/me", { count: 5 })).map(({ status }) => status), [401, 401, 401, 401, 401]);
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "rejected" });
    assert.deepEqual((await page.stores()).sessionStorage, {});
    const changes = (await page.changes()).filter((change) => change.type === "signed-out" && change.reason === "rejected");
    assert.equal(changes.length, 1, "told once");
    assert.deepEqual((await world.server.log({ path: "/token" })).map((entry) => entry.status), [400]);
  });

  test("who waits for a refused refresh gets signed_out, who asked for it refresh_rejected", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.revoke(world.user);
    const errors = await page.run(async () => {
      const { auth } = window.hallpassDemo;
      const refreshing = auth.refresh();
      const waiting = auth.token({ minValiditySeconds: 100_000 });
      const codes = (error) => [error.name, error.code, error.cause?.code ?? null];
      return [await refreshing.catch(codes), await waiting.catch(codes)];
    });
    assert.deepEqual(errors, [
      ["AuthError", "refresh_rejected", null],
      ["AuthError", "signed_out", "refresh_rejected"],
    ]);
  });

  test("a profile change appears in claims after refresh(), without signing out", async (world) => {
    const page = await world.open();
    await page.signIn();
    const [{ status }] = await page.ask("/me", {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ displayName: "Grüße, Ada" }),
    });
    assert.equal(status, 200);
    assert.equal((await page.session()).claims.name, world.user.displayName, "not before the refresh");
    const session = await page.refresh();
    assert.equal(session.claims.name, "Grüße, Ada");
    assert.equal(await (await page.element("display-name")).getText(), "Grüße, Ada");
    const types = (await page.changes()).map((change) => `${change.type} ${change.session.status}`);
    assert.deepEqual(types, ["signed-out signed-out", "signed-in signed-in", "refreshed signed-in"]);
  });

  test("the same through the page: rename shows the new name", async (world) => {
    const page = await world.open();
    await page.signIn();
    await page.type("new-name", "Somebody Else");
    await page.click("rename");
    await until("the name is shown", async () => (await (await page.element("display-name")).getText()) === "Somebody Else");
    assert.equal((await page.session()).claims.name, "Somebody Else");
  });

  test("however many wait, one refresh runs (REL-16)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.fault({ route: "/token", delayMs: 400 });
    const tokens = await page.run(async () => {
      const { auth } = window.hallpassDemo;
      const refreshes = Array.from({ length: 50 }, () => auth.refresh());
      const waiting = Array.from({ length: 50 }, () => auth.token({ minValiditySeconds: 100_000 }));
      await Promise.all(refreshes);
      return [...new Set(await Promise.all(waiting))];
    });
    assert.equal(tokens.length, 1);
    assert.equal((await world.server.log({ path: "/token" })).length, 1);
  }, { quick: true });

  test("a refresh token is used once: each refresh brings the next, also over reloads (REL-41)", async (world) => {
    const page = await world.open();
    await page.signIn();
    const seen = new Set([JSON.parse(await page.record()).refresh]);
    for (let round = 0; round < 3; round += 1) {
      await page.reload();
      await page.refresh();
      seen.add(JSON.parse(await page.record()).refresh);
    }
    assert.equal(seen.size, 4);
    assert.deepEqual((await world.server.log({ path: "/token" })).map((entry) => entry.status), [200, 200, 200]);
  });

  test("a soft expiry in a claim is when the refresh comes", async (world) => {
    await world.server.policy({ accessSeconds: 300, softExpirySeconds: 4 });
    const page = await world.open({ soft: "softexp" });
    await page.signIn();
    await world.server.policy({ accessSeconds: 300, softExpirySeconds: 200 });
    const { expiresAt, refreshAt } = await page.session();
    assert.ok(refreshAt < expiresAt - 280_000, "long before expiry");
    await page.change("refreshed");
    assert.equal((await world.server.log({ path: "/token" })).length, 1);
  });

  test("a token that renews itself: bearer on the refresh call, without any refresh token", async (world) => {
    // Nothing else can renew it: a tab that gets no time for a fifth of its life is signed out.
    await world.server.policy({ accessSeconds: 20, sliding: true });
    const page = await world.open({ sliding: true });
    await page.signIn(world.user, { permanent: false });
    await page.change("refreshed");
    const [call] = await world.server.log({ path: "/token" });
    assert.deepEqual([call.status, call.hasAuthorization], [200, true]);
    assert.equal((await page.ask("/me"))[0].status, 200);
  });
});
