// lib/auth.ts: the browser's half. The refresh token stands in an HttpOnly cookie that only the route handlers see; the
// access token lives in memory, and every page that opens gets one with its first refresh.
// Import this file in client components only. On the server the session is always "loading".

import { createAuth } from "hallpass";

export interface Claims {
  sub: string;
  name?: string;
}

export const auth = createAuth<Claims>({
  origins: ["https://api.example.com"],
  storage: "memory",
  signIn: "/session",
  refresh: { url: "/session", method: "PATCH", refreshToken: "cookie" },
  signOut: { url: "/session", method: "DELETE" },
  schedule: { onStart: true },
});
