import assert from "node:assert/strict";
import { disguises } from "./harness/canaries.js";
import { LoginPage } from "./harness/login-page.js";
import { tokenAnswer } from "./harness/jwt.js";
import { suite } from "./harness/suite.js";

/*
 * Every test of this suite ends with a search for its tokens, passwords and states in everything that left a page: the
 * console, uncaught errors, unhandled rejections, each error thrown or told, to its last property and cause. These tests
 * walk the paths on which a secret is near an error, and show that the search finds what is there.
 */

suite("secrets", (test) => {
  test("the search itself: a secret is found raw, percent-encoded and in base64, wherever it is said (SEC-40)", async (world) => {
    const page = await world.open();
    await page.signIn();
    const token = await page.token();
    const places = ["console", "console.error", "unhandled rejection", "uncaught error", "thrown"];
    for (const kind of ["console.error", "unhandledrejection", "error"]) world.expect(kind);
    for (const place of places) {
      for (const form of disguises(token)) {
        world.seen = [];
        await page.run((where, what) => window.e2e.leak(where, what), place, `before ${form} after`).catch(() => undefined);
        await world.collect();
        assert.notDeepEqual(world.canaries.search(world.seen), [], `${place}: ${form.slice(0, 10)}…`);
      }
    }
    // The test's own leaks are not to fail it.
    world.seen = [];
  });

  test("tokens, passwords and refresh tokens of every answer are among what is searched for", async (world) => {
    const page = await world.open();
    await page.signIn();
    const { access, refresh } = JSON.parse(await page.record());
    await world.collect();
    for (const secret of [access, refresh, world.user.password]) {
      assert.notDeepEqual(world.canaries.search([{ where: "here", text: secret }]), []);
    }
  });

  test("failing sign-ins: wrong password, trouble, nonsense, a server that echoes the password (SEC-40)", async (world) => {
    const page = await world.open();
    const signIn = (credentials) => window.hallpassDemo.auth.signIn(credentials);
    const { password } = world.user;
    const codes = [];
    for (const rule of [
      { status: 400, body: JSON.stringify({ error: "invalid_grant", error_description: `not ${password}` }) },
      { status: 401, body: password },
      { status: 500, body: JSON.stringify({ message: password, password }) },
      { status: 200, body: password },
      { status: 200, body: JSON.stringify({ access_token: `${password} is no token`, refresh_token: password }) },
      { status: 200, body: JSON.stringify({ access_token: { password } }) },
      { drop: "before" },
      { drop: "body" },
    ]) {
      await world.server.clearFaults();
      await world.server.fault({ route: "/auth", ...rule });
      const error = await page.errorOf(signIn, world.user);
      assert.equal(error.name, "AuthError");
      codes.push(error.code);
    }
    assert.ok(codes.includes("sign_in_rejected") && codes.includes("sign_in_unavailable") && codes.includes("invalid_response"), codes.join());
    // An answer without its end takes WebKit the whole deadline: not the one to wait for on the page.
    await world.server.clearFaults();
    await world.server.fault({ route: "/auth", status: 401, body: password });
    await page.signInByForm();
    await page.element("failure");
  });

  test("failing refreshes: trouble, refusal, nonsense, a server that echoes the refresh token (SEC-40)", async (world) => {
    const page = await world.open();
    const codes = new Set();
    for (const rule of [
      ({ refresh }) => ({ status: 503, body: JSON.stringify({ error: refresh }) }),
      ({ refresh }) => ({ status: 200, body: refresh }),
      ({ refresh, access }) => ({ status: 200, body: JSON.stringify({ access_token: `${access} ${refresh}`, refresh_token: `${refresh}\n` }) }),
      ({ access }) => ({ status: 200, body: JSON.stringify({ access_token: access.repeat(60) }) }),
      () => ({ drop: "after" }),
      ({ refresh }) => ({ status: 400, body: JSON.stringify({ error: "invalid_grant", error_description: refresh }) }),
      ({ access }) => ({ status: 401, headers: { "WWW-Authenticate": `Bearer error="invalid_token", error_description="${access}"` } }),
    ]) {
      await world.server.clearFaults();
      await page.open();
      await page.signOut();
      await page.signIn();
      const record = JSON.parse(await page.record());
      await world.server.fault({ route: "/token", ...rule(record) });
      const error = await page.errorOf(() => window.hallpassDemo.auth.refresh());
      codes.add(error.code);
      await page.run(() => window.hallpassDemo.auth.token({ minValiditySeconds: 1e6 }).catch((error) => console.info(error)));
    }
    assert.deepEqual([...codes].sort(), ["refresh_rejected", "refresh_unavailable"]);
  });

  test("failing requests: the errors of axios show neither header nor token (SEC-40)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.fault({ route: "/echo", status: 500 });
    await world.server.fault({ route: "/echo/refused", status: 401 });
    await world.server.fault({ route: "/echo/dropped", drop: "before" });
    for (const adapter of ["xhr", "fetch"]) {
      for (const path of ["/echo", "/echo/refused", "/echo/dropped"]) {
        const error = await page.errorOf((url, adapter) => window.hallpassDemo.axios.post(url, { a: 1 }, { adapter }), world.server.api + path, adapter);
        assert.equal(error.name, "AxiosError");
        assert.ok(JSON.stringify(error.properties).includes("config"), "the whole error is looked at");
        assert.doesNotMatch(JSON.stringify(error), /bearer/i);
      }
    }
  });

  test("failing redirects: states and tokens of refused callbacks (SEC-40)", async (world) => {
    const page = await world.open();
    const token = tokenAnswer().access_token;
    world.canaries.add("access token", token);
    for (const fragment of [
      (state) => `access_token=${token}&state=${state}x`,
      (state) => `access_token=${token}&token_type=${token}&state=${state}`,
      (state) => `access_token=${token}%20${token}&token_type=Bearer&state=${state}`,
      (state) => `error=access_denied&error_description=${token}&state=${state}`,
      (state) => `access_token=${token}&state=${state}&state=${state}`,
    ]) {
      await page.open({ signIn: "hash" });
      await page.click("sign-in-redirect");
      const state = await (await LoginPage.reached(page)).state();
      world.canaries.add("state", state);
      await page.goto(`${world.server.app}/#${fragment(state)}`);
      await page.ready();
      const error = await page.errorOf(() => window.hallpassDemo.auth.completeRedirect());
      assert.match(error.code, /^callback_/);
    }
    const error = await page.errorOf((url) => window.hallpassDemo.auth.completeRedirect(url), `https://[bad/#access_token=${token}`);
    assert.equal(error.name, "AuthError");
  });

  test("wrong calls and options: the error names the option, never the value (SEC-40)", async (world) => {
    const [server] = await world.origins();
    const page = await world.packagePage(server).open({});
    const secret = tokenAnswer().access_token;
    world.canaries.add("access token", secret);
    const codes = await page.run(async (secret) => {
      const { createAuth, decodeToken, load } = window.hallpass;
      await load();
      const attempts = [
        () => createAuth({ refresh: `https://user:${secret}@api.example.com/token` }),
        () => createAuth({ refresh: `ftp://api.example.com/?token=${secret}#${secret}` }),
        () => createAuth({ origins: [`http://${secret}`] }),
        () => createAuth({ origins: [`https://api.example.com/?token=${secret}`] }),
        () => createAuth({ refresh: { url: "/token", headers: { "X-Key": `${secret}\n` } } }),
        () => createAuth({ name: `${secret}\u0000` }),
        () => createAuth({ limits: { tokenBytes: secret } }),
        () => window.auth.accept({ accessToken: `${secret} ${secret}` }),
        () => window.auth.accept({ accessToken: secret.repeat(100) }),
        () => window.auth.accept(secret),
        () => window.auth.signIn(secret),
        () => window.auth.token({ minValiditySeconds: secret }),
        () => window.auth.completeRedirect({ secret }),
        () => decodeToken(`${secret}.${secret}`),
        () => decodeToken(secret.repeat(100)),
        () => decodeToken({ secret }),
        () => decodeToken(`x${secret}`),
      ];
      const codes = [];
      for (const attempt of attempts) {
        try {
          await attempt();
          codes.push("none");
        } catch (error) {
          window.e2e.observe("thrown", JSON.stringify(window.e2e.describe(error)));
          codes.push(error instanceof window.hallpass.AuthError ? error.code : String(error?.name));
        }
      }
      return codes;
    }, secret);
    for (const [index, code] of codes.entries()) {
      assert.match(code, /^(invalid_option|malformed_token|token_too_large|none)$/, `attempt ${index}`);
    }
  });
});
