import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  header: { scheme: "Token" },
  signIn: `${api}/auth/login/`, // DRF alone: where obtain_auth_token is
  signOut: { url: `${api}/auth/logout/`, bearer: true }, // deletes the token
});

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
