import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/users/sign_in`,
  signOut: { url: `${api}/users/sign_out`, method: "DELETE", bearer: true },
  readTokens: (_body, response) => ({ accessToken: response.headers.get("Authorization")?.replace("Bearer ", "") ?? "" }),
});

export const signIn = (email: string, password: string) => auth.signIn({ user: { email, password } });
