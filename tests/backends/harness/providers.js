import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { API } from "./front.js";
import { PYTHON } from "./venv.js";

const here = fileURLToPath(new URL("../", import.meta.url));

/**
 * Authorization servers that were not written here, in other languages than those of tests/e2e, with an API behind them.
 *
 * @typedef {object} Provider
 * @property {string} name
 * @property {string} folder with the server, and `auth.ts`
 * @property {(port: number) => string[]} command starts the server on the port
 * @property {Record<string, string>} [env]
 * @property {string} issuer
 * @property {string} scope
 * @property {string} revocation its endpoint
 * @property {string} profile a path that only a token opens; its answer names the user
 * @property {boolean} rotates each refresh token is good once
 */

const DJANGO = {
  folder: "django-oauth-toolkit",
  command: () => [PYTHON, join(here, "django-oauth-toolkit/serve.py")],
  issuer: `${API}/o`,
  scope: "openid profile read",
  revocation: `${API}/o/revoke_token/`,
  profile: "/api/profile/",
};

/** @type {readonly Provider[]} */
export const PROVIDERS = [
  { ...DJANGO, name: "Django OAuth Toolkit", rotates: true },
  { ...DJANGO, name: "Django OAuth Toolkit without rotation", rotates: false, env: { ROTATES: "0" } },
];
