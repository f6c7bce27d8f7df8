import assert from "node:assert/strict";
import { request } from "./harness/http.js";
import { tokenAnswer } from "./harness/jwt.js";
import { suite } from "./harness/suite.js";
import { until } from "./harness/until.js";

/*
 * Every test of this suite fails where the page's Content-Security-Policy was violated. These show that the policy is
 * the strict one, that it is in force, and that a violation would have been seen.
 */

suite("content security policy", (test) => {
  test("wasm-unsafe-eval and nothing laxer; the core starts under it (SEC-41)", async (world) => {
    const { headers } = await request(`${world.server.app}/`);
    const policy = headers["content-security-policy"];
    assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
    assert.doesNotMatch(policy, /'unsafe-eval'|script-src[^;]*('unsafe-inline'|data:|blob:|\*)/);
    const page = await world.open();
    await page.signIn();
    await page.refresh();
    assert.equal((await page.ask("/me"))[0].status, 200);
    await page.signOut();
  });

  test("Trusted Types, with no policy at all: a whole session and a callback without one violation (SEC-42)", async (world) => {
    const [server] = await world.origins();
    const policy = "require-trusted-types-for 'script'; trusted-types 'none'; script-src 'self' 'wasm-unsafe-eval'";
    server.on("GET /trusted", () => ({
      headers: { "Content-Type": "text/html", "Content-Security-Policy": policy },
      body: '<!doctype html><script src="/hooks.js"></script><script type="module" src="/trusted.js"></script>',
    }));
    server.on("GET /trusted.js", () => ({
      headers: { "Content-Type": "text/javascript" },
      body: 'import * as hallpass from "/hallpass/index.js"; window.hallpass = hallpass;',
    }));
    for (const path of ["/auth", "/token"]) server.on(`POST ${path}`, () => ({ json: tokenAnswer() }));
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/trusted#access_token=nobody-asked-for-this-token&state=1`);
    await page.until("the package is loaded", () => window.hallpass !== undefined);
    const outcome = await page.run(async () => {
      const auth = window.hallpass.createAuth({ signIn: "/auth", refresh: "/token", redirect: { url: "/login" } });
      window.auth = window.e2e.watch(auth);
      const callback = await auth.completeRedirect().catch((error) => error.code);
      await auth.signIn({ username: "u" });
      const { status } = await auth.refresh();
      await auth.signOut();
      return { callback, status, hash: location.hash };
    });
    assert.deepEqual(outcome, { callback: "callback_unsolicited", status: "signed-in", hash: "" });
    if (world.engine === "chromium") {
      const sink = await page.errorOf(() => document.write("<script></script>"));
      assert.equal(sink.name, "TypeError", "the policy is in force");
      world.expect("csp");
    }
  });

  test("a violation would be seen", async (world) => {
    world.expect("csp");
    world.expect("error");
    const page = await world.open();
    await page.run(() => {
      const script = document.createElement("script");
      script.textContent = "window.inlineRan = true";
      document.head.append(script);
      return fetch("https://evil.test/").catch(() => undefined);
    });
    const violations = await until("both are told", async () => {
      await world.collect();
      const told = world.seen.filter(({ where }) => where === "csp").map(({ text }) => text).join("\n");
      return /script-src/.test(told) && /connect-src/.test(told);
    });
    assert.ok(violations);
    assert.equal(await page.run(() => window.inlineRan ?? false), false);
  });
});
