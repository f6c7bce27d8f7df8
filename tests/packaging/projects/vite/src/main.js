import { createAuth } from "hallpass";
import { startApp } from "../shared/app.js";

// When it is needed: the main chunk is measured, and this is none of it.
const { oidc } = globalThis.ISSUER === undefined ? {} : await import("hallpass/oidc");
startApp(createAuth, oidc);
