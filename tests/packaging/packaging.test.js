import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { until } from "../e2e/harness/until.js";
import { COUNT_ALIVE } from "./harness/alive.js";
import { assertLife } from "./harness/app-page.js";
import { cache } from "./harness/cache.js";
import { run } from "./harness/command.js";
import { clickTest, copyDemoApp, showsText, writeOrigins } from "./harness/demo-app.js";
import { AppProxy } from "./harness/proxy.js";
import { note, readmeLines, table } from "./harness/matrix.js";
import { chunksOf, kilobytes } from "./harness/main-chunk.js";
import { NATIVE } from "./harness/native.js";
import { prepareCopy } from "./harness/project.js";
import { CAPACITOR, HOT, NEXT, PAGES, PROGRAMS, SERVERS, VITE } from "./harness/rows.js";
import { behindProxy, onStage, startServer } from "./harness/stage.js";
import { replaceFile } from "./harness/replace-file.js";

const FILTER = process.env.HALLPASS_PACKAGING_FILTER ?? "";

/** As strict as the demo's own. `connectSrc`: other origins that the page may ask. */
const csp = (connectSrc = "") => `default-src 'self'; connect-src 'self' ${connectSrc}; script-src 'self' 'wasm-unsafe-eval'; base-uri 'self'; frame-ancestors 'none'`;

const LIVES = "signs in, refreshes, survives a reload, signs out";
const WITHOUT = "without `WebAssembly`";
const FORBIDDEN = "without `'wasm-unsafe-eval'`";
const PROVIDER = "at a provider, by `hallpass/oidc`, with and without WebAssembly";
const RUNS = "imports, decodes, stays inert without a page";
const VERIFIES = "`hallpass/server`: signature, keys by JWKS, fingerprint, DPoP";
const OK = "yes";

const chosen = (rows) => rows.filter(({ name }) => name.includes(FILTER));

