import e2e from "../e2e/eslint.config.js";
import globals from "../e2e/node_modules/globals/index.js";

export default [
  // Sources of applications, each of its own kind.
  { ignores: ["projects/", "shared/"] },
  ...e2e,
  { languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
