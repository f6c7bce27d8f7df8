import { Auth0Client } from "@auth0/auth0-spa-js";

import { AUTH0 } from "../names.js";
import { application } from "./application.js";

const client = new Auth0Client(AUTH0);
application(async (url) => {
  const token = await client.getTokenSilently();
  return fetch(url, { headers: { Authorization: `Bearer ${token}` } });
});
