import assert from "node:assert/strict";
import { Canaries } from "./harness/canaries.js";
import { request } from "./harness/http.js";
import { LoginPage } from "./harness/login-page.js";
import { suite } from "./harness/suite.js";
import { until } from "./harness/until.js";

/** The demo with the login page whose callback holds the token. */
const HASH = { signIn: "hash" };

/** What `returnTo` must not become: each leads to another origin somewhere on its way through parsers. */
const EVIL_RETURNS = [
  "//evil.test/x",
  "https://evil.test/x",
  "/\\evil.test",
  "\\\\evil.test",
  "/\t/evil.test",
  "/.//evil.test",
  "javascript:document.title='evil'",
  "data:text/html,evil",
];

suite("redirect sign-in", (test) => {
  for (const { form, settings } of [
    { form: "#access_token=…&state=…", settings: { ...HASH, accept: "fragment-params" } },
    { form: "#TOKEN", settings: { ...HASH, accept: "fragment-token" } },
  ]) {
    test(`${form}: through the login page and back; URL clean, path kept, nothing in history (SEC-06)`, async (world) => {
      const page = await world.open(settings, "/requests");
      await leave(page);
      const login = await LoginPage.reached(page);
      world.canaries.add("state", await login.state());
      await login.submit(world.user);
      await back(page);
      await page.untilStatus("signed-in");

      const { pathname, hash, search } = new URL(await page.url());
      assert.deepEqual([pathname, hash, search], ["/requests", "", new URL(page.address(settings)).search]);
      const token = await page.token();
      const traces = new Canaries();
      traces.add("token", token);
      const places = await page.run(() => ({
        location: location.href,
        history: JSON.stringify(history.state ?? null),
        entries: JSON.stringify(window.navigation?.entries?.().map((entry) => entry.url) ?? []),
        referrer: document.referrer,
        resources: JSON.stringify(performance.getEntriesByType("resource").map((entry) => entry.name)),
        page: document.documentElement.outerHTML,
      }));
      assert.deepEqual(traces.search(Object.entries(places).map(([where, text]) => ({ where, text }))), []);
      assert.equal((await page.ask("/me"))[0].status, 200);
      assert.deepEqual(Object.keys((await page.stores()).sessionStorage), ["hallpass.default"], "the pending sign-in is gone");
    });
  }

  test("back and forward in the history never bring the token back into the address bar (SEC-06)", async (world) => {
    const page = await world.open(HASH);
    await signInByRedirect(page, world);
    const token = await page.token();
    await page.driver.navigate().back();
    await until("the page before is there", async () => !(await page.url()).startsWith(`${world.server.app}/session`));
    assert.ok(!(await page.url()).includes(token));
    await page.driver.navigate().forward();
    await back(page);
    assert.ok(!(await page.url()).includes(token));
    assert.equal((await page.session()).status, "signed-in");
  }, { quick: true });

  test("hardClean: the token leaves the navigation timing too; without it, that one entry keeps it (SEC-06)", async (world) => {
    const timing = (page) => page.run(() => performance.getEntriesByType("navigation").map((entry) => entry.name).join());

    const page = await world.open({ ...HASH, hardClean: true }, "/devices");
    await signInByRedirect(page, world);
    assert.equal(new URL(await page.url()).pathname, "/devices", "returnTo outlives the second load");
    const token = await page.token();
    assert.ok(!(await timing(page)).includes(token));

    await page.signOut();
    await page.open(HASH);
    await signInByRedirect(page, world);
    // Nothing but a navigation takes it from there. Whether an engine shows the fragment at all is its own business.
    const shown = (await timing(page)).includes(await page.token());
    if (world.engine === "chromium" || world.engine === "firefox") assert.ok(shown, "else hardClean would be of no use");
  });

  test("returnTo is honoured where it is a path of this origin, and nowhere else (SEC-14)", async (world) => {
    const page = await world.open(HASH);
    const token = await anyToken(world);
    const land = async (returnTo) => {
      await page.open();
      await page.fire((to) => window.hallpassDemo.auth.signInRedirect({ returnTo: to, params: { mode: "params" } }), returnTo);
      const state = await (await LoginPage.reached(page)).state();
      await page.goto(`${world.server.app}/#access_token=${token}&token_type=Bearer&expires_in=300&state=${state}`);
      await page.ready();
      await page.untilStatus("signed-in");
      const url = new URL(await page.url());
      await page.signOut();
      return url;
    };
    // A page that asks for nothing: this token came without the fingerprint's cookie, and the API refuses it.
    assert.equal((await land("/requests")).pathname, "/requests");
    for (const evil of EVIL_RETURNS) {
      const url = await land(evil);
      assert.equal(url.origin, world.server.app, evil);
      assert.doesNotMatch(url.pathname, /^\/\/|evil/, evil);
    }
  });

  test("returnTo as the page is told: what is no path of this origin has become the default (SEC-14)", async (world) => {
    const { page, arriveAt } = await barePage(world);
    for (const [wanted, told] of [["/?chapter=2#there", "/?chapter=2#there"], ...EVIL_RETURNS.map((evil) => [evil, "/"])]) {
      const state = await page.leaveFor(wanted);
      await arriveAt(`#access_token=an-opaque-token-of-some-length&token_type=Bearer&state=${state}`);
      const returnTo = await page.run(async () => (await window.createAuth().completeRedirect()).returnTo);
      assert.equal(returnTo, told, JSON.stringify(wanted));
    }
  });

  test("on a bare page, without a router that tidies up: the address is clean before the first await (SEC-06)", async (world) => {
    const { page, arriveAt } = await barePage(world);
    const state = await page.leaveFor("/?chapter=2#there");
    await arriveAt(`?keep=1#access_token=${await anyToken(world)}&token_type=Bearer&expires_in=300&state=${state}&tab=2`);
    const outcome = await page.run(async () => {
      const entries = history.length;
      const auth = window.createAuth();
      const pending = auth.completeRedirect();
      const atOnce = location.pathname + location.search + location.hash;
      const [first, again] = [await pending, await auth.completeRedirect()];
      return { atOnce, later: location.href.endsWith(atOnce), grew: history.length - entries, status: first.session.status, returnTo: first.returnTo, again: again?.returnTo };
    });
    assert.deepEqual(outcome, {
      atOnce: "/?keep=1#tab=2",
      later: true,
      grew: 0,
      status: "signed-in",
      returnTo: "/?chapter=2#there",
      again: "/?chapter=2#there",
    });
  });

  for (const storage of ["memory", "session"]) {
    test(`a guard that sends away who is signed out, storage ${storage}: once to the login page, and back for good`, async (world) => {
      const [server, login] = await world.origins(2);
      // A login page that knows the user: nothing but the application ends the round trip.
      login.on("GET /login", (_call, nth) => ({
        headers: { "Content-Type": "text/html" },
        body:
          nth > 3
            ? "enough"
            : `<script>
                const asked = new URLSearchParams(location.search);
                location.replace(asked.get("redirect_uri") + "#access_token=an-opaque-token-of-some-length&token_type=Bearer&state=" + asked.get("state"));
              </script>`,
      }));
      server.on("GET /guarded", () => ({
        headers: { "Content-Type": "text/html" },
        body: '<!doctype html><script src="/hooks.js"></script><script type="module" src="/guarded.js"></script>',
      }));
      server.on("GET /guarded.js", () => ({
        headers: { "Content-Type": "text/javascript" },
        body: `
          import { createAuth } from "/hallpass/index.js";
          const auth = (window.auth = createAuth({ storage: "${storage}", redirect: { url: "${login.origin}/login" } }));
          let isLeaving = false;
          const guard = () => {
            if (isLeaving || auth.session.status !== "signed-out") return;
            isLeaving = true;
            auth.signInRedirect({ returnTo: "/guarded" });
          };
          auth.subscribe(guard);
          auth.ready.then(guard);
          window.callback = auth.completeRedirect();
        `,
      }));
      const page = world.packagePage(server);
      await page.goto(`${server.origin}/guarded`);
      await page.until("the user is signed in", () => window.auth?.session.status === "signed-in");
      assert.equal(await page.run(async () => (await window.callback).returnTo), "/guarded");
      await page.run(() => new Promise((resolve) => setTimeout(resolve, 300)));
      assert.equal(login.callsTo("/login").length, 1, "visits to the login page");
      assert.equal(await page.run(() => location.hash), "");
    });
  }

  test("cancelling at the login page: callback_error, nobody signed in, URL clean (SEC-07, SEC-16)", async (world) => {
    const page = await world.open(HASH, "/requests");
    await leave(page);
    await (await LoginPage.reached(page)).cancel();
    await back(page);
    const note = await page.element("start-failure");
    assert.equal(await note.getAttribute("data-code"), "callback_error");
    assert.equal((await page.session()).status, "signed-out");
    assert.doesNotMatch(await page.url(), /error|state/);
    assert.deepEqual((await page.stores()).sessionStorage, {});
  });

  test("a callback that comes too late is refused: callback_expired (SEC-09)", async (world) => {
    const page = await world.open({ ...HASH, maxAge: 1 });
    await leave(page);
    const state = await (await LoginPage.reached(page)).state();
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    await arrive(page, world, `access_token=${await anyToken(world)}&token_type=Bearer&state=${state}`, { maxAge: 1 });
    await assertRefused(page, "callback_expired");
  });

  for (const { name, fragment } of [
    { name: "wrong", fragment: (token) => `access_token=${token}&token_type=Bearer&state=${"0".repeat(64)}` },
    { name: "missing", fragment: (token) => `access_token=${token}&token_type=Bearer` },
    { name: "empty", fragment: (token) => `access_token=${token}&token_type=Bearer&state=` },
    { name: "duplicate", fragment: (token, state) => `access_token=${token}&token_type=Bearer&state=${state}&state=${state}` },
    { name: "__proto__ as", fragment: (token) => `access_token=${token}&token_type=Bearer&state=__proto__` },
    { name: "constructor as", fragment: (token) => `access_token=${token}&token_type=Bearer&state=constructor` },
    { name: "longer", fragment: (token, state) => `access_token=${token}&token_type=Bearer&state=${state}0` },
  ]) {
    test(`${name} state: refused, the URL is clean, and the right one afterwards is too late (SEC-07, SEC-08, SEC-09)`, async (world) => {
      const page = await world.open(HASH);
      await leave(page);
      const state = await (await LoginPage.reached(page)).state();
      const token = await anyToken(world);
      await arrive(page, world, fragment(token, state));
      await assertRefused(page, "callback_state_mismatch");
      await arrive(page, world, `access_token=${token}&token_type=Bearer&state=${state}`);
      await assertRefused(page, "callback_unsolicited");
      assert.deepEqual(await world.server.log({ path: "/token" }), []);
    });
  }

  test("a callback replayed after success is unsolicited and changes nothing (SEC-09)", async (world) => {
    const page = await world.open(HASH);
    await leave(page);
    const state = await (await LoginPage.reached(page)).state();
    const token = await anyToken(world);
    const fragment = `access_token=${token}&token_type=Bearer&expires_in=300&state=${state}`;
    await arrive(page, world, fragment);
    await page.untilStatus("signed-in");
    const record = await page.record();
    await arrive(page, world, fragment);
    assert.equal(await (await page.element("start-failure")).getAttribute("data-code"), "callback_unsolicited");
    assert.equal(await page.record(), record);
    assert.doesNotMatch(await page.url(), /access_token|state/);
  }, { quick: true });

  test("a callback in another tab than the one that asked is unsolicited there, and stays good here (SEC-13)", async (world) => {
    const page = await world.open(HASH);
    await leave(page);
    const state = await (await LoginPage.reached(page)).state();
    const fragment = `access_token=${await anyToken(world)}&token_type=Bearer&expires_in=300&state=${state}`;
    const other = await world.newPage();
    await arrive(other, world, fragment);
    await assertRefused(other, "callback_unsolicited");
    await arrive(page, world, fragment);
    await page.untilStatus("signed-in");
  });

  test("an unknown token_type is malformed; an expires_in that is no number says nothing, and exp counts (SEC-17, SEC-39)", async (world) => {
    const page = await world.open(HASH);
    const arriveWith = async (rest) => {
      await page.open(HASH);
      await leave(page);
      const state = await (await LoginPage.reached(page)).state();
      await arrive(page, world, `access_token=${await anyToken(world)}&${rest}&state=${state}`);
    };
    await arriveWith("token_type=mac");
    await assertRefused(page, "callback_malformed");
    for (const text of ["soon", "-1e999"]) {
      await arriveWith(`token_type=Bearer&expires_in=${text}`);
      const { claims, expiresAt } = await page.untilStatus("signed-in");
      assert.ok(Math.abs(expiresAt - claims.exp * 1000) < 10_000, text);
      await page.signOut();
    }
  });

  test("signing out forgets a sign-in that is under way in this tab (SEC-05)", async (world) => {
    const page = await world.open(HASH);
    await leave(page);
    const state = await (await LoginPage.reached(page)).state();
    await page.open();
    await page.signOut();
    assert.deepEqual((await page.stores()).sessionStorage, {});
    await arrive(page, world, `access_token=${await anyToken(world)}&token_type=Bearer&state=${state}`);
    await assertRefused(page, "callback_unsolicited");
  });
});

