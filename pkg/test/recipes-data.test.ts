import type { TypedDocumentNode } from "@apollo/client";
import { CancelledError } from "@tanstack/react-query";
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import type * as Apollo from "./recipes/apollo.js";
import type * as Basic from "./recipes/auth.js";
import type * as GraphQl from "./recipes/graphql.js";
import type * as Ofetch from "./recipes/ofetch.js";
import type * as RtkQuery from "./recipes/rtk-query.js";
import type * as Superagent from "./recipes/superagent.js";
import type * as TanStack from "./recipes/tanstack-query.js";
import type { Auth } from "../src/index.js";
import { Backend, openPage, pause, runRecipes, until } from "./recipe-world.js";

/*
 * The recipes for libraries that fetch data, each with the library itself: seven at once meet an expired token, the
 * server refuses, users change.
 */

let api: Backend;
let page: { close(): void };
let auth: Auth;

before(async () => {
  page = openPage("https://app.test/");
  api = await new Backend().open();
});
after(() => {
  api.close();
  page.close();
});
beforeEach(() => {
  api.reset();
});
afterEach(() => {
  auth.close();
});

/** The recipe, with a user signed in. */
async function run<T>(name: string): Promise<T & typeof Basic> {
  const recipe = await runRecipes<T & typeof Basic>(["auth", name], api.origin);
  auth = recipe.auth;
  await auth.signIn({ username: "ada" });
  return recipe;
}

const SEVEN = [1, 2, 3, 4, 5, 6, 7];
/** Seven requests were refused, one refresh ran, seven were sent again. */
function assertOneRefresh(): void {
  assert.equal(api.refreshes, 1);
  assert.deepEqual(api.seen.map(({ user }) => user), [...SEVEN.map(() => null), ...SEVEN.map(() => "ada")]);
}

/** Signs out while the answers to `ask()` wait at the server, and in again as somebody else. */
async function changeUserDuring(ask: () => unknown): Promise<void> {
  let open = (): void => {};
  api.gate = new Promise((resolve) => (open = resolve));
  const before = api.seen.length;
  ask();
  await until(() => api.seen.length > before, () => "a request");
  await auth.signOut();
  await auth.signIn({ username: "bob" });
  open();
  await pause(30);
}

test("TanStack Query: seven queries, one refresh; the next user sees nothing of the last", async () => {
  const { queryClient, getJson, orders } = await run<typeof TanStack>("tanstack-query");
  api.expire(7);
  const answers = await Promise.all(SEVEN.map((id) => queryClient.query({ queryKey: ["order", id], queryFn: () => getJson(`/orders/${String(id)}`) })));
  assert.deepEqual(answers, SEVEN.map(() => ({ of: "ada" })));
  assertOneRefresh();
  assert.deepEqual(queryClient.getQueryData(["order", 1]), { of: "ada" });

  await changeUserDuring(() => void queryClient.query(orders).catch(() => {}));
  assert.deepEqual(queryClient.getQueryCache().getAll(), []);
  assert.deepEqual(await queryClient.query(orders), { of: "bob" });
});

test("TanStack Query: where the refresh is refused, what is under way is cancelled, and what comes later fails at once with the status", async () => {
  const { queryClient, orders } = await run<typeof TanStack>("tanstack-query");
  // `query` tries once by itself; components try as the options say.
  const query = { ...orders, retry: queryClient.getDefaultOptions().queries?.retry ?? assert.fail() };
  api.refusesRefresh = true;
  api.expire();
  await assert.rejects(queryClient.query(query), CancelledError);
  assert.deepEqual([api.refreshes, api.seen.length, auth.session.status], [1, 1, "signed-out"]);
  await assert.rejects(queryClient.query(query), { status: 401 });
  assert.deepEqual([api.refreshes, api.seen.length], [1, 2]);
});

test("RTK Query: seven queries, one refresh; the next user sees nothing of the last", async () => {
  const { store, api: queries } = await run<typeof RtkQuery>("rtk-query");
  const ask = (id: number): Promise<unknown> => store.dispatch(queries.endpoints.order.initiate(id)).unwrap();
  api.expire(7);
  assert.deepEqual(await Promise.all(SEVEN.map(ask)), SEVEN.map(() => ({ of: "ada" })));
  assertOneRefresh();
  assert.equal(Object.keys(store.getState().api.queries).length, 7);

  await changeUserDuring(() => void store.dispatch(queries.endpoints.orders.initiate()));
  assert.ok(!JSON.stringify(store.getState()).includes("ada"));
  assert.deepEqual(await store.dispatch(queries.endpoints.orders.initiate(undefined, { forceRefetch: true })).unwrap(), { of: "bob" });

  api.refusesRefresh = true;
  api.expire();
  await assert.rejects(ask(9), { name: "AbortError" });
  await assert.rejects(ask(10), { status: 401 });
  assert.deepEqual([api.refreshes, auth.session.status], [2, "signed-out"]);
});

