import axios from "axios";
import { createAuth } from "hallpass";
// By the folders of these names in the package: webpack 4 knows no `exports`.
import { attachAxios } from "hallpass/axios";
import { oidc } from "hallpass/oidc";
import { startApp } from "../shared/app.js";

startApp(function (options) {
  const auth = createAuth(options);
  attachAxios(axios.create(), auth);
  return auth;
}, oidc);
