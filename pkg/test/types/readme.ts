// The example of README.md. Compiled by types.test.ts, never run.

import { createAuth } from "hallpass";

const auth = createAuth({
  origins: ["https://api.example.com"],
  signIn: "https://api.example.com/auth",
  refresh: "https://api.example.com/token",
  signOut: "https://api.example.com/token/reject",
});

auth.subscribe((session, change) => {
  if (change.type === "signed-out") console.info(`Signed out: ${change.reason}`);
});

await auth.signIn({ username: "ada", password: "…" });
const answer = await auth.fetch("https://api.example.com/me");

export { answer };
