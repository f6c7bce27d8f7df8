import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: [".dist/", "dist/", "generated/", "report/", ".readme/", ".test/", "test/recipes/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // What comes over the border from JavaScript is checked although its type says there is no need.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // Sorted by meaning.
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "no-console": ["error", { allow: ["error", "warn"] }],
    },
  },
  {
    files: ["scripts/**/*.mjs"],
    languageOptions: { globals: { Headers: "readonly", URL: "readonly", console: "readonly", process: "readonly", Buffer: "readonly" } },
  },
  {
    files: ["test/**"],
    rules: {
      // node:test keeps track of its own promises.
      "@typescript-eslint/no-floating-promises": "off",
      // Fakes and deliberate misuse.
      "@typescript-eslint/class-literal-property-style": "off",
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/no-meaningless-void-operator": "off",
      "@typescript-eslint/non-nullable-type-assertion-style": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
);
