import { createAuth } from "hallpass";

const api = "https://api.example.com";
const bearer = (token: string | null) => ({ Authorization: `Bearer ${token ?? ""}` });

/** 401: expired, or revoked. 422: a token that is none, or signed with another key. */
const isRefusal = (status: number) => status === 401 || status === 422;

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/login`,
  unauthorized: ({ status }) => isRefusal(status),
  // The refresh token is a bearer token here, so it is sent by hand; the answer is read as an endpoint's would be.
  async refresh({ refreshToken, signal }) {
    const response = await fetch(`${api}/refresh`, { method: "POST", headers: bearer(refreshToken), signal });
    return isRefusal(response.status) ? null : response;
  },
  async signOut({ accessToken, refreshToken, signal }) {
    for (const token of [accessToken, refreshToken]) {
      await fetch(`${api}/logout`, { method: "DELETE", headers: bearer(token), signal });
    }
  },
});

export const signIn = (username: string, password: string) => auth.signIn({ username, password });
