// Would the engine of classic Outlook take this script? A reader of tokens, no more: `node --check`
// knows the grammar, but of today's language.
"use strict";

const TOKEN = new RegExp(
  [
    /(?<space>\s+|\/\/[^\n]*|\/\*[^]*?\*\/)/,
    /(?<text>"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*')/,
    /(?<number>(?:0[xob][\da-f_]+|\.?\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?)n?)/,
    /(?<word>#?[\p{ID_Start}$_][\p{ID_Continue}$]*)/,
    /(?<mark>\?\?=|\?\?|\?\.(?!\d)|\*\*=?|&&=|\|\|=|\.\.\.|=>|[-+*/%&|^<>=!]=?=?|[{}()[\];,.:?~`@])/,
  ].map((one) => one.source).join("|"),
  "uiy",
);
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/([a-z]*)/y;
const BEFORE_REGEX = new Set([
  ..."([{,;:?=!&|+-*%~<>", "=>", "==", "===", "!=", "!==", "&&", "||", "return", "typeof", "", "}",
]);

/** @returns {{kind: string, text: string, line: number}[]} */
function tokens(source) {
  const found = [];
  const templates = [];
  let at = 0;
  let last = "";
  let line = 1;
  let counted = 0;
  const push = (kind, text) => {
    for (; counted < at; counted += 1) if (source[counted] === "\n") line += 1;
    found.push({ kind, text, line });
    last = kind === "word" || kind === "mark" ? text : kind;
    at += text.length;
  };
  const template = () => {
    const end = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y;
    end.lastIndex = at;
    const [piece] = end.exec(source);
    if (piece.endsWith("${")) templates.push(0);
    push("text", piece);
  };
  while (at < source.length) {
    const open = templates.length - 1;
    if (source[at] === "/" && !/^\/[/*]/.test(source.slice(at, at + 2)) && BEFORE_REGEX.has(last)) {
      REGEX.lastIndex = at;
      push("regex", REGEX.exec(source)[0]);
      continue;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    if (!match) throw new Error(`line ${line}: cannot read ${JSON.stringify(source.slice(at, at + 10))}`);
    const [kind] = Object.entries(match.groups).find(([, text]) => text !== undefined);
    const text = match[0];
    if (kind === "space") {
      at += text.length;
    } else if (text === "`") {
      at += 1;
      template();
    } else if (text === "}" && open >= 0 && templates[open] === 0) {
      templates.pop();
      at += 1;
      template();
    } else {
      if (open >= 0 && text === "{") templates[open] += 1;
      if (open >= 0 && text === "}") templates[open] -= 1;
      push(kind, text);
    }
  }
  return found;
}

const MARKS = {
  "?": "the conditional operator", "?.": "optional chaining", "??": "??", "??=": "??=", "**": "**", "**=": "**=",
  "&&=": "&&=", "||=": "||=", "...": "spread, which on objects is later than 2016", "@": "a decorator",
};
const WORDS = [
  "async", "await", "import", "export", "require", "module", "yield", "class", "eval", "Function",
  "window", "document", "location", "navigator", "localStorage", "sessionStorage", "console", "globalThis", "self",
  "URL", "URLSearchParams", "TextEncoder", "TextDecoder", "atob", "btoa", "crypto", "FormData", "Blob", "Intl",
  "AbortController", "AbortSignal", "fetch", "structuredClone", "queueMicrotask", "alert", "WebSocket", "BigInt",
];
const MEMBERS = [
  "includes", "entries", "values", "fromEntries", "padStart", "padEnd", "finally", "allSettled", "any", "flat",
  "flatMap", "at", "trimStart", "trimEnd", "replaceAll", "matchAll", "toWellFormed", "isWellFormed", "hasOwn",
  "onReady", "initialize", "displayDialogAsync", "messageParent", "sendAsync", "displayMessageForm", "close",
  "toLocaleString", "toLocaleUpperCase", "toLocaleLowerCase", "localeCompare", "normalize", "log",
];

/** What classic Outlook would not run, by line; empty for a script that it takes. */
function problems(source) {
  const found = [];
  const all = tokens(source);
  all.forEach(({ kind, text, line }, at) => {
    const before = all[at - 1]?.text;
    const after = all[at + 1]?.text;
    const say = (what) => found.push(`line ${line}: ${what}`);
    if (kind === "mark" && Object.hasOwn(MARKS, text)) say(MARKS[text]);
    if (kind === "mark" && text === "," && after === ")") say("a comma before )");
    if (kind === "word" && text.startsWith("#")) say("a private member");
    if (kind === "word" && before === "." && MEMBERS.includes(text)) say(`.${text}`);
    if (kind === "word" && before !== "." && after !== ":" && WORDS.includes(text)) say(text);
    if (text === "catch" && after === "{") say("catch without a name");
    if (kind === "number" && /n$|_/.test(text) && !/^0x/i.test(text)) say("a number of a later form");
    if (kind === "regex" && (/\(\?<|\\[pP]\{/.test(text) || /\/[a-z]*[sdv][a-z]*$/.test(text))) say("a later regular expression");
  });
  return found;
}

module.exports = { problems, tokens };
