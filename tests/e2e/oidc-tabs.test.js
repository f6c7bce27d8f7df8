import assert from "node:assert/strict";
import { ReferenceProviderPage } from "./harness/oidc/reference-page.js";
import { oidcStage } from "./harness/oidc/stage.js";
import { sleepAndWakeTogether } from "./harness/sleepers.js";
import { suite } from "./harness/suite.js";

/* Many tabs, one session at a provider with rotating refresh tokens. */

const TABS = 10;
const MANY = 20;
const HOUR = 3_600;
const METADATA = "/oidc/.well-known/openid-configuration";
const SHARED = { options: { tabs: "shared" } };

suite("tabs with one session at a provider", (test) => {
  for (const { name, server = {}, provider: own = {} } of [
    { name: "bearer tokens" },
    { name: "DPoP", server: { dpop: true }, provider: { dpop: true } },
  ]) {
    test(`OIDC-7: ten tabs ask for new tokens at once, ${name}: one refresh, all have the same token, the family lives (REL-01, REL-38)`, async (world) => {
      const { provider, api, tabs } = await tenTabs(world, { server, provider: own });
      provider.faults.add({ path: "/token", holds: true });
      for (const tab of tabs) await tab.startNeedingMoreThanIsLeft(290);
      await tabs[0].untilWaiting(TABS - 1);
      await provider.faults.arrival("/token");
      provider.faults.release();
      for (const tab of tabs) assert.equal(await tab.refreshed(), "signed-in");
      assert.deepEqual([provider.refreshes.filter((one) => one !== "use_dpop_nonce"), provider.revoked], [["ok"], []]);

      const { access_token: token } = provider.tokens;
      for (const tab of tabs) {
        assert.equal(await tab.token(), token);
        const { status, body } = await tab.ask(`${api.origin}/data`);
        assert.deepEqual([status, body.sub], [200, "ada"]);
        assert.equal((await tab.session()).profile.name, "Name of ada");
      }
      const proofs = api.calls.map(({ proof }) => proof?.payload.jti);
      if (own.dpop) assert.equal(new Set(proofs).size, proofs.length);
      assert.equal(provider.exchanges.filter((one) => one === "ok").length, 1);

      await tabs[3].run(() => window.auth.signOut());
      for (const tab of tabs) await tab.untilStatus("signed-out");
      assert.equal(provider.askedOf("revocation").length, 1);
    }, { seconds: 300 });
  }

  test("OIDC-7, OIDC-8: twenty tabs with one DPoP session wake expired at once: one refresh, all signed in, each request with a proof of its own (REL-01, REL-24, REL-38, SEC-46)", async (world) => {
    await world.server.policy({ dpopNonce: true });
    const settings = [{ scope: "openid offline_access", dpop: true }, SHARED.options];
    const first = await new ReferenceProviderPage(world, world.window).openWith(...settings);
    assert.equal(await first.signInThere(), "signed-in");
    const pages = [first];
    while (pages.length < MANY) pages.push(await (await world.newPage(ReferenceProviderPage)).openWith(...settings));
    for (const page of pages) await page.untilStatus("signed-in");
    await world.server.clearLog();
    assert.deepEqual(await sleepAndWakeTogether(world, pages, HOUR), Array(pages.length).fill(200));
    for (const page of pages) assert.equal((await page.session()).status, "signed-in");

    const log = await world.server.log({ listener: "api" });
    const letIn = (path) => log.filter((entry) => entry.path === path && entry.status === 200).length;
    assert.deepEqual([letIn("/oidc/token"), letIn("/me")], [1, pages.length], "one refresh for all");
    // What else there is was asked for a newer nonce: the server's, too, have ended meanwhile.
    const others = log.map(({ path, status }) => `${path} ${status}`).filter((one) => !one.endsWith(" 200"));
    assert.deepEqual(others.filter((one) => one !== "/oidc/token 400" && one !== "/me 401"), []);
    const proofs = log.filter(({ path }) => path !== METADATA).map(({ proof }) => proof);
    assert.ok(!proofs.includes(null), "each request has one");
    assert.equal(new Set(proofs).size, proofs.length, "and none is sent twice");
  }, { seconds: 300 });

  test("OIDC-2: two tabs sign in at the same time: each finishes its own, by its own state", async (world) => {
    const { page, provider, newPage } = await oidcStage(world, { server: { login: "button" } });
    await page.open();
    const other = await (await newPage()).open();
    await page.leave();
    await other.leave();
    await other.press("sign-in");
    assert.equal((await other.back()).status, "signed-in");
    await page.press("sign-in");
    assert.equal((await page.back()).status, "signed-in");
    assert.deepEqual(provider.exchanges, ["ok", "ok"]);
    for (const tab of [page, other]) assert.equal((await tab.refresh()).status, "signed-in");
    assert.deepEqual(provider.revoked, []);
  });

  test("OIDC-3: the callback of one tab, opened in another: unsolicited there; the tab that asked can finish", async (world) => {
    const { page, provider, newPage } = await oidcStage(world, { server: { login: "button" } });
    await page.open();
    await page.leave();
    await page.providersPage();
    const { state } = provider.askedOf("authorization")[0].query;
    const other = await (await newPage()).open(`?${new URLSearchParams({ code: "made-up", state, iss: provider.issuer })}`);
    assert.equal((await other.run(() => window.callback)).error, "callback_unsolicited");
    await page.press("sign-in");
    assert.equal((await page.back()).status, "signed-in");
  });
});

async function tenTabs(world, settings) {
  const { page, newPage, provider, api } = await oidcStage(world, { ...SHARED, server: settings.server, provider: { scope: "openid profile", ...settings.provider } });
  await page.open();
  await page.signIn();
  const tabs = [page];
  while (tabs.length < TABS) tabs.push(await (await newPage()).open());
  for (const tab of tabs) await tab.untilStatus("signed-in");
  return { provider, api, tabs };
}
