let count = 0;

/** A token as servers make them, with a signature that nobody checks. Every one is another one. */
export function jwt(claims = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  count += 1;
  const now = Math.floor(Date.now() / 1000);
  const payload = { sub: "user", iat: now, exp: now + 300, jti: `${now}-${count}-${Math.random().toString(36).slice(2)}`, ...claims };
  return `${part({ alg: "HS256", typ: "JWT" })}.${part(payload)}.${Buffer.from(`signature-${payload.jti}`).toString("base64url")}`;
}

/** The answer of a token endpoint. */
export function tokenAnswer({ seconds = 300, refreshToken = `refresh-token-${Math.random().toString(36).slice(2)}`, ...claims } = {}) {
  const now = Math.floor(Date.now() / 1000);
  return {
    access_token: jwt({ iat: now, exp: now + seconds, ...claims }),
    token_type: "Bearer",
    expires_in: seconds,
    ...(refreshToken !== null && { refresh_token: refreshToken }),
  };
}
