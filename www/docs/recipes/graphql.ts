// GraphQL clients take a fetch of your own. A server that answers 200 with an "UNAUTHENTICATED" error instead of a 401 is
// understood by `unauthorized`: seven such answers at once make one refresh, and all seven are sent once more.

import { cacheExchange, Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSocket, type Sink } from "graphql-ws";
import { GraphQLClient } from "graphql-request";
import { createAuth } from "hallpass";

interface GraphQLAnswer {
  errors?: { extensions?: { code?: string } }[];
}

const url = "https://api.example.com/graphql";
export const auth = createAuth({
  origins: ["https://api.example.com"],
  refresh: "https://api.example.com/token",
  async unauthorized(answer) {
    if (answer.status === 401) return true;
    if (answer.headers.get("content-type")?.includes("json") !== true) return false;
    const { errors = [] } = (await answer.json()) as GraphQLAnswer;
    return errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED");
  },
});

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
