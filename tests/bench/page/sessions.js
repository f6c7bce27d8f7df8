/** Signs in with every library, and reports what they store: each start begins with a copy of it. */

import { CacheKey, LocalStorageCache } from "@auth0/auth0-spa-js";
import { createAuth } from "hallpass";
import { User, UserManager } from "oidc-client-ts";

import { AUTH0, BY_HAND, HALLPASS, OIDC } from "./names.js";
import { reporting } from "./report.js";

const EXPIRES_IN = 3_600;

reporting(async () => {
  const accessToken = await (await fetch("/token-800.txt")).text();
  const answer = { access_token: accessToken, refresh_token: "r", token_type: "Bearer", expires_in: EXPIRES_IN };
  sessionStorage.setItem(BY_HAND, JSON.stringify(answer));

  const auth = createAuth(HALLPASS);
  await auth.accept({ accessToken, refreshToken: "r", expiresIn: EXPIRES_IN });

  const profile = { sub: "user-4711", name: "Ann Example" };
  const scope = "openid profile";
  const user = { ...answer, scope, id_token: accessToken, profile, expires_at: Date.now() / 1_000 + EXPIRES_IN };
  await new UserManager(OIDC).storeUser(new User(user));

  // Its only public way in is a redirect to its maker's servers.
  const client = { clientId: AUTH0.clientId };
  const wanted = { ...client, audience: "default", scope: "openid profile offline_access" };
  const cache = new LocalStorageCache();
  cache.set(new CacheKey(wanted).toKey(), {
    body: { ...answer, audience: wanted.audience, scope: wanted.scope, client_id: wanted.clientId },
    expiresAt: Math.floor(Date.now() / 1_000) + EXPIRES_IN,
  });
  cache.set(new CacheKey(client, undefined, "@@user@@").toKey(), {
    id_token: accessToken,
    decodedToken: { claims: profile, user: profile },
  });

  return { session: Object.entries(sessionStorage), local: Object.entries(localStorage) };
});
