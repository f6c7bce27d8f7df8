import assert from "node:assert/strict";
import { request } from "./harness/http.js";
import { suite } from "./harness/suite.js";

/*
 * Links that look like the end of a sign-in that nobody here began. They may change nothing but the address bar.
 */

const ACCEPT = { accept: "fragment-params,fragment-token" };

suite("unasked callbacks", (test) => {
  for (const { form, fragment } of [
    { form: "#TOKEN", fragment: (token) => token },
    { form: "#access_token=…", fragment: (token) => `access_token=${token}&token_type=Bearer&expires_in=300` },
    { form: "#access_token=…&state=…", fragment: (token) => `access_token=${token}&token_type=Bearer&state=${"a".repeat(64)}` },
    { form: "#/route?access_token=…", fragment: (token) => `/route?access_token=${token}&token_type=Bearer&state=x` },
  ]) {
    test(`${form} of an attacker, cold: nobody is signed in, the link is cleaned (SEC-13, SEC-07)`, async (world) => {
      const attacker = await attackersToken(world);
      const page = await world.open(ACCEPT, `/session#${fragment(attacker)}`);
      assert.deepEqual(await page.session(), { status: "signed-out", reason: "never-signed-in" });
      assert.ok(!(await page.url()).includes(attacker));
      assert.ok(!JSON.stringify(await page.stores()).includes(attacker));
      assert.equal(await (await page.element("start-failure")).getAttribute("data-code"), "callback_unsolicited");
      assert.deepEqual(await world.server.log({ listener: "api" }), [], "nothing was asked with it");
    });

    test(`${form} of an attacker, with a live session: it stands as it was, the link is cleaned (SEC-13)`, async (world) => {
      const page = await world.open(ACCEPT);
      await page.signIn();
      const before = { record: await page.record(), token: await page.token() };
      const attacker = await attackersToken(world);
      await page.goto("about:blank");
      await page.open(ACCEPT, `/session#${fragment(attacker)}`);
      assert.equal(await page.token(), before.token);
      assert.equal((await page.session()).claims.sub, world.user.username);
      assert.equal(await page.record(), before.record);
      assert.ok(!(await page.url()).includes(attacker));
      assert.equal(await (await page.element("start-failure")).getAttribute("data-code"), "callback_unsolicited");
      assert.equal(JSON.parse((await page.ask("/me"))[0].body).username, world.user.username);
    });
  }

  test("cleaning keeps foreign parameters, the router's hash, history.state and the number of entries (SEC-06)", async (world) => {
    const page = await world.open();
    const outcome = await page.run(async () => {
      const { auth } = window.hallpassDemo;
      const results = [];
      for (const [dirty, clean] of [
        ["/session?keep=1#access_token=aaaaaaaaaaaaaaaaaaaaaaaa&state=b&tab=2", "/session?keep=1#tab=2"],
        ["/session?keep=1#/route?x=1&access_token=aaaaaaaaaaaaaaaaaaaaaaaa&token_type=Bearer", "/session?keep=1#/route?x=1"],
        ["/session#access_token=aaaaaaaaaaaaaaaaaaaaaaaa", "/session"],
      ]) {
        history.replaceState({ mine: 1 }, "", dirty);
        const entries = history.length;
        const pending = auth.completeRedirect();
        // Before the first await: what runs next in this page must not see it.
        const atOnce = location.pathname + location.search + location.hash;
        const code = await pending.then(() => "accepted", (error) => error.code);
        results.push({ atOnce: atOnce === clean, code, state: history.state?.mine, grew: history.length - entries });
      }
      return results;
    });
    assert.deepEqual(outcome, Array(3).fill({ atOnce: true, code: "callback_unsolicited", state: 1, grew: 0 }));
  });

  test("an ordinary fragment is none of its business", async (world) => {
    const page = await world.open();
    const left = await page.run(async () => {
      const results = [];
      for (const hash of ["#chapter-2", "#/requests?sort=up", "#a=1&b=2", "#!/x", "#access_tokens=1", "#%"]) {
        history.replaceState(null, "", hash);
        results.push([await window.hallpassDemo.auth.completeRedirect(), location.hash === hash]);
      }
      return results;
    });
    assert.deepEqual(left, Array(6).fill([null, true]));
  });

  test("malformed fragments: a typed error or nothing, never an exception, and nothing of them in the page (SEC-15, SEC-16)", async (world) => {
    const page = await world.open(ACCEPT);
    await page.signIn();
    const token = await page.token();
    const outcomes = await page.run(async () => {
      const fragments = [
        "access_token=%",
        "access_token=%E0%A4%A&state=%",
        "access_token=%00&state=x",
        "access_token=a b",
        "access_token=" + "x".repeat(100_000),
        "access_token=\ud800",
        "access_token",
        "access_token=",
        "error=%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D%27evil%27%22%3E&state=x",
        "error=x&error_uri=javascript:document.title='evil'&state=x",
        "&&&access_token==&=&",
        "eyJ.e.",
      ];
      const results = [];
      for (const fragment of fragments) {
        history.replaceState(null, "", "/session");
        location.hash = fragment;
        try {
          results.push((await window.hallpassDemo.auth.completeRedirect()) === null ? "none" : "accepted");
        } catch (error) {
          results.push(`${error.name} ${error.code}`);
        }
      }
      return results;
    });
    for (const outcome of outcomes) assert.match(outcome, /^none$|^AuthError callback_(unsolicited|malformed|error)$/);
    assert.ok(outcomes.includes("AuthError callback_unsolicited"));
    assert.equal(await page.run(() => document.title), "hallpass demo");
    assert.equal(await page.run(() => document.querySelectorAll("img[src=x]").length), 0);
    assert.equal(await page.token(), token);
  });
});

async function attackersToken(world) {
  const attacker = { username: `attacker-${world.user.username}`, password: "attackers own password" };
  await world.server.addUser(attacker);
  const { json } = await request(`${world.server.api}/auth`, { method: "POST", body: attacker });
  await world.server.clearLog();
  world.canaries.add("attacker's token", json.access_token);
  return json.access_token;
}
