import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["node_modules/"] },
  js.configs.recommended,
  {
    files: ["*.js", "harness/**/*.js"],
    // Functions given to `run` are executed in the page.
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
  {
    files: ["page/**/*.js"],
    languageOptions: { sourceType: "script", globals: globals.browser },
  },
  { files: ["page/plain.js", "page/oidc.js"], languageOptions: { sourceType: "module" } },
  {
    rules: {
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "prefer-const": "error",
      eqeqeq: "error",
      "no-var": "error",
    },
  },
];
