import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  header: { scheme: "Token" },
  storage: "local", // tokens live for weeks, and users stay signed in
  tabs: "shared",
  signIn: `${api}/api/users/login`,
  // Some of its servers say 403.
  unauthorized: ({ status }) => status === 401 || status === 403,
});

export function signIn(email: string, password: string) {
  return auth.signIn({ user: { email, password } });
}
