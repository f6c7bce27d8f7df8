import { createAuth } from "hallpass";

const api = "https://api.example.com";
const guarded = { credentials: "include", csrf: { cookie: "XSRF-TOKEN", header: "X-XSRF-TOKEN" } } as const;

export const auth = createAuth({
  origins: [api],
  signIn: { url: `${api}/login`, ...guarded },
  signOut: { url: `${api}/logout`, ...guarded, bearer: true },
  // Sanctum's `id|token`: the bar may not stand in a header of RFC 6750, and Sanctum finds the token without its id, too.
  readTokens: (body) => ({ accessToken: (body as { token: string }).token.replace(/^\d+\|/, "") }),
});

export async function signIn(email: string, password: string) {
  await fetch(`${api}/sanctum/csrf-cookie`, { credentials: "include" });
  return auth.signIn({ email, password });
}
