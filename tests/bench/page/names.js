/** The options of all, and where the session of the client written by hand is stored. */

export const BY_HAND = "session";
export const HALLPASS = { name: "bench", refresh: "/token" };
export const OIDC = {
  authority: "https://login.example",
  client_id: "bench",
  redirect_uri: `${location.origin}/callback`,
};
export const AUTH0 = {
  domain: "login.example",
  clientId: "bench",
  cacheLocation: "localstorage",
  useRefreshTokens: true,
  authorizationParams: { redirect_uri: `${location.origin}/callback`, scope: "openid profile" },
};
