import e2e from "../e2e/eslint.config.js";
import globals from "../e2e/node_modules/globals/index.js";

export default [
  // Written by the test.
  { ignores: ["next-app/"] },
  ...e2e,
  { languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  // Before anything else, in a page.
  { files: ["page/**/*.js"], languageOptions: { sourceType: "script" } },
];
