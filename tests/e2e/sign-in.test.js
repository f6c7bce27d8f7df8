import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Canaries } from "./harness/canaries.js";
import { request } from "./harness/http.js";
import { suite } from "./harness/suite.js";

suite("sign-in", (test) => {
  test("by the form, then refresh and reload: one record in sessionStorage and nothing anywhere else (SEC-01)", async (world) => {
    const page = await world.open();
    await page.signInByForm();
    await page.change("signed-in");
    await page.click("refresh");
    await page.change("refreshed");
    await page.reload();
    await page.untilStatus("signed-in");

    const { sessionStorage, ...elsewhere } = await page.stores();
    assert.deepEqual(Object.keys(sessionStorage), ["hallpass.default"]);
    const record = JSON.parse(sessionStorage["hallpass.default"]);
    assert.equal(record.access, await page.token());
    assert.equal(typeof record.refresh, "string");

    assert.deepEqual(elsewhere.localStorage, {});
    assert.deepEqual(elsewhere.indexedDB, []);
    assert.deepEqual(elsewhere.caches, []);
    assert.equal(elsewhere.cookie, "");
    assert.equal(elsewhere.windowName, "");
    const tokens = new Canaries();
    tokens.add("access token", record.access);
    tokens.add("refresh token", record.refresh);
    tokens.add("password", world.user.password);
    assert.deepEqual(tokens.search([{ where: "other stores", text: JSON.stringify(elsewhere) }]), []);
  }, { quick: true });

  test("with the refresh token in memory: no store holds it, and no other tab hears it (SEC-02)", async (world) => {
    const page = await world.open({ refresh: "memory" });
    const other = await listeningTab(world);
    await page.signIn();
    await page.refresh();
    const { value: refreshToken } = await page.run(() => {
      const taken = window.e2e.take();
      return taken.secrets.filter((secret) => secret.kind === "refresh token").at(-1);
    });
    const stored = JSON.stringify(await page.stores());
    assert.ok(stored.includes(await page.token()), "the access token is stored");
    assert.ok(!stored.includes(refreshToken), "the refresh token is not");
    assert.ok(!("refresh" in JSON.parse(await page.record())));
    await assertNothingSecretHeard(page, other, [refreshToken, await page.token()]);
  });

  test("with the refresh token in the body: tabs are told of the sign-out and of no token (SEC-02, SEC-37)", async (world) => {
    const page = await world.open();
    const other = await listeningTab(world);
    await page.signIn();
    await page.refresh();
    const { access, refresh } = JSON.parse(await page.record());
    await assertNothingSecretHeard(page, other, [access, refresh]);
  });

  test("with the refresh token in a cookie: no script sees it, and it refreshes with the CSRF token (SEC-02)", async (world) => {
    const page = await world.open({ refresh: "cookie" });
    await page.signIn(world.user, { carrier: "cookie" });
    await page.refresh();
    await page.reload();
    await page.refresh();
    const cookies = new Map((await world.cookies()).map((cookie) => [cookie.name, cookie]));
    assert.equal(cookies.get("__Host-Refresh").httpOnly, true);
    const stores = JSON.stringify(await page.stores());
    assert.ok(!stores.includes(cookies.get("__Host-Refresh").value));
    assert.ok(!("refresh" in JSON.parse(await page.record())));
    const calls = await world.server.log({ path: "/token" });
    assert.deepEqual(calls.map((call) => call.status), [200, 200]);
  });

  test("the fingerprint cookie is hardened, invisible to script, and its SHA-256 is in the token (SEC-22, SEC-23)", async (world) => {
    const page = await world.open();
    await page.signIn();
    const cookie = (await world.cookies()).find(({ name }) => name === "__Host-Fgp");
    assert.deepEqual(
      { httpOnly: cookie.httpOnly, secure: cookie.secure, sameSite: cookie.sameSite, path: cookie.path },
      { httpOnly: true, secure: true, sameSite: "Strict", path: "/" },
    );
    assert.ok(cookie.value.length >= 32, "128 bits or more");
    assert.ok(!(await page.run(() => document.cookie)).includes(cookie.value));
    const { claims } = await page.session();
    assert.equal(claims.userFingerprint.toLowerCase(), createHash("sha256").update(cookie.value).digest("hex"));
    assert.ok(!JSON.stringify(await page.stores()).includes(cookie.value));
  });

  test("a token replayed by a plain HTTP client without the cookie gets 401 (SEC-22)", async (world) => {
    const page = await world.open();
    await page.signIn();
    const token = await page.token();
    const cookie = (await world.cookies()).find(({ name }) => name === "__Host-Fgp");
    const ask = (headers) => request(`${world.server.api}/me`, { headers: { Authorization: `Bearer ${token}`, ...headers } });

    const stolen = await ask({});
    assert.equal(stolen.status, 401);
    assert.match(stolen.headers["www-authenticate"], /error="invalid_token"/);
    assert.equal((await ask({ Cookie: `__Host-Fgp=${"0".repeat(64)}` })).status, 401, "another browser's cookie");
    assert.equal((await ask({ Cookie: `__Host-Fgp=${cookie.value}` })).status, 200, "the token itself is good");
  }, { quick: true });

  test("reload keeps the session, its token and its expiry, without a call to the server", async (world) => {
    const page = await world.open({}, "/requests");
    await page.signIn();
    const before = { token: await page.token(), session: await page.session() };
    await world.server.clearLog();
    await page.reload();
    assert.equal((await page.changes())[0].type, "restored");
    assert.equal(await page.token(), before.token);
    const session = await page.session();
    assert.equal(session.status, "signed-in");
    assert.deepEqual(session.claims, before.session.claims);
    assert.ok(Math.abs(session.expiresAt - before.session.expiresAt) < 50);
    assert.match(await page.url(), /\/requests$/);
    assert.deepEqual(await world.server.log({ path: "/token" }), []);
    assert.equal((await page.ask("/me"))[0].status, 200);
  });

  test("a wrong password is refused by name, and nothing is stored (SEC-40)", async (world) => {
    const page = await world.open();
    const wrong = { ...world.user, password: `${world.user.password} not` };
    const error = await page.errorOf((credentials) => window.hallpassDemo.auth.signIn(credentials), wrong);
    assert.deepEqual([error.name, error.code, error.retryable, error.status], ["AuthError", "sign_in_rejected", false, 400]);
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "never-signed-in" });
    assert.deepEqual((await page.stores()).sessionStorage, {});
    await page.signInByForm(wrong);
    const note = await page.element("failure");
    assert.equal(await note.getAttribute("data-code"), "sign_in_rejected");
  });

  test("signing in as somebody else replaces the session everywhere (SEC-38)", async (world) => {
    const page = await world.open();
    await page.signIn();
    const first = await page.token();
    const second = { username: `${world.user.username}-b`, password: "another pass word 1234" };
    await world.server.addUser(second);
    await page.signIn(second);
    assert.equal((await page.session()).claims.sub, second.username);
    assert.notEqual(await page.token(), first);
    const record = await page.record();
    assert.ok(!record.includes(first) && record.includes(await page.token()));
    assert.equal(JSON.parse((await page.ask("/me"))[0].body).username, second.username);
    await page.reload();
    assert.equal((await page.session()).claims.sub, second.username);
  });

  test("without a refresh token the session ends when the token does: expired, and the store is empty", async (world) => {
    await world.server.policy({ accessSeconds: 3 });
    const page = await world.open();
    await page.signIn(world.user, { permanent: false });
    // The first change of the page is signed-out too: never-signed-in.
    const { reason } = await page.change("signed-out", { nth: 2 });
    assert.equal(reason, "expired");
    assert.deepEqual((await page.stores()).sessionStorage, {});
    assert.equal((await page.errorOf(() => window.hallpassDemo.auth.token())).code, "signed_out");
  });

  test("a token without the fingerprint claim is refused, and the session that stood before stands (SEC-22)", async (world) => {
    const page = await world.open();
    await world.server.policy({ omitFingerprint: true });
    const signIn = (credentials) => window.hallpassDemo.auth.signIn(credentials);
    assert.equal((await page.errorOf(signIn, world.user)).code, "fingerprint_missing");
    assert.equal((await page.session()).status, "signed-out");
    assert.deepEqual((await page.stores()).sessionStorage, {});

    await world.server.policy({ omitFingerprint: false });
    await page.signIn();
    const token = await page.token();
    await world.server.policy({ omitFingerprint: true });
    assert.equal((await page.errorOf(signIn, world.user)).code, "fingerprint_missing");
    assert.equal(await page.token(), token);

    const error = await page.errorOf(() => window.hallpassDemo.auth.refresh());
    assert.equal(error.code, "fingerprint_missing");
    assert.equal((await page.change("signed-out", { nth: 2 })).reason, "fingerprint");
    assert.deepEqual((await page.stores()).sessionStorage, {});
  });
});

/** A second tab of the app that writes down every message and storage event that reaches it. */
async function listeningTab(world) {
  const other = await (await world.newPage()).open();
  await other.run(() => {
    window.heard = [];
    const channel = new BroadcastChannel("hallpass.default");
    channel.onmessage = (event) => window.heard.push(JSON.stringify(event.data));
    addEventListener("storage", ({ key, newValue, oldValue }) => window.heard.push(JSON.stringify({ key, newValue, oldValue })));
    addEventListener("message", (event) => window.heard.push(JSON.stringify(event.data)));
  });
  return other;
}

/** Signs out in `page`: the word of that must be heard in `other`, so that the silence about tokens means something. */
async function assertNothingSecretHeard(page, other, secrets) {
  await page.signOut();
  await other.until("the sign-out is heard", () => window.heard.some((text) => text.includes("signed-out")));
  const heard = (await other.run(() => window.heard)).join("\n");
  for (const secret of secrets) assert.ok(!heard.includes(secret), "a token went to another tab");
}
