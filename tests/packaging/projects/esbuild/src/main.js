import { createAuth } from "hallpass";
import { oidc } from "hallpass/oidc";
import { startApp } from "../shared/app.js";

startApp(createAuth, oidc);
