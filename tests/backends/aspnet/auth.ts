import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/login`,
  refresh: { url: `${api}/refresh`, refreshTokenField: "refreshToken" },
});

export function signIn(email: string, password: string) {
  return auth.signIn({ email, password });
}
