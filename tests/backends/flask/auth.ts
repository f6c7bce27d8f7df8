import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/login`,
  unauthorized: isRefusal,
  // The bearer is the refresh token here, so it is sent by hand.
  async refresh({ refreshToken, signal }) {
    const headers = bearer(refreshToken);
    const response = await fetch(`${api}/refresh`, { method: "POST", headers, signal });
    return isRefusal(response) ? null : response;
  },
  async signOut({ accessToken, refreshToken, signal }) {
    for (const token of [accessToken, refreshToken]) {
      const headers = bearer(token);
      await fetch(`${api}/logout`, { method: "DELETE", headers, signal });
    }
  },
});

function bearer(token: string | null) {
  return { Authorization: `Bearer ${token ?? ""}` };
}

/** 401: expired or revoked. 422: malformed, or signed with another key. */
function isRefusal({ status }: { status: number }) {
  return status === 401 || status === 422;
}

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
