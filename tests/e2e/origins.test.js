import assert from "node:assert/strict";
import { bearerHash } from "./harness/reference-server.js";
import { suite } from "./harness/suite.js";

/*
 * Where the token may go: the API's origin, decided on the URL as the platform resolves it. Two witnesses: the servers
 * log what arrived; and, for hosts that nobody can set up a server for, page/hooks.js logs what the browser was asked to send.
 */

/** Ways to ask for a URL. Run in the page, each gets the text as it stands in the table. */
const CLIENTS = {
  "fetch(string)": (url) => window.hallpassDemo.auth.fetch(url),
  "fetch(URL)": (url) => window.hallpassDemo.auth.fetch(new URL(url, document.baseURI)),
  "fetch(Request)": (url) => window.hallpassDemo.auth.fetch(new Request(url)),
  "axios xhr": (url) => window.hallpassDemo.axios.get(url, { adapter: "xhr" }),
  "axios fetch": (url) => window.hallpassDemo.axios.get(url, { adapter: "fetch" }),
  "axios xhr, baseURL + url": (url, api) => window.hallpassDemo.axios.get(url, { adapter: "xhr", baseURL: api }),
  "axios fetch, baseURL + url": (url, api) => window.hallpassDemo.axios.get(url, { adapter: "fetch", baseURL: api }),
  "axios xhr, baseURL": (url) => window.hallpassDemo.axios.get("", { adapter: "xhr", baseURL: url }),
  "axios POST": (url) => window.hallpassDemo.axios.post(url, { some: "data" }),
};

