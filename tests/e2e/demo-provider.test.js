import assert from "node:assert/strict";
import { LoginPage } from "./harness/login-page.js";
import { suite } from "./harness/suite.js";
import { until } from "./harness/until.js";

/* What people do in the demo with the server's provider: code, PKCE and a key of the browser's. */

suite("the demo at its provider", (test) => {
  test("there and back with a code; reload, refresh, sign-out; the page's settings stay (OIDC-2, OIDC-7, OIDC-9)", async (world) => {
    const page = await world.open({ tabs: "shared" }, "/requests");
    await page.click("way-code");
    await page.until("the page is loaded anew", () => new URLSearchParams(location.search).get("signIn") === "code");
    await page.ready();
    await page.click("sign-in-redirect");
    const login = await LoginPage.reached(page, "/oidc/authorize");
    world.canaries.add("state", await login.state());
    await login.submit(world.user);
    await until("the app is back", async () => (await page.url()).startsWith(page.world.server.app));
    await page.ready();
    await page.untilStatus("signed-in");

    const address = page.address({ tabs: "shared", signIn: "code" }, "/requests");
    assert.equal(await page.url(), address, "settings and path, and nothing of the callback");
    const token = await page.token();
    const { claims, profile } = await page.session();
    assert.deepEqual([claims.sub, profile.sub, typeof claims.cnf.jkt], [world.user.username, claims.sub, "string"]);

    await page.reload();
    assert.equal(await page.token(), token, "the same session, with the same key");
    const [{ status, body }] = await page.ask("/me");
    assert.deepEqual([status, JSON.parse(body).username], [200, world.user.username]);

    await page.click("nav-session");
    await page.click("refresh");
    await page.until("another token", async (old) => (await window.hallpassDemo.auth.token()) !== old, token);
    assert.equal((await page.ask("/me", { client: "axios" }))[0].status, 200);

    await page.click("sign-out");
    await page.untilStatus("signed-out");
    await until("the provider is told", async () => (await world.server.log({ path: "/oidc/revoke" })).length > 0);
    assert.deepEqual(Object.keys((await page.stores()).sessionStorage), ["hallpass:provider.default"], "the provider's metadata, and no more");
  }, { engines: ["chromium"] });
});
