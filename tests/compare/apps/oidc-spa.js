import { createOidc, oidcEarlyInit } from "oidc-spa/core";
import { onClicks, ORDERS, showUser } from "../page/view.js";

oidcEarlyInit({ BASE_URL: "/" });
const oidc = await createOidc({
  issuerUri: "https://id.example.com/",
  clientId: "spa",
});

onClicks({
  signIn: () => oidc.login(),
  signOut: () => oidc.logout({ redirectTo: "home" }),
  orders: async () => {
    const { accessToken } = await oidc.getTokens();
    return fetch(ORDERS, {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
  },
});
showUser(oidc.isUserLoggedIn ? oidc.getDecodedIdToken().name : undefined);
