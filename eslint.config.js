import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["node_modules", "coverage", "out"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ExpressionStatement > CallExpression > MemberExpression.callee[property.name='apply']",
          message:
            "The result of apply is dropped: errors in it are lost, and resources in it are missing from a preview.",
        },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
    },
  },
  {
    // Time and chance are passed in: the same seed must give the same history.
    files: [
      "components/**/*.ts",
      "functions/**/*.ts",
      "local/**/*.ts",
      "examples/*/*.ts",
      "examples/*/{functions,stand-ins}/**/*.ts",
    ],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Take the clock as a parameter." },
        { object: "Math", property: "random", message: "Take the random source as a parameter." },
      ],
      "no-restricted-globals": ["error", "setTimeout", "setInterval"],
    },
  },
  {
    files: ["test/**/*.ts", "examples/*/test/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off", "@typescript-eslint/no-floating-promises": "error" },
  },
  { files: ["cli/*.mjs"], languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } } },
);
