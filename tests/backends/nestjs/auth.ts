import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/auth/login`,
  refresh: `${api}/auth/refresh`,
});

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
