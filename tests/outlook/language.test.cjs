// The script is of the language and the engine that classic Outlook has, and says nothing to a log.
"use strict";

const assert = require("node:assert/strict");
const { join } = require("node:path");
const { test } = require("node:test");
const { ESLint } = require("../tools/node_modules/eslint");
const { SOURCE } = require("./standin.cjs");

const linter = new ESLint({ cwd: __dirname, overrideConfigFile: join(__dirname, "tools", "eslint.config.mjs") });

/** @returns {Promise<string[]>} what is wrong, by line */
async function problems(source) {
  const [{ messages }] = await linter.lintText(source, { filePath: join(__dirname, "events.js") });
  return messages.map(({ line, message, ruleId }) => `line ${line}: ${message} (${ruleId})`);
}

const LATER = {
  "async function f() {}": "Parsing error",
  "const f = async () => 1;": "Parsing error",
  "function f() { await g(); }": "Parsing error",
  'import x from "x";': "Parsing error",
  'import("x");': "Parsing error",
  "export const a = 1;": "Parsing error",
  'const a = require("a");': "one plain script",
  "const a = b ? 1 : 2;": "conditional operator",
  "a?.b;": "Parsing error",
  "a?.[0];": "Parsing error",
  "a ?? b;": "Parsing error",
  "a ??= b;": "Parsing error",
  "a ||= b;": "Parsing error",
  "a &&= b;": "Parsing error",
  "a ** b;": "later than 2016",
  "a **= b;": "later than 2016",
  "const a = {...b};": "Parsing error",
  "try { a(); } catch { b(); }": "Parsing error",
  "f(a, b,);": "Parsing error",
  "function f(a, b,\n) {}": "Parsing error",
  "[1].includes(1);": "later than 2016",
  "Object.entries(a);": "later than 2016",
  '"a".padStart(3);': "later than 2016",
  "p.finally(f);": "later than 2016",
  "const a = 1n;": "Parsing error",
  "const a = 1_000;": "Parsing error",
  "const a = /(?<year>x)/;": "Parsing error",
  "const a = /(?<=x)y/;": "Parsing error",
  "const a = /\\p{Lu}/u;": "Parsing error",
  "const a = /x/s;": "Parsing error",
  "window.x = 1;": "'window' is not defined",
  "document.title;": "'document' is not defined",
  "console.log(1);": "'console' is not defined",
  "new URL(a);": "'URL' is not defined",
  "new TextEncoder();": "'TextEncoder' is not defined",
  "atob(a);": "'atob' is not defined",
  "location.href;": "'location' is not defined",
  "crypto.subtle;": "'crypto' is not defined",
  "new FormData();": "'FormData' is not defined",
  'eval("1");': "'eval' is not defined",
  "Office.onReady(f);": "never calls back",
  "item.sendAsync(f);": "not in a handler",
  "ui.displayDialogAsync(u);": "not in a handler",
  "const a = `${b ? 1 : 2}`;": "conditional operator",
  "const a = `x${`y${b?.c}`}`;": "Parsing error",
  "class A { #b = 1; }": "Parsing error",
};

const FINE = [
  'const a = "b ? c : await d ?? e?.f // import";',
  "// await ? ?. import\nconst a = 1;",
  "/* console.log(a ? b : c) */",
  "const a = /[?/]\\/(?:a)?/g; const b = c / d / e;",
  "const a = `why ? ${b} because: ${`${c}`} ?`;",
  "const a = { async: 1, location: 2, close: 3 }; a.window;",
  "const { a, b } = c; const [d, e] = f; (g) => g; for (const h of i) j(h);",
  "const a = [1, 2,]; const b = { c: 1, };",
  "x = a => { return /a?b/.test(a); };",
];

test("the script is of the language of 2016", async () => {
  assert.deepEqual(await problems(SOURCE), []);
});

for (const [source, told] of Object.entries(LATER)) {
  test(`the scan notices: ${source}`, async () => {
    const found = await problems(source);
    assert.ok(found.some((one) => one.includes(told)), JSON.stringify(found));
  });
}

for (const source of FINE) {
  test(`the scan lets pass: ${source}`, async () => {
    // Scraps, in which nothing is defined and nothing used.
    const found = (await problems(source)).filter((one) => !/\((no-undef|no-unused-vars|prefer-const)\)$/.test(one));
    assert.deepEqual(found, []);
  });
}

test("a name that nobody defines is noticed, and one that nobody uses", async () => {
  assert.match((await problems("function f() { g(); }")).join(), /'f' is defined but never used.*'g' is not defined/);
});

test("the file stays small: the engine reads it between the click and the mail", () => {
  assert.ok(SOURCE.length < 80_000, `${SOURCE.length} characters`);
});
