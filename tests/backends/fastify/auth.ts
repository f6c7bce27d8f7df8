import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  storage: "memory", // the session itself is in the cookie
  signIn: `${api}/auth/login`,
  refresh: { url: `${api}/auth/refresh`, refreshToken: "cookie" },
  signOut: `${api}/auth/logout`,
  schedule: { onStart: true }, // after a reload: asks who is signed in
});

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
