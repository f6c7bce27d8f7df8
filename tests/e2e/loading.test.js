import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";

/* How the core comes into the page. */

suite("loading", (test) => {
  test("load() many times at once, and managers beside it: the core is compiled once; decodeToken works from then on (REL-35)", async (world) => {
    const [server] = await world.origins();
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/`);
    await page.until("the package is loaded", () => window.hallpass !== undefined);
    const outcome = await page.run(async () => {
      const token = `${btoa('{"alg":"none"}').replaceAll("=", "")}.${btoa('{"sub":"me"}').replaceAll("=", "")}.c2ln`;
      const code = (action) => {
        try {
          return action().claims.sub;
        } catch (error) {
          return error.code;
        }
      };
      let compiled = 0;
      const original = WebAssembly.instantiate;
      WebAssembly.instantiate = (...args) => {
        compiled += 1;
        return original.apply(WebAssembly, args);
      };
      // A copy of its own: the package takes the platform's functions when it is loaded.
      const { createAuth, decodeToken, load } = await import("/hallpass/index.js?counted");
      const before = code(() => decodeToken(token));
      const auths = Array.from({ length: 5 }, (_, index) => createAuth({ name: `n${index}` }));
      await Promise.all([...Array.from({ length: 20 }, () => load()), ...auths.map((auth) => auth.ready)]);
      await load();
      for (const auth of auths) auth.close();
      return { before, after: code(() => decodeToken(token)), compiled };
    });
    assert.deepEqual(outcome, { before: "not_loaded", after: "me", compiled: 1 });
  });

  test("the core is a file of its own: importing asks for nothing, createAuth does at once (REL-35)", async (world) => {
    const [server] = await world.origins();
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/`);
    await page.until("the package is loaded", () => window.hallpass !== undefined);
    const outcome = await page.run(async () => {
      const loaded = () => performance.getEntriesByType("resource").map(({ name }) => name.split("/").at(-1)).filter((name) => name.startsWith("core"));
      const before = loaded();
      const auth = window.hallpass.createAuth();
      await auth.ready;
      auth.close();
      return [before, loaded()];
    });
    assert.deepEqual(outcome, [[], ["core.js"]]);
  });

  test("OIDC-2: who signs in at a provider loads the core for that, and no other; who has none never does (REL-35)", async (world) => {
    const [server] = await world.origins();
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/`);
    await page.until("the package is loaded", () => window.hallpass !== undefined);
    const outcome = await page.run(async (issuer) => {
      const loaded = () => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname.split("/").at(-1)).filter((name) => /^core|\.wasm$/.test(name));
      const { oidc } = await import("/hallpass/oidc.js");
      const seen = {};
      for (const [entry, hasProvider] of [["index", true], ["index", false], ["slim", true], ["slim", false]]) {
        performance.clearResourceTimings();
        const { createAuth, load } = await import(`/hallpass/${entry}.js?${hasProvider}`);
        const auth = createAuth({ name: entry + hasProvider, ...(hasProvider && { provider: oidc({ issuer, clientId: "spa" }) }) });
        const { status } = await auth.ready;
        await load();
        auth.close();
        seen[`${entry} ${hasProvider ? "with" : "without"}`] = [status, ...loaded()];
      }
      return seen;
    }, server.origin);
    assert.deepEqual(outcome, {
      "index with": ["signed-out", "core-provider.js"],
      "index without": ["signed-out", "core.js"],
      "slim with": ["signed-out", "hallpass-provider.wasm"],
      "slim without": ["signed-out", "hallpass.wasm"],
    });
  });

  test("a prerendered page begins when it is shown: its copy of the store is nobody's, its locks wait (REL-26, REL-36)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const statuses = await page.run(async () => {
      Object.defineProperty(document, "prerendering", { value: true, configurable: true });
      const options = JSON.parse(new URLSearchParams(location.search).get("options"));
      const auth = window.hallpass.createAuth(options);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const hidden = auth.session.status;
      delete document.prerendering;
      document.dispatchEvent(new Event("prerenderingchange"));
      const shown = (await auth.ready).status;
      auth.close();
      return { hidden, shown };
    });
    assert.deepEqual(statuses, { hidden: "loading", shown: "signed-in" });
  });

  test("called before the core is there: everything waits for it, nothing is lost (REL-36)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const outcome = await page.run(async (url) => {
      const options = JSON.parse(new URLSearchParams(location.search).get("options"));
      window.hallpassDemo.auth.close();
      const auth = window.hallpass.createAuth(options);
      window.hallpassDemo = { auth };
      const early = [auth.session.status, auth.token(), auth.fetch(url), auth.authorization(url), auth.refresh(), auth.ready];
      const [status, token, response, header, refreshed, ready] = await Promise.all(early);
      return [status, token.split(".").length, response.status, header.startsWith("Bearer "), refreshed.status, ready.status];
    }, `${world.server.api}/me`);
    assert.deepEqual(outcome, ["loading", 3, 200, true, "signed-in", "signed-in"]);
  });
});
