import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: {
    url: `${api}/token`,
    encoding: "form",
    body: { grant_type: "password" },
  },
  refresh: { url: `${api}/token/refresh`, encoding: "form" },
  signOut: { url: `${api}/token/revoke`, encoding: "form" },
});

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
