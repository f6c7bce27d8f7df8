import { createAuth } from "hallpass";

const api = "https://api.example.com/api/auth";

export const auth = createAuth({
  origins: ["https://api.example.com"],
  signIn: `${api}/login`,
  // The access token renews itself, also after its end: so it is sent by hand.
  refresh({ accessToken, signal }) {
    const bearer = `Bearer ${accessToken ?? ""}`;
    const headers = { Accept: "application/json", Authorization: bearer };
    return fetch(`${api}/refresh`, { method: "POST", headers, signal });
  },
  signOut: { url: `${api}/logout`, bearer: true },
});

export function signIn(email: string, password: string) {
  return auth.signIn({ email, password });
}
