import { UserManager } from "oidc-client-ts";

import { OIDC } from "../names.js";
import { application } from "./application.js";

const manager = new UserManager(OIDC);
application(async (url) => {
  const user = await manager.getUser();
  return fetch(url, { headers: { Authorization: `Bearer ${user.access_token}` } });
});
