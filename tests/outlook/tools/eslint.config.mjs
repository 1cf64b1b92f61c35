// What classic Outlook would not run, or runs where it cannot work. The language is the one of
// 2016; names that the engine lacks are not defined, and the tests compile against its types.
const FORBIDDEN = {
  ConditionalExpression: "the conditional operator: classic Outlook stops loading",
  ClassDeclaration: "a class: plain functions do",
  YieldExpression: "a generator",
  "CallExpression[callee.name=/^(eval|require)$/]": "it is one plain script",
  "NewExpression[callee.name='Function']": "it is one plain script",
  "Literal[regex.pattern=/\\(\\?<|\\\\p\\{/i]": "a regular expression of a later form",
  "Literal[regex.flags=/[dsv]/]": "a regular expression of a later form",
};

const MEMBERS = {
  onReady: "classic Outlook never calls back",
  initialize: "classic Outlook never calls back",
  sendAsync: "not in a handler",
  displayDialogAsync: "not in a handler",
  messageParent: "not in a handler",
  displayMessageForm: "not in a handler",
  includes: "was missing in some engines",
  toLocaleString: "the engine may lack Intl",
  toLocaleUpperCase: "the engine may lack Intl",
  toLocaleLowerCase: "the engine may lack Intl",
  localeCompare: "the engine may lack Intl",
  normalize: "the engine may lack Intl",
};

export default [
  {
    files: ["**/events.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      ecmaVersion: 2016,
      sourceType: "script",
      globals: {
        Office: "readonly", OfficeRuntime: "readonly", XMLHttpRequest: "readonly",
        setTimeout: "readonly", clearTimeout: "readonly",
      },
    },
    rules: {
      "no-undef": "error",
      "no-unused-vars": ["error", { caughtErrors: "none", args: "after-used", varsIgnorePattern: "^keepToken$" }],
      "no-redeclare": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-console": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-fallthrough": "error",
      "no-unreachable": "error",
      "consistent-return": "error",
      "no-restricted-syntax": [
        "error",
        ...Object.entries(FORBIDDEN).map(([selector, message]) => ({ selector, message })),
      ],
      "no-restricted-properties": [
        "error",
        ...Object.entries(MEMBERS).map(([property, message]) => ({ property, message })),
      ],
    },
  },
];
