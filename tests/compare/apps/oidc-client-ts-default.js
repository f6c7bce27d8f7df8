import { UserManager } from "oidc-client-ts";
import { onClicks, ORDERS, showUser } from "../page/view.js";

const manager = new UserManager({
  authority: "https://id.example.com/",
  client_id: "spa",
  redirect_uri: "https://app.example.com/",
  post_logout_redirect_uri: "https://app.example.com/",
  scope: "openid profile",
});

onClicks({
  signIn: () => manager.signinRedirect(),
  signOut: () => manager.signoutRedirect(),
  orders: async () => {
    let user = await manager.getUser();
    if (user.expired) user = await manager.signinSilent();
    return fetch(ORDERS, {
      headers: { Authorization: `Bearer ${user.access_token}` },
    });
  },
});
manager.events.addUserUnloaded(() => showUser());

if (location.search.includes("code=")) {
  await manager.signinCallback();
  history.replaceState(null, "", "/");
}
const user = await manager.getUser();
showUser(user?.profile.name);
