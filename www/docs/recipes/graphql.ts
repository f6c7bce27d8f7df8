// GraphQL clients take a fetch of your own. A server that answers 200 with an "UNAUTHENTICATED" error instead of a 401
// does not say so in HTTP: `authenticated` below turns that into one refresh and one more try.

import { cacheExchange, Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSocket, type Sink } from "graphql-ws";
import { ClientError, GraphQLClient } from "graphql-request";
import { createAuth } from "hallpass";

const url = "https://api.example.com/graphql";
const auth = createAuth({ origins: ["https://api.example.com"], refresh: "https://api.example.com/token" });

// graphql-request
export const requests = new GraphQLClient(url, { fetch: auth.fetch });

// Subscriptions: `connectionParams` is asked for each connection, so each has a token that is good at that time.
const socket = createSocket({
  url: "wss://api.example.com/graphql",
  connectionParams: async () => ({ authorization: await auth.authorization(url) }),
  shouldRetry: () => auth.session.status === "signed-in",
});

// urql
export const urql = new Client({
  url,
  fetch: auth.fetch,
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query ?? "", variables: variables ?? {} }, sink as Sink) }),
      }),
    }),
  ],
});

export async function authenticated<T>(query: string): Promise<T> {
  try {
    return await requests.request<T>(query);
  } catch (error) {
    const isRefused = error instanceof ClientError && error.response.errors?.some(({ extensions }) => extensions?.["code"] === "UNAUTHENTICATED");
    if (isRefused !== true) throw error;
    await auth.refresh();
    return requests.request<T>(query);
  }
}
