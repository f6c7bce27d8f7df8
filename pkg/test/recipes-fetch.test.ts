import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type * as SentryBrowser from "@sentry/browser";
import type * as Msw from "./recipes/msw.js";
import type * as Sentry from "./recipes/sentry.js";
import type * as Hallpass from "../src/index.js";
import type { Auth } from "../src/index.js";
import { Backend, openPage, runRecipes, shipped } from "./recipe-world.js";

/* The recipes that let something see what the package sends, by `options.fetch`: MSW and Sentry themselves. */

const platformFetch = globalThis.fetch;
let page: { close(): void } | undefined;
let auth: Auth | undefined;
afterEach(() => {
  auth?.close();
  page?.close();
  page = undefined;
  globalThis.fetch = platformFetch;
});

test("MSW answers what the package sends, although it came later; without `fetch` it sees nothing", async () => {
  page = openPage("https://app.test/");
  const { auth: own, server } = await runRecipes<typeof Msw>(["msw"], "http://localhost:1");
  auth = own;
  const { createAuth } = await shipped<typeof Hallpass>("index");
  const deaf = createAuth({ name: "deaf", origins: ["http://localhost:1"], storage: "memory", signIn: "http://localhost:1/auth" });
  const seen: string[] = [];
  server.events.on("request:start", ({ request }) => void seen.push(`${request.method} ${new URL(request.url).pathname} ${request.headers.get("authorization") ?? ""}`));
  server.listen({ onUnhandledRequest: "error" });
  try {
    await auth.signIn({ username: "ada" });
    const answer = await auth.fetch("http://localhost:1/me");
    assert.deepEqual([answer.status, await answer.json()], [200, { name: "Ada" }]);
    assert.deepEqual(seen, ["POST /auth ", "GET /me Bearer first", "POST /token ", "GET /me Bearer second"]);
    await assert.rejects(deaf.signIn({ username: "ada" }), { code: "sign_in_unavailable" });
    assert.equal(seen.length, 4);
  } finally {
    deaf.close();
    server.close();
  }
});

test("Sentry notes method, address and status of each request, and no token; its patch sees tokens, as the recipe warns", async () => {
  page = openPage("https://app.test/");
  const api = await new Backend().open();
  try {
    // Stands below Sentry's own, and shows what comes through there.
    const below: (string | null)[] = [];
    globalThis.fetch = (input, init) => {
      below.push(new Headers(init?.headers ?? (input instanceof Request ? input.headers : {})).get("authorization"));
      return platformFetch(input, init);
    };
    const library = (await import("@sentry/browser")) as typeof SentryBrowser;
    const { auth: own } = await runRecipes<typeof Sentry>(["sentry"], api.origin);
    auth = own;
    const crumbs: SentryBrowser.Breadcrumb[] = [];
    library.getClient()?.on("beforeAddBreadcrumb", (crumb) => void crumbs.push(crumb));
    await auth.signIn({ username: "ada" });
    api.expire();
    assert.equal((await auth.fetch(`${api.origin}/a`)).status, 200);
    const told = crumbs.filter(({ category }) => category === "fetch").map(({ data }) => `${String(data?.method)} ${String(data?.url).replace(api.origin, "")} ${String(data?.status_code)}`);
    assert.deepEqual(told, ["POST /auth 200", "GET /a 401", "POST /token 200", "GET /a 200"]);
    for (const word of ["access-", "refresh-", "Bearer"]) assert.ok(!JSON.stringify(crumbs).includes(word), word);
    assert.deepEqual(below.filter((header) => header !== null), ["Bearer access-1", "Bearer access-2"]);
    await library.close(0);
  } finally {
    api.close();
  }
});
