import assert from "node:assert/strict";
import { ClientOfOthers } from "./harness/oidc/client-of-others.js";
import { oidcStage } from "./harness/oidc/stage.js";
import { suite } from "./harness/suite.js";

/* Refresh at a provider whose refresh tokens are good once, and whose family ends where one comes twice. */

suite("refresh at a provider", (test) => {
  test("OIDC-7: however many wait, one refresh runs; it sends the newest token, the client, and no scope (REL-16)", async (world) => {
    const { page, provider } = await oidcStage(world, { provider: { scope: "openid profile" } });
    await page.open();
    await page.signIn();
    const before = provider.tokens;
    const tokens = await page.run(async () => {
      const { auth } = window;
      const refreshes = Array.from({ length: 20 }, () => auth.refresh());
      const waiting = Array.from({ length: 20 }, () => auth.token({ minValiditySeconds: 100_000 }));
      await Promise.all(refreshes);
      return [...new Set(await Promise.all(waiting))];
    });
    assert.deepEqual(provider.refreshes, ["ok"]);
    assert.deepEqual(tokens, [provider.tokens.access_token]);
    const { params } = provider.askedOf("token").at(-1);
    const sent = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
    assert.deepEqual(sent, { grant_type: "refresh_token", client_id: "spa", refresh_token: before.refresh_token });
    assert.equal((await page.session()).profile.name, "Name of ada");
  }, { quick: true });

  test("OIDC-7: with six-second tokens it renews itself in time, and the API refuses nothing", async (world) => {
    const { page, provider, api } = await oidcStage(world, { server: { accessSeconds: 6 } });
    await page.open();
    await page.signIn();
    const statuses = await page.run(async (url) => {
      const statuses = [];
      const refreshed = () => window.e2e.changes.filter(({ type }) => type === "refreshed").length;
      while (refreshed() < 2) {
        statuses.push((await window.auth.fetch(url)).status);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      window.auth.close();
      return statuses;
    }, `${api.origin}/data`);
    assert.deepEqual([...new Set(statuses)], [200]);
    assert.ok(provider.refreshes.length <= 3 && provider.refreshes.every((one) => one === "ok"), String(provider.refreshes));
    assert.deepEqual([...new Set(api.statuses("/data"))], [200]);
  });

  test("OIDC-7: each refresh brings the next token, also over reloads (REL-41)", async (world) => {
    const { page, provider } = await oidcStage(world);
    await page.open();
    await page.signIn();
    const seen = new Set([provider.tokens.refresh_token]);
    for (let round = 0; round < 3; round += 1) {
      await page.reload();
      await page.refresh();
      seen.add(provider.tokens.refresh_token);
    }
    assert.deepEqual([provider.refreshes, seen.size, provider.revoked], [["ok", "ok", "ok"], 4, []]);
  });

  test("OIDC-7: without rotation the same token serves on", async (world) => {
    const { page, provider } = await oidcStage(world, { server: { rotates: false } });
    await page.open();
    await page.signIn();
    const { refresh_token: token } = provider.tokens;
    for (let round = 0; round < 2; round += 1) await page.refresh();
    assert.deepEqual(provider.askedOf("token").slice(1).map(({ params }) => params.refresh_token), [token, token]);
  });

  for (const client of ["fetch", "axios:xhr", "axios:fetch"]) {
    test(`OIDC-7: ${client}: a 401 of the API is one refresh and the request once more`, async (world) => {
      const { page, provider, api } = await oidcStage(world);
      await page.open();
      await page.signIn();
      api.refuseIssuedTokens();
      // Tokens say when they were issued in whole seconds.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      assert.equal((await page.ask(`${api.origin}/data`, { client })).status, 200);
      assert.deepEqual([provider.refreshes, api.statuses("/data")], [["ok"], [401, 200]]);
    });
  }

  test("OIDC-7: the refresh token was stolen and used: the family is dead, and so is the session (rejected), asked for once (REL-12)", async (world) => {
    const { page, provider } = await oidcStage(world);
    await page.open();
    await page.signIn();
    const thief = await new ClientOfOthers(provider, { redirectUri: page.address }).discover();
    await thief.refresh(provider.tokens);
    const error = await page.errorOf(() => window.auth.refresh());
    assert.deepEqual([error.code, error.properties.oauthError], ["refresh_rejected", "invalid_grant"]);
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "rejected" });
    assert.equal(await page.record(), null);
    assert.deepEqual([provider.refreshes, provider.revoked.length], [["ok", "invalid_grant"], 1]);
    await assert.rejects(thief.refresh(provider.tokens), { error: "invalid_grant" });
  });

  test("OIDC-7: 503 is trouble, the session stands, and later it goes on (REL-10)", async (world) => {
    const { page, provider, api } = await oidcStage(world);
    await page.open();
    await page.signIn();
    provider.faults.add({ path: "/token", times: 1, status: 503 });
    const error = await page.errorOf(() => window.auth.refresh());
    assert.deepEqual([error.code, error.retryable, error.status], ["refresh_unavailable", true, 503]);
    assert.equal((await page.session()).status, "signed-in");
    assert.equal((await page.change("refresh-failed")).error.code, "refresh_unavailable");
    assert.equal((await page.ask(`${api.origin}/data`)).status, 200);
    assert.equal((await page.refresh()).status, "signed-in");
  });

  test("OIDC-1: at a refresh the metadata cannot be had: trouble, and the session is not touched", async (world) => {
    const { page, provider } = await oidcStage(world);
    await page.open();
    await page.signIn();
    // The day is over for which they are known.
    await page.run(() => {
      for (const key of Object.keys(sessionStorage)) if (sessionStorage.getItem(key).includes("token_endpoint")) sessionStorage.removeItem(key);
    });
    provider.faults.add({ path: "/.well-known/openid-configuration", times: 1, status: 503 });
    provider.forget();
    await page.reload();
    const error = await page.errorOf(() => window.auth.refresh());
    assert.deepEqual([error.code, error.retryable], ["refresh_unavailable", true]);
    assert.equal((await page.session()).status, "signed-in");
    assert.equal((await page.refresh()).status, "signed-in");
    assert.deepEqual(provider.refreshes, ["ok"]);
  });
});
