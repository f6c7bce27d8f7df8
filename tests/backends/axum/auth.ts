import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: { url: `${api}/auth`, body: { permanent: true } }, // with refresh token
  refresh: `${api}/token`,
  signOut: `${api}/token/reject`,
  fingerprint: { mode: "server" },
});

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
