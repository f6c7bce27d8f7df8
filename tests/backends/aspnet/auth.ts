import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/login`,
  refresh: { url: `${api}/refresh`, refreshTokenField: "refreshToken" },
});

export const signIn = (email: string, password: string) => auth.signIn({ email, password });
