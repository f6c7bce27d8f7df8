import { createAuth } from "hallpass";

const api = "https://api.example.com";

/** 401: expired or revoked. 422: malformed, or signed with another key. */
const isRefusal = ({ status }: { status: number }) => status === 401 || status === 422;

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/login`,
  unauthorized: isRefusal,
  // The bearer is the refresh token here, so it is sent by hand.
  async refresh({ refreshToken, signal }) {
    const response = await send("POST", "/refresh", refreshToken, signal);
    return isRefusal(response) ? null : response;
  },
  async signOut({ accessToken, refreshToken, signal }) {
    await send("DELETE", "/logout", accessToken, signal);
    await send("DELETE", "/logout", refreshToken, signal);
  },
});

function send(method: string, path: string, token: string | null, signal: AbortSignal) {
  const headers = { Authorization: `Bearer ${token ?? ""}` };
  return fetch(api + path, { method, headers, signal });
}

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
