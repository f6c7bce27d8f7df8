import { createAuth } from "hallpass";
import { oidc } from "hallpass/oidc";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [`${api}/api/`],
  provider: oidc({
    issuer: `${api}/o`,
    clientId: "spa",
    scope: "openid profile read",
    redirectUri: `${location.origin}/`,
    // Its discovery document does not name this endpoint.
    metadata: { revocation_endpoint: `${api}/o/revoke_token/` },
  }),
});

export const callback = auth.completeRedirect();
