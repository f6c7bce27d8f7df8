import { createAuth0Client } from "@auth0/auth0-spa-js";
import { onClicks, ORDERS, showUser } from "../page/view.js";

const auth0 = await createAuth0Client({
  domain: "id.example.com",
  clientId: "spa",
  useRefreshTokens: true,
  cacheLocation: "localstorage",
  authorizationParams: { redirect_uri: "https://app.example.com/" },
});
const api = auth0.createFetcher();

onClicks({
  signIn: () => auth0.loginWithRedirect(),
  signOut: () =>
    auth0.logout({ logoutParams: { returnTo: "https://app.example.com/" } }),
  orders: () => api.fetchWithAuth(ORDERS),
});

if (location.search.includes("code=")) {
  await auth0.handleRedirectCallback();
  history.replaceState(null, "", "/");
}
const user = await auth0.getUser();
showUser(user?.name);
