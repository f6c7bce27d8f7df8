import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  header: { name: "x-access-token", scheme: "" },
  signIn: `${api}/api/auth/signin`,
  refresh: {
    url: `${api}/api/auth/refreshtoken`,
    refreshTokenField: "refreshToken",
  },
});

export function signIn(username: string, password: string) {
  return auth.signIn({ username, password });
}
