import assert from "node:assert/strict";
import { request } from "./harness/http.js";
import { suite } from "./harness/suite.js";

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
    await page.run(() => new Promise((resolve) => setTimeout(resolve, 200)));
    assert.equal(await page.run(() => window.inlineRan ?? false), false);
    await world.collect();
    const violations = world.seen.filter(({ where }) => where === "csp").map(({ text }) => text).join("\n");
    assert.match(violations, /script-src/);
    assert.match(violations, /connect-src/);
  });
});
