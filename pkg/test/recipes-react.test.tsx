import type { TypedDocumentNode } from "@apollo/client";
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import type { ReactElement, ReactNode } from "react";
import type { Root } from "react-dom/client";
import type * as Apollo from "./recipes/apollo.js";
import type * as Basic from "./recipes/auth.js";
import type * as RtkQuery from "./recipes/rtk-query.js";
import type * as Swr from "./recipes/swr.js";
import type * as TanStackQuery from "./recipes/tanstack-query.js";
import type * as HallpassReact from "../src/adapters/react.js";
import type { Auth } from "../src/index.js";
import { Backend, openPage, pause, runRecipes, shipped, until } from "./recipe-world.js";

/* The recipes for libraries that fetch data, behind components. */

let api: Backend;
let page: ReturnType<typeof openPage>;
let auth: Auth;
let root: Root | undefined;
let AuthProvider: typeof HallpassReact.AuthProvider;
/** Every text that the page has shown. */
let shown: string[];

before(async () => {
  api = await new Backend().open();
});
after(() => {
  api.close();
});
beforeEach(() => {
  api.reset();
  page = openPage("https://app.test/");
});
afterEach(async () => {
  root?.unmount();
  // React's own last work, which needs the window, may come late on a busy machine.
  await pause(100);
  auth.close();
  page.close();
});

async function run<T>(name: string): Promise<T & typeof Basic> {
  const recipe = await runRecipes<T & typeof Basic>(["auth", name], api.origin);
  ({ AuthProvider } = await shipped<typeof HallpassReact>("react"));
  auth = recipe.auth;
  return recipe;
}

/** Shows it, and notes each text that appears. */
async function show(node: ReactNode): Promise<void> {
  const { createRoot } = await import("react-dom/client");
  const container = document.body.appendChild(document.createElement("main"));
  shown = [];
  new MutationObserver(() => {
    const text = container.textContent ?? "";
    if (text !== shown.at(-1)) shown.push(text);
  }).observe(container, { childList: true, subtree: true, characterData: true });
  root = createRoot(container);
  root.render(<AuthProvider auth={auth}>{node}</AuthProvider>);
}
const text = (): string => document.querySelector("main")?.textContent ?? "";
const shows = (what: string): Promise<void> => until(() => text() === what, () => `${what}, but ${text()}`);

/** What every library for data has to do behind components: `Order` shows whose order it has, or the status. */
async function dataCases(Order: (props: { id: number }) => ReactElement, wrap: (node: ReactElement) => ReactElement): Promise<void> {
  const { SignedIn } = await shipped<typeof HallpassReact>("react");
  const all = (user: string): string => `${user} `.repeat(7);
  await auth.signIn({ username: "ada" });
  api.expire(7);
  await show(wrap(<SignedIn>{[1, 2, 3, 4, 5, 6, 7].map((id) => <Order key={id} id={id} />)}</SignedIn>));
  await shows(all("ada"));
  assert.deepEqual([api.refreshes, api.seen.length], [1, 14]);

  await auth.signOut();
  await shows("");
  await auth.signIn({ username: "bob" });
  await shows(all("bob"));
  assert.ok(!shown.slice(shown.indexOf("")).some((one) => one.includes("ada")), shown.join("|"));

  // Another user without a sign-out between: the components stay.
  await auth.signIn({ username: "cyd" });
  await shows(all("cyd"));
  assert.ok(api.seen.slice(14).every(({ user }) => user !== "ada"));
}

test("SWR: seven components, one refresh; the next user sees nothing of the last", async () => {
  const { DataProvider } = await run<typeof Swr>("swr");
  const { default: useSWR } = await import("swr");
  await dataCases(
    ({ id }) => {
      const { data, error } = useSWR<{ of: string }, { status: number }>(`/orders/${String(id)}`);
      return <>{data?.of ?? error?.status ?? "-"} </>;
    },
    (node) => <DataProvider>{node}</DataProvider>,
  );
});

test("TanStack Query: seven components, one refresh; the next user sees nothing of the last", async () => {
  const { queryClient, getJson } = await run<typeof TanStackQuery>("tanstack-query");
  const { QueryClientProvider, useQuery } = await import("@tanstack/react-query");
  await dataCases(
    ({ id }) => {
      const { data, error } = useQuery({ queryKey: ["order", id], queryFn: ({ signal }) => getJson<{ of: string }>(`/orders/${String(id)}`, signal) });
      return <>{data?.of ?? error?.message ?? "-"} </>;
    },
    (node) => <QueryClientProvider client={queryClient}>{node}</QueryClientProvider>,
  );
  queryClient.clear();
});

test("RTK Query: seven components, one refresh; the next user sees nothing of the last", async () => {
  const { store, api: queries } = await run<typeof RtkQuery>("rtk-query");
  const { Provider } = await import("react-redux");
  await dataCases(
    ({ id }) => {
      const { currentData, error } = queries.useOrderQuery(id);
      return <>{currentData?.of ?? (error ? "error" : "-")} </>;
    },
    (node) => <Provider store={store}>{node}</Provider>,
  );
});

test("Apollo: seven components, one refresh; the next user sees nothing of the last", async () => {
  const { client, auth: own } = await runRecipes<typeof Apollo>(["apollo"], api.origin);
  ({ AuthProvider } = await shipped<typeof HallpassReact>("react"));
  auth = own;
  api.isGraphQL = true;
  const { gql } = await import("@apollo/client");
  const { ApolloProvider, useQuery } = await import("@apollo/client/react");
  await dataCases(
    ({ id }) => {
      const query: TypedDocumentNode<{ me: { of: string } }> = gql(`query Q${String(id)} { me { id of } }`);
      const { data, error } = useQuery(query);
      return <>{data?.me.of ?? error?.message ?? "-"} </>;
    },
    (node) => <ApolloProvider client={client}>{node}</ApolloProvider>,
  );
});