test("Apollo: seven UNAUTHENTICATED answers in a 200, one refresh, all succeed; the next user sees nothing of the last", async () => {
  const { client, auth: own } = await runRecipes<typeof Apollo>(["apollo"], api.origin);
  const { gql } = await import("@apollo/client");
  auth = own;
  await auth.signIn({ username: "ada" });
  api.isGraphQL = true;
  api.expire();
  const ask = async (id: number): Promise<unknown> => {
    await pause(id * 3); // staggered: some are refused when the refresh is done
    const query: TypedDocumentNode<{ me: { of: string } }> = gql(`query Q${String(id)} { me { id of } }`);
    const { data } = await client.query({ query, fetchPolicy: "network-only" });
    return data?.me.of;
  };
  assert.deepEqual(await Promise.all(SEVEN.map(ask)), SEVEN.map(() => "ada"));
  assert.equal(api.refreshes, 1);
  assert.ok(JSON.stringify(client.extract()).includes("ada"));

  const failed: unknown[] = [];
  await changeUserDuring(() => void ask(8).catch((error: unknown) => failed.push(error)));
  assert.equal(failed.length, 1);
  assert.deepEqual(client.extract(), {});
  assert.equal(await ask(9), "bob");

  api.refusesRefresh = true;
  api.expire();
  await assert.rejects(ask(10), { name: "Invariant Violation" }); // the store was cleared meanwhile
  await assert.rejects(ask(11), { name: "CombinedGraphQLErrors" });
  assert.deepEqual([api.refreshes, auth.session.status], [2, "signed-out"]);
});

test("graphql-request and urql: seven UNAUTHENTICATED answers in a 200, one refresh, all succeed", async () => {
  const { auth: own, requests, urql } = await runRecipes<typeof GraphQl>(["graphql"], api.origin);
  auth = own;
  const { access_token, refresh_token } = (await (await fetch(`${api.origin}/auth`, { method: "POST", body: '{"username":"ada"}' })).json()) as Record<string, string>;
  await auth.accept({ accessToken: access_token ?? "", refreshToken: refresh_token ?? "" });
  api.isGraphQL = true;
  const clients: Record<string, (query: string) => Promise<unknown>> = {
    "graphql-request": (query) => requests.request<unknown>(query),
    urql: async (query) => (await urql.query(query, {}, { requestPolicy: "network-only" }).toPromise()).data as unknown,
  };
  for (const [name, ask] of Object.entries(clients)) {
    api.refreshes = 0;
    api.expire();
    const answers = await Promise.all(
      SEVEN.map(async (id) => {
        await pause(id * 3); // staggered: some are refused when the refresh is done
        return ask(`query Q${String(id)} { me { of } }`);
      }),
    );
    assert.deepEqual(answers.map((answer) => (answer as { me: { of: string } }).me.of), SEVEN.map(() => "ada"), name);
    assert.equal(api.refreshes, 1, name);
  }
});

test("ofetch: seven requests, one refresh; a refused one is its own error", async () => {
  const { api: request, loadProfile } = await run<typeof Ofetch>("ofetch");
  api.expire(7);
  assert.deepEqual(await Promise.all(SEVEN.map(loadProfile)), SEVEN.map(() => ({ of: "ada" })));
  assertOneRefresh();
  assert.deepEqual(await request("/a", { method: "POST", body: { a: 1 } }), { of: "ada" });
  await auth.signOut();
  await assert.rejects(loadProfile(), { name: "FetchError", status: 401 });
  assert.equal(api.seen.length, 16);
});

test("ky: seven requests, one refresh; a refused one is its own error", async () => {
  const { loadProfile } = await run<{ loadProfile(): Promise<unknown> }>("ky");
  api.expire(7);
  assert.deepEqual(await Promise.all(SEVEN.map(loadProfile)), SEVEN.map(() => ({ of: "ada" })));
  assertOneRefresh();
  await auth.signOut();
  await assert.rejects(loadProfile(), { name: "HTTPError" });
  assert.equal(api.seen.length, 15);
});

test("superagent: seven requests, one refresh; one that comes back late takes the new token and asks for none", async () => {
  const { get, withToken } = await run<typeof Superagent>("superagent");
  const url = `${api.origin}/a`;
  api.expire(7);
  const answers = await Promise.all(SEVEN.map(() => get(url)));
  assert.deepEqual(answers.map(({ body }) => body as unknown), SEVEN.map(() => ({ of: "ada" })));
  assertOneRefresh();

  // Sent with a token that is refused, and back only when the others have a new one.
  api.expire();
  const calls: string[] = [];
  const late = withToken(url, async (headers) => {
    calls.push(headers.Authorization ?? "");
    if (calls.length > 1) return get(url);
    await get(url);
    return { status: 401 };
  });
  assert.equal((await late).status, 200);
  assert.equal(api.refreshes, 2);
  assert.notEqual(calls[0], calls[1]);
});

test("superagent: a second 401 stands; where the refresh is refused or nobody is signed in, the error says so; others get no token", async () => {
  const { get, withToken } = await run<typeof Superagent>("superagent");
  const url = `${api.origin}/a`;
  let sent = 0;
  assert.deepEqual(await withToken(url, async () => ({ status: 401, sent: ++sent })), { status: 401, sent: 2 });
  assert.equal(api.refreshes, 1);
  await withToken("https://elsewhere.test/", async (headers) => {
    assert.deepEqual(headers, {});
    return { status: 401 };
  });
  assert.equal(api.refreshes, 1);
  api.refusesRefresh = true;
  api.expire();
  await assert.rejects(get(url), { code: "refresh_rejected" });
  await assert.rejects(get(url), { code: "signed_out" });
  assert.equal(api.refreshes, 2);
});
