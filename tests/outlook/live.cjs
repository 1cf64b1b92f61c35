// The built script in a bare engine against the real service: prints what Outlook would be told.
// Standard input: {"base", "token", "draft", "event"}. The https address of the department is led to
// the service of this machine; nothing else is changed.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const vm = require("node:vm");

const SERVICE = "https://lastlook.council.example";
const { base, token, draft, event } = JSON.parse(fs.readFileSync(0, "utf8"));
const statuses = [];

class XMLHttpRequest {
  constructor() {
    this.headers = {};
  }
  open(method, url) {
    this.asked = { method, url: url.replace(SERVICE, base) };
    this.responseURL = url;
  }
  setRequestHeader(name, value) {
    this.headers[name] = value;
  }
  send(body) {
    const { method, url } = this.asked;
    const headers = { ...this.headers, "Content-Length": Buffer.byteLength(body) };
    const asked = http.request(url, { method, headers, agent: false }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => {
        this.status = response.statusCode;
        statuses.push(this.status);
        this.responseText = Buffer.concat(pieces).toString("utf8");
        this.onload();
      });
    });
    asked.on("error", () => this.onerror());
    asked.end(body);
  }
}

const later = (value) => (...given) => setTimeout(given.pop(), 0, { status: "succeeded", value });
const field = (value) => ({ getAsync: later(value) });
const kept = {};
const notices = [];
const item = {
  from: field(draft.from), to: field(draft.to), cc: field(draft.cc ?? []), bcc: field(draft.bcc ?? []),
  subject: field(draft.subject), body: field(draft.text), getAttachmentsAsync: later(draft.attachments ?? []),
  sessionData: {
    getAllAsync: later(kept),
    setAsync: (key, value, done) => {
      kept[key] = value;
      done({ status: "succeeded" });
    },
  },
  notificationMessages: {
    replaceAsync: (key, notice, done) => {
      notices.push(notice.message);
      done({ status: "succeeded" });
    },
    removeAsync: later(),
  },
};
const handlers = {};
const settings = { get: () => null, set: () => {}, saveAsync: later() };
const engine = vm.createContext({
  XMLHttpRequest, setTimeout, clearTimeout,
  Office: {
    actions: { associate: (name, handler) => { handlers[name] = handler; } },
    MailboxEnums: { SendModeOverride: { PromptUser: "promptUser" } },
    context: {
      requirements: { isSetSupported: () => true }, roamingSettings: settings,
      mailbox: { item, diagnostics: { hostVersion: "16.0.1" } },
    },
  },
});
vm.runInContext(fs.readFileSync(process.env.EVENTS_JS, "utf8"), engine);
engine.token = () => Promise.resolve(token);
handlers[event]({
  completed: (options) => {
    process.stdout.write(JSON.stringify({ options: options ?? null, statuses, notices, kept }));
  },
});
