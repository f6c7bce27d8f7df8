import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  header: { scheme: "Token" },
  signIn: `${api}/auth/login/`, // without dj-rest-auth: DRF's own obtain_auth_token
  signOut: { url: `${api}/auth/logout/`, bearer: true }, // deletes the token
});

export const signIn = (username: string, password: string) => auth.signIn({ username, password });
