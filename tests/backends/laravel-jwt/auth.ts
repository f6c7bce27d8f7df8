import { createAuth } from "hallpass";

const api = "https://api.example.com/api/auth";

export const auth = createAuth({
  origins: ["https://api.example.com"],
  signIn: `${api}/login`,
  // The access token renews itself, also after its end, for as long as `refresh_ttl` says: so it is sent by hand.
  refresh: ({ accessToken, signal }) =>
    fetch(`${api}/refresh`, {
      method: "POST",
      headers: { Accept: "application/json", Authorization: `Bearer ${accessToken ?? ""}` },
      signal,
    }),
  signOut: { url: `${api}/logout`, bearer: true },
});

export const signIn = (email: string, password: string) => auth.signIn({ email, password });
