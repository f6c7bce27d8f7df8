import { createAuth } from "hallpass";

const api = "https://api.example.com";

const guarded = {
  credentials: "include",
  csrf: { cookie: "XSRF-TOKEN", header: "X-XSRF-TOKEN" },
} as const;

export const auth = createAuth({
  origins: [api],
  signIn: { url: `${api}/login`, ...guarded },
  signOut: { url: `${api}/logout`, ...guarded, bearer: true },
  // `12|abc…`: a bearer token may not have a bar in it (RFC 6750, section 2.1).
  // Sanctum finds the token without its id, too.
  readTokens(body) {
    const { token } = body as { token: string };
    return { accessToken: token.replace(/^\d+\|/, "") };
  },
});

export async function signIn(email: string, password: string) {
  await fetch(`${api}/sanctum/csrf-cookie`, { credentials: "include" });
  return auth.signIn({ email, password });
}
