import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/api/token/`,
  refresh: { url: `${api}/api/token/refresh/`, refreshTokenField: "refresh" },
  signOut: `${api}/api/token/blacklist/`,
});

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
