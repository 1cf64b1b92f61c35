// What classic Outlook would not run, or runs where it cannot work. The language is the one of
// 2016; a name that the bare engine lacks is not defined here.
const NEVER = "classic Outlook never calls back";
const NOT_IN_A_HANDLER = "not in a handler";
const LATER = "later than 2016, or missing in some engines";
const LOCALE = "the engine may lack Intl";

const MEMBERS = {
  onReady: NEVER, initialize: NEVER,
  sendAsync: NOT_IN_A_HANDLER, displayDialogAsync: NOT_IN_A_HANDLER, messageParent: NOT_IN_A_HANDLER,
  displayMessageForm: NOT_IN_A_HANDLER, close: NOT_IN_A_HANDLER,
  includes: LATER, entries: LATER, values: LATER, fromEntries: LATER, padStart: LATER, padEnd: LATER,
  finally: LATER, allSettled: LATER, any: LATER, flat: LATER, flatMap: LATER, at: LATER,
  trimStart: LATER, trimEnd: LATER, replaceAll: LATER, matchAll: LATER, toWellFormed: LATER,
  isWellFormed: LATER, hasOwn: LATER,
  toLocaleString: LOCALE, toLocaleUpperCase: LOCALE, toLocaleLowerCase: LOCALE,
  localeCompare: LOCALE, normalize: LOCALE,
  log: "says something to a log",
};

const SYNTAX = {
  ConditionalExpression: "the conditional operator: classic Outlook stops loading",
  "BinaryExpression[operator='**'], AssignmentExpression[operator='**=']": LATER,
  "ClassDeclaration, ClassExpression, YieldExpression": "plain functions do",
  "CallExpression[callee.name='require']": "it is one plain script",
};

export default [
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      ecmaVersion: 2016,
      sourceType: "script",
      globals: {
        Office: "readonly", OfficeRuntime: "readonly", XMLHttpRequest: "readonly",
        setTimeout: "readonly", clearTimeout: "readonly",
        // Of the language itself, and not in a bare engine.
        Intl: "off", eval: "off", Function: "off", escape: "off", unescape: "off",
      },
    },
    rules: {
      "no-undef": "error",
      // The pane alone keeps a token.
      "no-unused-vars": ["error", { caughtErrors: "none", varsIgnorePattern: "^keepToken$" }],
      "no-redeclare": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-fallthrough": "error",
      "no-unreachable": "error",
      "no-restricted-syntax": [
        "error",
        ...Object.entries(SYNTAX).map(([selector, message]) => ({ selector, message })),
      ],
      "no-restricted-properties": [
        "error",
        ...Object.entries(MEMBERS).map(([property, message]) => ({ property, message })),
      ],
    },
  },
];
