import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/users/sign_in`,
  signOut: { url: `${api}/users/sign_out`, method: "DELETE", bearer: true },
  readTokens(_body, { headers }) {
    const bearer = headers.get("Authorization") ?? "";
    return { accessToken: bearer.replace("Bearer ", "") };
  },
});

export function signIn(email: string, password: string) {
  return auth.signIn({ user: { email, password } });
}
