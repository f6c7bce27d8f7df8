import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/auth/login`,
  refresh: { url: `${api}/auth/refresh`, refreshTokenField: "refreshToken" },
  signOut: `${api}/auth/logout`,
});

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
