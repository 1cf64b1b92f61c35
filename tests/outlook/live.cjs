// The built script in the strict stand-in against the real service: prints what Outlook would be told
// and what it would then send. Standard input: {"base", "token", "draft", "event"}. The https address
// of the department is led to the service of this machine; nothing else is changed.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const { SERVICE, outlook } = require("./standin.cjs");

const { base, token, draft, event } = JSON.parse(fs.readFileSync(0, "utf8"));
const answers = [];

function real({ method, url, headers, body }) {
  return new Promise((done, lost) => {
    const text = JSON.stringify(body);
    const path = url.replace(SERVICE, "");
    const sent = { ...headers, "Content-Length": Buffer.byteLength(text) };
    const asked = http.request(base + path, { method, headers: sent, agent: false }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => {
        const said = Buffer.concat(pieces).toString("utf8");
        answers.push({ path, status: response.statusCode, body: path === "/v1/check" ? JSON.parse(said) : null });
        done({ status: response.statusCode, text: said });
      });
    });
    asked.on("error", lost);
    asked.end(text);
  });
}

async function main() {
  const it = outlook({ draft, token, real });
  const options = (await it.fire(event)) ?? null;
  const notices = it.notices.filter((one) => one).map(({ message }) => message);
  process.stdout.write(JSON.stringify({ options, answers, notices, item: it.item }));
}

main();
