/** The account that the reference server makes when it starts. No secret: it is printed there too. */
export const DEMO = {
  username: "demo",
  password: "correct horse battery staple",
  /** For an authenticator app, where the server asks for a second factor. */
  totpSecret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
} as const;
