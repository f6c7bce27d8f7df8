import Keycloak from "keycloak-js";
import { onClicks, ORDERS, showUser } from "../page/view.js";

const keycloak = new Keycloak({
  oidcProvider: "https://id.example.com/",
  clientId: "spa",
});

onClicks({
  signIn: () => keycloak.login(),
  signOut: () => keycloak.logout(),
  orders: async () => {
    await keycloak.updateToken(30);
    return fetch(ORDERS, {
      headers: { Authorization: `Bearer ${keycloak.token}` },
    });
  },
});
keycloak.onAuthLogout = () => showUser();

await keycloak.init({
  onLoad: "check-sso",
  silentCheckSsoRedirectUri: "https://app.example.com/silent-check-sso.html",
  checkLoginIframe: false, // a page that Keycloak has, and this provider has not
});
showUser(keycloak.idTokenParsed?.name);
