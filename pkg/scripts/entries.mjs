// What can be imported from the package: a line here, then `npm run entries`, which writes it into package.json.

/**
 * @typedef {object} Entry
 * @property {string} name `hallpass/<name>`; `index` is `hallpass` itself
 * @property {string} source
 * @property {boolean} [client] Hooks: servers with React components of their own kind want it said
 */

/** @type {readonly Entry[]} */
export const ENTRIES = [
  { name: "index", source: "src/index.ts" },
  { name: "angular", source: "src/adapters/angular.ts" },
  { name: "axios", source: "src/adapters/axios.ts" },
  { name: "capacitor", source: "src/adapters/capacitor.ts" },
  { name: "devtools", source: "src/devtools/index.ts" },
  { name: "oidc", source: "src/oidc/index.ts" },
  { name: "react", source: "src/adapters/react.tsx", client: true },
  { name: "server", source: "src/server/index.ts" },
  { name: "slim", source: "src/slim.ts" },
  { name: "vue", source: "src/adapters/vue.ts" },
];

/** Files without an entry of their own whose types the entries name; what stands in a folder is called `folder-file` in dist/. */
export const SHARED_TYPES = ["error", "types", "server/types", "server/unauthorized"];
