import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  header: { scheme: "Token" },
  storage: "local", // tokens live for weeks, and RealWorld's users stay signed in
  tabs: "shared",
  signIn: `${api}/api/users/login`,
  unauthorized: ({ status }) => status === 401 || status === 403, // some of its servers say 403
});

export const signIn = (email: string, password: string) => auth.signIn({ user: { email, password } });
