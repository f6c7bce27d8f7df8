import { createVerifier } from "hallpass/server";

/** One for the whole process: it keeps the provider's keys. */
export const verify = createVerifier({
  issuer: "https://id.example.com",
  audience: "https://api.example.com",
  keys: "https://id.example.com/.well-known/jwks.json",
});
