// No bundler: the files are named as they lie on the server.
import { createAuth } from "./node_modules/hallpass/dist/index.js";
import { oidc } from "./node_modules/hallpass/dist/oidc.js";
import { startApp } from "./shared/app.js";

startApp(createAuth, oidc);
