// Apollo Client 4 over `auth.fetch`. A GraphQL server says "not signed in" in a 200: `unauthorized` reads it, so Apollo
// needs no error link that asks for tokens. Seven such answers make one refresh, and all seven are sent once more.

import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { createAuth } from "hallpass";

interface GraphQLAnswer {
  errors?: { extensions?: { code?: string } }[];
}

export const auth = createAuth({
  origins: ["https://api.example.com"],
  signIn: "https://api.example.com/auth",
  refresh: "https://api.example.com/token",
  async unauthorized(answer) {
    if (answer.status === 401) return true;
    if (answer.headers.get("content-type")?.includes("json") !== true) return false;
    const { errors = [] } = (await answer.json()) as GraphQLAnswer;
    return errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED");
  },
});

export const client = new ApolloClient({
  link: new HttpLink({ uri: "https://api.example.com/graphql", fetch: auth.fetch }),
  cache: new InMemoryCache(),
});

// Nothing of one user is left for the next. What is on the screen when somebody signs in is asked for anew.
auth.subscribe((_session, { type }) => {
  if (type === "signed-out") void client.clearStore();
  if (type === "signed-in") void client.resetStore();
});
