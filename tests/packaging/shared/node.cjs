// {"alg":"none"} {"sub":"ada","exp":4102444800}
const TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9.";

/** What the package does where there is no page: tokens are decoded, sessions stay inert. */
exports.check = async function check({ AuthError, createAuth, decodeToken, load, oidc }, assert) {
  assert.throws(() => decodeToken(TOKEN), (error) => error instanceof AuthError && error.code === "not_loaded");
  await load();
  const { claims, expiresAt } = decodeToken(TOKEN);
  assert.equal(claims.sub, "ada");
  assert.equal(expiresAt, 4_102_444_800_000);
  assert.throws(() => decodeToken("no token"), (error) => error instanceof AuthError && error.code === "malformed_token");

  const auth = createAuth({ signIn: "https://api.example.com/auth" });
  assert.equal(auth.session.status, "loading");
  await assert.rejects(auth.token(), (error) => error instanceof AuthError && error.code === "core_unavailable");
  auth.close();

  const provided = createAuth({ provider: oidc({ issuer: "https://id.example.com", clientId: "spa" }) });
  assert.equal(provided.session.status, "loading");
  await assert.rejects(provided.signInRedirect(), (error) => error instanceof AuthError && error.code === "core_unavailable");
  provided.close();
};