describe("packaging", { concurrency: 2 }, () => {
  let server;
  const proxies = new Map();
  before(async () => {
    for (const row of chosen(PAGES)) proxies.set(row, await new AppProxy().start());
    server = await startServer([...proxies.values()]);
  });
  after(async () => {
    await Promise.all([server, ...proxies.values()].map((running) => running.stop()));
    await cache.tidy();
    console.log(["", ...cache.told.toSorted(), ""].join("\n"));
  });

  /** Slow projects first: installing one goes on beside the browsers of others. */
  for (const row of chosen(PAGES).toSorted((one, other) => Number(other.isBig ?? false) - Number(one.isBig ?? false))) {
    it(row.name, { timeout: 900_000 }, () =>
      onStage(row, server, async (proxy, open) => {
        const issuer = `${server.api}/oidc`;
        const strictest = csp(server.api);
        // Parcel has a script in the page that tells where its lazily loaded parts are.
        const policy = row.project === "parcel" ? strictest.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'") : strictest;
        if (row.dirs !== undefined) proxy.csp = policy;
        const page = await open();
        await page.open();
        await page.liveThrough({ waits: true });
        await page.isQuiet();
        await assertLife(proxy);
        note(row.name, LIVES, OK);
        await page.liveAtProvider(issuer);
        await page.isQuiet();

        const old = await open();
        await old.before("delete globalThis.WebAssembly");
        await old.open();
        await old.liveThrough({ waits: false });
        await old.isQuiet();
        await assertLife(proxy, { lives: 2 });
        note(row.name, WITHOUT, OK);

        let without = old;
        // A server of the tool's own says itself what its pages may do.
        if (row.dirs !== undefined) {
          proxy.csp = policy.replace(" 'wasm-unsafe-eval'", "");
          without = await open();
          await without.open();
          await without.liveThrough({ waits: false });
          await assertLife(proxy, { lives: 3 });
          note(row.name, FORBIDDEN, OK);
        }
        await without.liveAtProvider(issuer);
        note(row.name, PROVIDER, OK);
      }, proxies.get(row)),
    );
  }

  for (const row of chosen(PROGRAMS)) {
    it(row.name, { timeout: 600_000 }, async (t) => {
      const { folder, remove } = await prepareCopy(row.project);
      t.after(remove);
      for (const [command, ...args] of row.commands) await run(command, args, { cwd: folder });
      note(row.name, RUNS, OK);
    });
  }

  for (const { name, version, command: [command, ...args] } of chosen(SERVERS)) {
    it(`${name}: hallpass/server`, { timeout: 600_000 }, async (t) => {
      const { folder: cwd, remove } = await prepareCopy("server");
      t.after(remove);
      const [tell, ...words] = version;
      const isThere = await run(tell, words, { cwd }).then(() => true, () => false);
      if (!isThere) {
        console.log(`${name} is not for this system: \`hallpass/server\` is not tried out there`);
        return t.skip();
      }
      await run(command, args, { cwd });
      note(name, VERIFIES, OK);
    });
  }

  for (const row of chosen([VITE])) {
    it("Vite: the core is beside the main chunk, and preloaded as the documentation says", { timeout: 600_000 }, () =>
      onStage({ ...row, dirs: ["dist-preload"] }, server, async (proxy, open, folder) => {
        const [main, without] = [await chunksOf(join(folder, "dist")), await chunksOf(join(folder, "dist-without"))];
        console.log(
          `Vite, the main chunk, gzip: ${kilobytes(main.main.gzip)} with hallpass, ${kilobytes(without.main.gzip)} without;` +
            ` brotli: ${kilobytes(main.main.brotli)} and ${kilobytes(without.main.brotli)}; the core beside it: ${kilobytes(main.core.gzip)} and ${kilobytes(main.core.brotli)}`,
        );
        assert.ok(main.main.brotli - without.main.brotli < 16_000, "hallpass is at most 16 kB of it under brotli");
        assert.deepEqual(main.preloaded, []);

        const { preloaded, core } = await chunksOf(join(folder, "dist-preload"));
        assert.deepEqual(preloaded, [core.name]);
        const page = await open();
        await page.open();
        await page.shows("status", "signed-out");
        await page.isQuiet();
        const fetched = await page.driver.executeScript(() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname));
        assert.equal(fetched.filter((path) => path === core.name).length, 1, "fetched once");
      }),
    );
  }

  for (const row of chosen([NEXT])) {
    it("Next.js renders “loading” on the server, where the core decodes; hydration says nothing", { timeout: 900_000 }, () =>
      onStage(row, server, async (proxy, open) => {
        const html = await (await fetch(proxy.origin)).text();
        assert.match(html, /<output id="status">loading<\/output>/);
        assert.match(html, /<output id="decoded">the server<\/output>/);
        const page = await open();
        await page.open();
        await page.shows("status", "signed-out");
        await page.isQuiet();
      }),
    );
  }

  for (const row of chosen([HOT])) {
    it("Vite, hot updates: one session manager is left, and the session goes on (REL-34)", { timeout: 600_000 }, () =>
      onStage(row, server, async (proxy, open, folder) => {
        const page = await open();
        await page.before(COUNT_ALIVE);
        await page.open();
        await page.shows("status", "signed-out");
        await page.click("sign-in");
        await page.shows("changes", "signed-in");
        const alive = () => page.driver.executeScript("return window.alive");
        const before = await alive();
        assert.ok(before.timers > 0 && before.listeners > 0 && before.channels > 0, JSON.stringify(before));

        const file = "src/auth.js";
        const source = await readFile(join(folder, file), "utf8");
        for (const version of [1, 2, 3]) {
          const is = (name) => page.driver.executeScript("return window[arguments[0]] === arguments[1]", name, version);
          await replaceFile(folder, file, `${source}\nglobalThis.hotUpdate = ${version};\nauth.ready.then(() => (globalThis.hotReady = ${version}));\n`);
          await until(`hot update ${version}`, () => is("hotUpdate"));
          // Only once its core has arrived: a manager that the next update closes before React has subscribed to it throws `closed`.
          await until(`the manager of hot update ${version} is ready`, () => is("hotReady"));
          await page.shows("status", "signed-in");
        }
        await page.click("refresh");
        // This very one: a token that was renewed in time has left its "refreshed" among the changes, too.
        await page.shows("refreshes", "1");
        // Some other timer may run at either moment; of three managers left behind, each would have one more.
        const isClean = (now) => now.listeners === before.listeners && now.channels === before.channels && now.timers < before.timers + 3;
        let now;
        await until("nothing is left of the old ones", async () => isClean((now = await alive()))).catch((error) => {
          throw new Error(`${error.message}: ${JSON.stringify(before)} became ${JSON.stringify(now)}`, { cause: error });
        });
        await page.click("sign-out");
        await page.shows("status", "signed-out");
        await page.isQuiet();
      }),
    );
  }

  for (const row of chosen([CAPACITOR])) {
    it("a Capacitor-style bundle: host and path of its own, sign-in by deep link", { timeout: 600_000 }, () =>
      onStage(row, server, async (proxy, open) => {
        proxy.csp = csp();
        const page = await open();
        const home = `${proxy.origin.replace("localhost", "shell.localhost")}${row.base}`;
        await page.driver.get(home);
        await page.liveThrough({ waits: false });

        // The shell opens the login page elsewhere; here the tab itself goes, and comes back.
        await page.driver.executeScript("window.leave()");
        const left = await until("the page is left", async () => {
          const url = new URL(await page.driver.getCurrentUrl());
          return url.pathname === "/api/login" ? url : undefined;
        });
        assert.equal(left.searchParams.get("redirect_uri"), "com.example.app://signed-in");
        await page.driver.get(home);
        await page.shows("status", "signed-out");
        await page.driver.executeScript(async (state) => {
          const body = JSON.stringify({ username: "demo", password: "correct horse battery staple" });
          // With a refresh token: what follows may take longer than the access token lives.
          const answer = await fetch("/api/auth?permanent=true", { method: "POST", headers: { "Content-Type": "application/json" }, body });
          const { access_token, refresh_token, expires_in } = await answer.json();
          const params = new URLSearchParams({ access_token, refresh_token, expires_in, state });
          window.system("appUrlOpen", { url: "com.example.app://inbox/3" });
          window.system("appUrlOpen", { url: `com.example.app://signed-in#${params}` });
        }, left.searchParams.get("state"));
        await page.shows("status", "signed-in");
        await until("the application is told", async () => (await page.driver.getTitle()) === `returned to ${row.base}inbox?unread`);
        await page.click("who");
        await page.shows("name", "demo");
        await page.driver.executeScript("window.system('appUrlOpen', { url: 'com.example.app://signed-in#access_token=forged&state=forged' })");
        await until("the forged one is refused", async () => (await page.driver.getTitle()) === "callback_unsolicited");
        await page.shows("status", "signed-in");
      }),
    );
  }

  if ("Ionic".includes(FILTER)) {
    it("Ionic: the demo app as a Capacitor-style bundle, host and path of its own, sign-in by deep link", { timeout: 600_000 }, async (t) => {
      const base = "/bundle/v1/";
      const { folder, remove } = await copyDemoApp(base);
      t.after(remove);
      await behindProxy({ api: server.api, dirs: [folder], base }, async (proxy, open) => {
        proxy.csp = `${csp()}; style-src 'self' 'unsafe-inline'; img-src 'self' data:`;
        const shell = proxy.origin.replace("localhost", "shell.localhost");
        await writeOrigins(folder, { api: `${shell}/api`, foreign: "https://foreign.example" });
        const page = await open();
        await page.before(NATIVE);
        const path = async () => new URL(await page.driver.getCurrentUrl()).pathname;
        await page.driver.get(`${shell}${base}?signIn=hash`);

        await clickTest(page, "sign-in-redirect");
        await until("the page is left", async () => (await path()) === "/api/login");
        const asked = new URL(await page.driver.getCurrentUrl()).searchParams;
        assert.equal(asked.get("redirect_uri"), "dev.hallpass.demo://signed-in");
        // The login page is in the system's browser; here the tab itself went, and comes back.
        await page.driver.get(`${shell}${base}?signIn=hash`);
        await showsText(page, "Your pass, please.");
        await page.driver.executeScript(async (state) => {
          const body = JSON.stringify({ username: "demo", password: "correct horse battery staple" });
          const answer = await fetch("/api/auth?permanent=true", { method: "POST", headers: { "Content-Type": "application/json" }, body });
          const { access_token, refresh_token, expires_in } = await answer.json();
          const params = new URLSearchParams({ access_token, refresh_token, expires_in, state });
          window.system("appUrlOpen", { url: "dev.hallpass.demo://devices" });
          window.system("appUrlOpen", { url: `dev.hallpass.demo://signed-in#${params}` });
        }, asked.get("state"));
        await showsText(page, "Demo User");
        assert.equal(await path(), `${base}session`);

        await clickTest(page, "nav-requests");
        await until("the page of requests is there", async () => (await path()) === `${base}requests`);
        await until("the token is renewed in time", () => proxy.callsTo("/token").some(({ status }) => status === 200));
        await page.driver.navigate().refresh();
        await showsText(page, "What is sent");
        assert.equal(await path(), `${base}requests`);

        await page.driver.executeScript("window.system('appUrlOpen', { url: 'dev.hallpass.demo://signed-in#access_token=forged&state=forged' })");
        await clickTest(page, "nav-session");
        await showsText(page, "Demo User");
        await clickTest(page, "sign-out");
        await showsText(page, "Your pass, please.");
        await until("the server is told", () => proxy.callsTo("/token/reject").some(({ status }) => status === 204));
      });
    });
  }
});

describe("the projects", () => {
  it("were only read once they were whole", async () => {
    assert.deepEqual(await cache.written(), []);
  });
});

describe("the matrix", () => {
  const pages = () => table("In the page", [LIVES, WITHOUT, FORBIDDEN, PROVIDER], PAGES.map(({ name }) => name));
  const programs = () => table("Without a page", [RUNS], PROGRAMS.map(({ name }) => name));

  const servers = () => table("On a server", [VERIFIES], SERVERS.map(({ name }) => name));

  it("stands in the README as it was seen", () => {
    const lines = [...pages(), "", ...programs(), "", ...servers()];
    console.log(["", ...lines, ""].join("\n"));
    const readme = readmeLines();
    for (const line of lines) assert.ok(readme.includes(line), `README.md lacks: ${line}`);
  });
});
