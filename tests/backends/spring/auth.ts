import { createAuth } from "hallpass";

const api = "https://api.example.com";

export const auth = createAuth({ origins: [api] });

/** The sample takes HTTP Basic and answers with the bare token. */
export async function signIn(username: string, password: string) {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  const basic = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  const headers = { Authorization: basic };
  const response = await fetch(`${api}/token`, { method: "POST", headers });
  if (!response.ok) throw new Error("Wrong name or password.");
  return auth.accept({ accessToken: await response.text() });
}
