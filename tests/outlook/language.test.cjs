// The script is of the language and the engine that classic Outlook has, and says nothing to a log.
"use strict";

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { test } = require("node:test");
const { problems, tokens } = require("./es2016.cjs");
const { SOURCE } = require("./standin.cjs");

const LATER = {
  "async function f() {}": "async",
  "const f = async () => 1;": "async",
  "function f() { await g(); }": "await",
  'import x from "x";': "import",
  'import("x");': "import",
  "export const a = 1;": "export",
  'const a = require("a");': "require",
  "const a = b ? 1 : 2;": "conditional",
  "a?.b;": "optional chaining",
  "a?.[0];": "optional chaining",
  "a ?? b;": "??",
  "a ??= b;": "??=",
  "a ||= b;": "||=",
  "a &&= b;": "&&=",
  "a ** b;": "**",
  "a **= b;": "**=",
  "const a = {...b};": "spread",
  "try { a(); } catch { b(); }": "catch without a name",
  "f(a, b,);": "a comma before )",
  "function f(a, b,\n) {}": "a comma before )",
  "[1].includes(1);": ".includes",
  "Object.entries(a);": ".entries",
  '"a".padStart(3);': ".padStart",
  "p.finally(f);": ".finally",
  "const a = 1n;": "a number of a later form",
  "const a = 1_000;": "a number of a later form",
  "const a = /(?<year>x)/;": "a later regular expression",
  "const a = /(?<=x)y/;": "a later regular expression",
  "const a = /\\p{Lu}/u;": "a later regular expression",
  "const a = /x/s;": "a later regular expression",
  "window.x = 1;": "window",
  "document.title;": "document",
  "console.log(1);": "console",
  "new URL(a);": "URL",
  "new TextEncoder();": "TextEncoder",
  "atob(a);": "atob",
  "location.href;": "location",
  "crypto.subtle;": "crypto",
  "new FormData();": "FormData",
  'eval("1");': "eval",
  "Office.onReady(f);": ".onReady",
  "item.sendAsync(f);": ".sendAsync",
  "ui.displayDialogAsync(u);": ".displayDialogAsync",
  "const a = `${b ? 1 : 2}`;": "conditional",
  "const a = `x${`y${b?.c}`}`;": "optional chaining",
  "class A { #b = 1; }": "a private member",
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

test("the script is of the language of 2016", () => {
  assert.deepEqual(problems(SOURCE), []);
});

for (const [source, told] of Object.entries(LATER)) {
  test(`the scan notices: ${source}`, () => {
    const found = problems(source);
    assert.ok(found.some((one) => one.startsWith("line 1: ") && one.includes(told)), JSON.stringify(found));
  });
}

for (const source of FINE) {
  test(`the scan lets pass: ${source}`, () => assert.deepEqual(problems(source), []));
}

test("the scan reads the whole script", () => {
  const read = tokens(SOURCE);
  assert.ok(read.length > 2000);
  assert.equal(read.filter(({ text }) => text === "associate").length, 5);
});

test("Node's own check of the grammar passes", () => {
  const { status, stderr } = spawnSync(process.execPath, ["--check", process.env.EVENTS_JS], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});

test("the file stays small: the engine reads it between the click and the mail", () => {
  assert.ok(SOURCE.length < 80_000, `${SOURCE.length} characters`);
});
