import { createAuth } from "hallpass";
import { oidc } from "hallpass/oidc";
import { onClicks, ORDERS, showUser } from "../page/view.js";

const auth = createAuth({
  origins: ["https://api.example.com"],
  tabs: "shared",
  provider: oidc({
    issuer: "https://id.example.com/",
    clientId: "spa",
    scope: "openid profile",
    redirectUri: "https://app.example.com/",
    signOut: "end-session",
  }),
});

onClicks({
  signIn: () => auth.signInRedirect(),
  signOut: () => auth.signOut(),
  orders: () => auth.fetch(ORDERS),
});
auth.subscribe((session) => showUser(session.profile?.name));

await auth.completeRedirect();
const session = await auth.ready;
showUser(session.profile?.name);
