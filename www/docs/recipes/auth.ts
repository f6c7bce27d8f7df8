// What the other recipes import.

import { createAuth } from "hallpass";

export const auth = createAuth({
  origins: ["https://api.example.com"],
  signIn: "https://api.example.com/auth",
  refresh: "https://api.example.com/token",
  signOut: "https://api.example.com/token/reject",
});
