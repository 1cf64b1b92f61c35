// What hides mistakes in the scripts of the Thunderbird add-in. Types are TypeScript's business.
const PAGE = [
  "AbortController", "AbortSignal", "Blob", "DOMException", "DOMParser", "Event", "File",
  "FormData", "HTMLElement", "HTMLInputElement", "Intl", "NodeFilter", "Response", "TextDecoder",
  "TextEncoder", "URL", "URLSearchParams", "atob", "btoa", "clearInterval", "clearTimeout",
  "crypto", "document", "fetch", "getComputedStyle", "location", "matchMedia", "messenger",
  "navigator", "performance", "queueMicrotask", "requestAnimationFrame", "screen", "setInterval",
  "setTimeout", "structuredClone", "window",
];

const rules = {
  "no-undef": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^ignored" }],
  "no-redeclare": "error",
  "no-var": "error",
  "prefer-const": ["error", { ignoreReadBeforeAssign: true }],
  eqeqeq: "error",
  "no-console": "error",
  "no-alert": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-fallthrough": "error",
  "no-unreachable": "error",
  "no-self-compare": "error",
  "no-unsafe-finally": "error",
  "no-async-promise-executor": "error",
  "no-constant-binary-expression": "error",
  "array-callback-return": "error",
};

export default [
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    files: ["**/*.js"],
    ignores: ["experiment/**"],
    languageOptions: {
      ecmaVersion: "latest",
      sourceType: "module",
      globals: Object.fromEntries(PAGE.map((name) => [name, "readonly"])),
    },
    rules,
  },
  {
    files: ["experiment/**/*.js"],
    languageOptions: { ecmaVersion: "latest", sourceType: "script" },
    // Thunderbird takes the class by its name.
    rules: { ...rules, "no-var": "off", "no-unused-vars": ["error", { vars: "local" }] },
  },
];
