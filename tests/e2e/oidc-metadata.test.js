import assert from "node:assert/strict";
import { request } from "./harness/http.js";
import { oidcStage } from "./harness/oidc/stage.js";
import { suite } from "./harness/suite.js";

/* Discovery: when it is made, what it may say, and what happens where it cannot be had. */

const DISCOVERY = "/.well-known/openid-configuration";

suite("a provider's metadata", (test) => {
  test("OIDC-1: fetched once for all callers; out of reach it is provider_unavailable, and the next call tries again", async (world) => {
    const { page, provider } = await oidcStage(world);
    await page.open();
    provider.faults.add({ path: DISCOVERY, times: 1, status: 503 });
    const error = await page.errorOf(() => window.auth.signInRedirect());
    assert.deepEqual([error.code, error.retryable], ["provider_unavailable", true]);
    assert.equal((await page.session()).status, "signed-out");
    await page.signIn();
    assert.deepEqual(provider.faults.arrived.filter((path) => path === DISCOVERY).length, 2);
  });

  test("OIDC-1: they name another issuer than the application: provider_mismatch, not worth trying again", async (world) => {
    const { page, provider, change } = await oidcStage(world);
    const [server] = await world.origins();
    const { json } = await request(`${provider.issuer}${DISCOVERY}`);
    server.on(`GET ${DISCOVERY}`, () => ({ json }));
    change({ provider: { issuer: server.origin } });
    await page.open();
    const error = await page.errorOf(() => window.auth.signInRedirect());
    assert.deepEqual([error.code, error.retryable], ["provider_mismatch", false]);
  });

  test("OIDC-1: given whole they are not fetched at all", async (world) => {
    const { page, provider, change } = await oidcStage(world);
    change({ provider: { metadata: (await request(`${provider.issuer}${DISCOVERY}`)).json } });
    provider.forget();
    await page.open();
    await page.signIn();
    await page.refresh();
    assert.ok(!provider.faults.arrived.includes(DISCOVERY));
  });

  test("OIDC-1: given in part they stand over what is fetched", async (world) => {
    const { page, provider, change } = await oidcStage(world, { server: { login: "button" } });
    change({ provider: { metadata: { authorization_endpoint: `${provider.issuer}/auth?tenant=7` } } });
    await page.open();
    await page.leave();
    await page.providersPage();
    assert.equal(provider.askedOf("authorization")[0].query.tenant, "7");
    assert.ok(provider.faults.arrived.includes(DISCOVERY));
  });
});