suite("origins", (test) => {
  for (const [client, ask] of Object.entries(CLIENTS)) {
    test(`${client}: no header to a foreign origin, however its URL is written (SEC-12)`, async (world) => {
      // Addresses outside the app's connect-src are stopped by the CSP: the hooks still see what was asked.
      world.expect("csp");
      const { page, api, foreign, token } = await signedIn(world);
      const urls = foreignUrls({ api: new URL(api).host, foreign: new URL(foreign).host });
      const outcomes = await askAll(page, ask, urls, api);
      assertNoLeak(await sentBy(page), await world.server.log(), { api, token });

      // That nothing leaked means something: the foreign server was reached, and the API would have got the token.
      const reached = (await world.server.log({ listener: "foreign" })).length;
      assert.ok(reached >= 5, `only ${reached} requests came to the foreign origin: ${JSON.stringify(outcomes)}`);
      await askAll(page, ask, [`${api}/me`], api);
      if (client !== "axios POST") assert.equal((await world.server.log({ path: "/me" })).at(-1).hasAuthorization, true);
    });
  }

  test("the API's own origin gets the header, however it is written (SEC-12)", async (world) => {
    const { page, api } = await signedIn(world);
    const { port } = new URL(api);
    for (const url of [
      `${api}/me`,
      `HTTPS://LOCALHOST:${port}/me`,
      `https:\\\\localhost:${port}\\me`,
      `//localhost:${port}/me`,
      `https://localhost:${port}/x/../me`,
      ` ${api}/me\t`,
      `https://loc\nalhost:${port}/me`,
      `${api}/me?next=https://evil.test#@evil.test`,
      `${api}/\\@evil.test/../../me`,
      `https://%6cocalhost:${port}/me`,
    ]) {
      await world.server.clearLog();
      const status = await page.run(async (url) => (await window.hallpassDemo.auth.fetch(url)).status, url);
      assert.equal(status, 200, JSON.stringify(url));
      assert.equal((await world.server.log({ path: "/me" }))[0].hasAuthorization, true);
    }
  }, { quick: true });

  test("a path prefix in the allow-list counts in whole segments (SEC-12)", async (world) => {
    const [server] = await world.origins();
    const page = await world.packagePage(server).open({ origins: [`${server.origin}/v1`] });
    await page.run(() => window.auth.accept({ accessToken: "an-opaque-token-of-some-length" }));
    const paths = ["/v1", "/v1/x", "/v1/x?a=/../", "/v10", "/v1x/y", "/", "/v1/../v2", "/v1/%2e%2e/v2", "/v1%2fx", "/v1/a%2fb", "/v1/%5c", "/V1/x"];
    const carried = await page.run(async (paths) => {
      const results = [];
      for (const path of paths) {
        window.e2e.sent.length = 0;
        await window.auth.fetch(path).catch(() => undefined);
        results.push([path, window.e2e.sent.some((one) => one.authorization !== null)]);
      }
      return results;
    }, paths);
    assert.deepEqual(carried, paths.map((path) => [path, ["/v1", "/v1/x", "/v1/x?a=/../"].includes(path)]));
  });

  test("by default only the page's own origin gets the header (SEC-12)", async (world) => {
    const [server, other] = await world.origins(2);
    for (const one of [server, other]) one.on("GET /data", () => ({ json: {} }));
    const page = await world.packagePage(server).open({});
    await page.run(() => window.auth.accept({ accessToken: "an-opaque-token-of-some-length" }));
    await page.run(
      async (foreign) => {
        for (const url of ["/data", "data", `${foreign}/data`]) {
          await window.auth.fetch(url);
          await window.client.get(url);
          await window.client.get(url, { adapter: "fetch" });
        }
      },
      other.origin,
    );
    assert.deepEqual(server.callsTo("/data").map((call) => call.headers.authorization), Array(6).fill("Bearer an-opaque-token-of-some-length"));
    assert.deepEqual(other.callsTo("/data").map((call) => call.headers.authorization), Array(3).fill(undefined));
    const addressed = await page.run(async (foreign) => [await window.auth.authorization("/data"), await window.auth.authorization(foreign)], other.origin);
    assert.deepEqual(addressed, ["Bearer an-opaque-token-of-some-length", null]);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    test(`${status} from the API to a foreign origin: the header does not follow, nor does it come back (SEC-12)`, async (world) => {
      const { page, api, foreign } = await signedIn(world);
      const followed = { "axios xhr": CLIENTS["axios xhr"], "axios fetch": CLIENTS["axios fetch"], fetch: CLIENTS["fetch(string)"] };
      for (const [client, ask] of Object.entries(followed)) {
        await world.server.clearFaults();
        await world.server.clearLog();
        await world.server.fault({ route: "/echo", status, headers: { Location: `${foreign}/caught` } });
        await world.server.fault({ route: "/echo/return", status, headers: { Location: `${foreign}/redirect?status=${status}&to=${encodeURIComponent(`${api}/me`)}` } });
        await askAll(page, ask, [`${api}/echo`, `${api}/echo/return`], api);
        const log = await world.server.log();
        assert.equal(log.find((entry) => entry.path === "/echo").hasAuthorization, true, `${client}: it was sent to the API`);
        const strangers = log.filter((entry) => entry.listener === "foreign");
        assert.ok(strangers.length >= 2, `${client}: both redirects were followed`);
        assert.deepEqual(strangers.filter((entry) => entry.hasAuthorization), [], client);
        assert.deepEqual(log.filter((entry) => entry.path === "/me" && entry.hasAuthorization), [], `${client}: back at the API`);
      }
    });
  }

  test("a 401 from a foreign origin refreshes nothing (REL-18)", async (world) => {
    const [server, other] = await world.origins(2);
    other.on("GET /data", () => ({ status: 401, headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' } }));
    server.on("GET /away", () => ({ status: 307, headers: { Location: `${other.origin}/data` } }));
    server.on("POST /token", () => ({ json: {} }));
    const page = await world.packagePage(server).open({ refresh: "/token" });
    await page.run(() => window.auth.accept({ accessToken: "an-opaque-token-of-some-length", refreshToken: "a-refresh-token-of-some-length" }));
    const statuses = await page.run(async (url) => {
      const quiet = { validateStatus: () => true };
      return [
        (await window.auth.fetch(url)).status,
        (await window.client.get(url, quiet)).status,
        (await window.client.get(url, { ...quiet, adapter: "fetch" })).status,
        (await window.auth.fetch("/away")).status,
        (await window.client.get("/away", quiet)).status,
      ];
    }, `${other.origin}/data`);
    assert.deepEqual(statuses, Array(5).fill(401));
    assert.deepEqual(server.callsTo("/token"), []);
    assert.deepEqual(other.callsTo("/data").map((call) => call.headers.authorization), Array(5).fill(undefined));
  }, { quick: true });

  test("axios: a later interceptor that turns a request to a foreign origin takes the token off it (SEC-19)", async (world) => {
    const { page, api, foreign, token } = await signedIn(world);
    await page.run(
      async (api, foreign) => {
        const { axios } = window.hallpassDemo;
        for (const adapter of ["xhr", "fetch"]) {
          for (const change of [
            (config) => Object.assign(config, { url: `${foreign}/url` }),
            (config) => Object.assign(config, { url: "/base", baseURL: foreign }),
            (config) => Object.assign(config, { url: `//${new URL(foreign).host}/relative` }),
          ]) {
            const id = axios.interceptors.request.use(change);
            await axios.get(`${api}/me`, { adapter }).catch(() => undefined);
            axios.interceptors.request.eject(id);
          }
        }
      },
      api,
      foreign,
    );
    const log = await world.server.log();
    assert.ok(log.filter((entry) => entry.listener === "foreign").length >= 4);
    assertNoLeak(await sentBy(page), log, { api, token });
  });

  test("axios: a polluted Object.prototype sends no token elsewhere (SEC-19, SEC-35)", async (world) => {
    const { page, api, foreign, token } = await signedIn(world);
    await page.run(
      async (api, foreign) => {
        const { auth, axios } = window.hallpassDemo;
        const pollution = { baseURL: foreign, url: foreign, origin: foreign, origins: [foreign], headers: { evil: "1" }, credentials: "omit" };
        try {
          for (const [name, value] of Object.entries(pollution)) {
            Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
          }
          for (const adapter of ["xhr", "fetch"]) {
            await axios.get("/polluted", { adapter }).catch(() => undefined);
            await axios.get(`${api}/me`, { adapter }).catch(() => undefined);
          }
          await auth.fetch(`${foreign}/polluted`).catch(() => undefined);
          await auth.fetch(`${api}/me`).catch(() => undefined);
        } finally {
          for (const name of Object.keys(pollution)) delete Object.prototype[name];
        }
      },
      api,
      foreign,
    );
    assertNoLeak(await sentBy(page), await world.server.log(), { api, token });
  });

  test("detached from axios: no token any more; attached twice: one header, one replay (SEC-12)", async (world) => {
    const [server] = await world.origins();
    server.on("GET /data", () => ({ json: {} }));
    const page = await world.packagePage(server).open({});
    await page.run(async () => {
      await window.auth.accept({ accessToken: "an-opaque-token-of-some-length" });
      const client = window.axios.create();
      const detach = window.attachAxios(client, window.auth);
      if (window.attachAxios(client, window.auth) !== detach) throw new Error("a second attachment");
      await client.get("/data");
      detach();
      detach();
      await client.get("/data");
    });
    assert.deepEqual(server.callsTo("/data").map((call) => call.headers.authorization), ["Bearer an-opaque-token-of-some-length", undefined]);
  });

  test("tokens stand in headers and token calls only: no request line ever holds one (SEC-25)", async (world) => {
    const { page, api } = await signedIn(world);
    await page.ask("/me", { count: 3 });
    await page.ask("/me", { client: "axios" });
    await page.refresh();
    await page.signOut();
    const lines = await page.run(() => [
      ...performance.getEntriesByType("resource").map((entry) => entry.name),
      ...window.e2e.sent.map((one) => one.url),
    ]);
    assert.ok(lines.some((line) => line.startsWith(`${api}/token`)));
    await world.collect();
    assert.deepEqual(world.canaries.search([{ where: "request lines", text: lines.join("\n") }]), []);
  });
});

/** The vectors of requirements 1f: URLs that look near to the API, or relative, and lead elsewhere. */
function foreignUrls({ api, foreign }) {
  return [
    `https://${foreign}/plain`,
    `//${foreign}/x`,
    `/\\${foreign}/x`,
    `\\\\${foreign}/x`,
    `///${foreign}/x`,
    `\t//${foreign}/x`,
    `ht\ntps://${foreign}/x`,
    `https:\\\\${foreign}/x`,
    `https:${foreign}`,
    `http:${foreign}`,
    `https://${api}@${foreign}/x`,
    `https://localhost@${foreign}/x`,
    `https://${foreign}/x#@${api}`,
    `https://${foreign}/x?@${api}`,
    `https://${foreign}/https://${api}/`,
    `https://${api}%2eevil.test/x`,
    `https://${api}.evil.test/x`,
    `https://localhost%2eevil.test/x`,
    `https://localhost.evil.test/x`,
    `https://localhost./x`,
    `https://${api.replace("localhost", "localhost.")}/x`,
    `https://${api.replace("localhost", "127.0.0.1")}/x`,
    `https://${api.replace("localhost", "127.1")}/x`,
    `https://${api.replace("localhost", "[::1]")}/x`,
    `https://${api.replace("localhost", "[::ffff:127.0.0.1]")}/x`,
    `https://${api.replace("localhost", "xn--pi-7ba.example")}/x`,
    `https://${api}0/x`,
    `http://${api}/x`,
    `ws://${api}/x`,
    `ftp://${api}/x`,
    `blob:https://${api}/0e3f0c2e-0000-4000-8000-000000000000`,
    `data:text/plain,https://${api}/`,
    "javascript:void(0)",
    "file:///etc/hostname",
    "about:blank",
    "/.//evil.test",
    "..//evil.test",
    "/own/origin",
    "",
    // Told apart where they lead to the same, because WebKit makes one of equal requests that are under way.
  ].map((url, index) => url.replace(/\/x(?=$|[?#])/, `/x${index}`));
}

async function signedIn(world) {
  const page = await world.open();
  await page.signIn();
  await world.server.clearLog();
  await page.run(() => {
    window.e2e.sent.length = 0;
  });
  const { api, foreign } = world.server;
  return { page, api, foreign, token: await page.token() };
}

/** Asks for every URL, all at once; resolves with how each went. */
function askAll(page, ask, urls, api) {
  return page.run(
    `async (urls, api) => {
      const ask = ${ask};
      const outcomes = await Promise.allSettled(urls.map(async (url) => (await ask(url, api)).status));
      return outcomes.map((outcome, index) => [urls[index], outcome.value ?? String(outcome.reason?.name)]);
    }`,
    urls,
    api,
  );
}

function sentBy(page) {
  return page.run(() => window.e2e.sent);
}

/** No request but to the API had the token: not when it was handed to the browser, not when it arrived. */
function assertNoLeak(sent, log, { api, token }) {
  // Not every Authorization is ours: axios makes a Basic one of a user name in a URL.
  const isAllowed = (url) => URL.canParse(url) && new URL(url).origin === api;
  assert.deepEqual(sent.filter(({ url, authorization }) => authorization?.includes(token) && !isAllowed(url)), [], "handed to the browser");
  const arrived = log.filter((entry) => entry.listener === "foreign" && entry.authorization === bearerHash(token));
  assert.deepEqual(arrived, [], "arrived at the foreign origin");
}
