import { createAuth } from "hallpass";
import { oidc } from "hallpass/oidc";
import { openAuth } from "../shared/app.js";

// A hot update runs this file again, and the session manager of the last time would go on beside the new one. (Vite
// calls `hot.dispose` for modules that accept their own updates only, but its `hot.data` is there for every one.)
import.meta.hot?.data.auth?.close();

export const auth = openAuth(createAuth, oidc);

if (import.meta.hot) import.meta.hot.data.auth = auth;
