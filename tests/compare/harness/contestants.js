import { readFileSync } from "node:fs";

/** Who is measured: names of files in `apps/`, in the order of the table. */
export const CONTESTANTS = ["hallpass", "oidc-client-ts", "auth0-spa-js", "keycloak-js", "oidc-spa"];

/** oidc-client-ts as it comes, with a session for each tab. */
export const PER_TAB = "oidc-client-ts-default";

const FOLDERS = { hallpass: "../../../pkg", "auth0-spa-js": "../node_modules/@auth0/auth0-spa-js" };

export function versionOf(name) {
  const folder = FOLDERS[name] ?? `../node_modules/${name}`;
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), "utf8")).version;
}
