import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");

/** By page: the package. */
const PACKAGES = {
  "angular-oauth2-oidc": "angular-oauth2-oidc",
  "auth0-spa-js": "@auth0/auth0-spa-js",
  "axios-auth-refresh": "axios-auth-refresh",
  "keycloak-js": "keycloak-js",
  "oidc-client-ts": "oidc-client-ts",
};

for (const [name, folder] of Object.entries(PACKAGES)) {
  test(`every name of ${name} in the tables is one that its types know`, () => {
    const dist = join(root, "node_modules", folder);
    const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".d.ts"));
    const types = new Set(files.flatMap((file) => readFileSync(join(dist, file), "utf8").match(/\w+/g) ?? []));
    const page = readFileSync(join(root, `pages/migrate/${name}.md`), "utf8");
    const cells = [...page.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell);
    const names = cells.flatMap((cell) => cell.match(/(?<=`[^`]*)\w+(?=[^`]*`)/g) ?? []);
    assert.ok(names.length > 5, "where have the tables gone?");
    for (const known of names) assert.ok(types.has(known), `${name} has no ${known}`);
  });
}