/** Presses "Sign in on the server's page". */
async function leave(page) {
  await page.click("sign-in-redirect");
}

/** Waits until the app is there again. */
async function back(page) {
  await until("the app is back", async () => (await page.url()).startsWith(page.world.server.app));
  await page.ready();
}

async function signInByRedirect(page, world) {
  await leave(page);
  const login = await LoginPage.reached(page);
  await login.submit(world.user);
  await back(page);
  await page.untilStatus("signed-in");
}

/** The tab comes to the app with this fragment, as after a redirect. */
async function arrive(page, world, fragment, settings) {
  // Over another document: a URL that differs in its fragment only would not be loaded anew.
  await page.goto(`${world.server.api}/login?redirect_uri=${encodeURIComponent(`${world.server.app}/`)}`);
  await page.goto(`${page.address(settings)}#${fragment}`);
  await page.ready();
}

async function assertRefused(page, code) {
  const note = await page.element("start-failure");
  assert.equal(await note.getAttribute("data-code"), code);
  assert.deepEqual(await page.session(), { status: "signed-out", reason: "never-signed-in" });
  assert.deepEqual((await page.stores()).sessionStorage, {});
  assert.doesNotMatch(await page.url(), /access_token|state|token_type/);
}

/** A real token of the test's account. */
async function anyToken(world) {
  const { username, password } = world.user;
  const { json } = await request(`${world.server.api}/auth`, { method: "POST", body: { username, password } });
  world.canaries.add("access token", json.access_token);
  return json.access_token;
}

/** A page without any router, and a login page that does nothing. */
async function barePage(world) {
  const [server, login] = await world.origins(2);
  login.on("GET /login", () => ({ body: "a login page", headers: { "Content-Type": "text/plain" } }));
  const page = world.packagePage(server);

  /** Loads the page with `rest` of a URL; `window.createAuth()` is there then, and nothing was called yet. */
  const arriveAt = async (rest) => {
    await page.goto(`${server.origin}/${rest}`);
    await page.until("the package is loaded", () => window.hallpass !== undefined);
    await page.run((url) => {
      window.createAuth = () => window.e2e.watch(window.hallpass.createAuth({ redirect: { url } }));
    }, `${login.origin}/login`);
  };
  /** Starts a redirect sign-in; resolves with its state once the login page is there. */
  page.leaveFor = async (returnTo) => {
    await arriveAt("");
    await page.fire((to) => window.createAuth().signInRedirect({ returnTo: to }), returnTo);
    return until("the login page", async () => {
      const url = new URL(await page.url());
      return url.origin === login.origin && url.searchParams.get("state");
    });
  };
  return { page, arriveAt };
}
