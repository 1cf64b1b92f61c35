// A strict Outlook: the bare engine of classic Outlook, a compose item, and a service that follows a
// script. Time is ours, so that five seconds pass at once and every run is the same.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const vm = require("node:vm");

const SOURCE = fs.readFileSync(process.env.EVENTS_JS, "utf8");
const SERVICE = "https://lastlook.council.example";
const OFFICE_MS = 5;

// What came after ES2016, and what the engine of V8 has but a bare one need not have.
const LATER = `
  for (const [owner, names] of [
    [Array, ["fromAsync"]],
    [Array.prototype, ["includes", "flat", "flatMap", "at", "findLast", "findLastIndex", "toSorted",
      "toReversed", "toSpliced", "with"]],
    [Object, ["entries", "values", "fromEntries", "getOwnPropertyDescriptors", "hasOwn", "groupBy"]],
    [String.prototype, ["padStart", "padEnd", "trimStart", "trimEnd", "replaceAll", "matchAll", "at",
      "isWellFormed", "toWellFormed"]],
    [Promise, ["allSettled", "any", "withResolvers"]],
    [Promise.prototype, ["finally"]],
    [globalThis, ["console", "Intl", "WebAssembly", "SharedArrayBuffer", "Atomics", "BigInt",
      "WeakRef", "FinalizationRegistry", "AggregateError", "eval", "escape", "unescape"]],
  ]) for (const name of names) delete owner[name];
  Function.prototype.constructor = undefined;
  delete globalThis.Function;
  delete globalThis.globalThis;
`;

class Clock {
  constructor() {
    this.now = 1_000_000;
    this.started = this.now;
    this.queue = [];
    this.next = 1;
  }
  after(ms, ring) {
    const id = this.next++;
    this.queue.push({ id, at: this.now + ms, ring });
    return id;
  }
  stop(id) {
    this.queue = this.queue.filter((one) => one.id !== id);
  }
  get elapsed() {
    return this.now - this.started;
  }
  async run() {
    for (;;) {
      // Several turns, so that chains of promises have come to rest before time moves.
      for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
      if (this.queue.length === 0) return;
      this.queue.sort((one, other) => one.at - other.at || one.id - other.id);
      const { at, ring } = this.queue.shift();
      this.now = Math.max(this.now, at);
      ring();
    }
  }
}

const person = (emailAddress, displayName = "") => ({ emailAddress, displayName, recipientType: "user" });

const DRAFT = {
  from: person("ann.lee@council.example", "Ann Lee"),
  to: [person("p.tan@chambers.example")],
  cc: [],
  bcc: [],
  subject: "Minutes",
  text: "Hello,\n\nhere are the minutes.\n",
  attachments: [{ id: "1", name: "report.pdf", size: 18231, attachmentType: "file", isInline: false }],
};

/** What the service answers, `more` on top. */
const answer = (more = {}) => ({
  reference: "K7-Q2",
  review: "opaque",
  verdict: "allow",
  findings: [],
  encryption: { required: false, because: [], possible: false, readers: null },
  policy: "7",
  unreachable: "hold",
  ...more,
});

const finding = (more = {}) => ({
  id: "f1",
  code: "recipient.near-known-address",
  severity: "warn",
  about: { field: "to", address: "p.tan@chambers.example" },
  message: "You have not written to p.tan@chambers.example before.",
  advice: "The directory has p.tann@chambers.example.",
  ask: "choose",
  suggestion: null,
  facts: {},
  ...more,
});

/**
 * @param {object} how draft, sets ("1.16"), broken ({"to.getAsync": "fail"}), http (answers in turn),
 *   settings, session, token, clock (false: none), neverHeard
 */
function outlook(how = {}) {
  const draft = { ...DRAFT, ...how.draft };
  const clock = new Clock();
  const broken = how.broken ?? {};
  const http = [...(how.http ?? [{ body: answer() }])];
  const session = { ...how.session };
  const settings = { ...how.settings };
  const saved = { ...settings };
  const seen = { completed: [], requests: [], notices: [], calls: [], handlers: {}, faults: [], session, saved };
  const [, minor] = (how.sets ?? "1.16").split(".").map(Number);
  let loaded = false;

  /** An asynchronous function of Outlook: the last argument is called back, later, once. */
  function asynchronous(name, work) {
    return function (...given) {
      seen.calls.push(name);
      const callback = given.pop();
      assert.equal(typeof callback, "function", `${name} without a callback`);
      const way = broken[name];
      if (way === "throw") throw new TypeError(`${name} is not to be had`);
      if (way === "hang") return;
      const reply = () => {
        if (way === "fail") return { status: "failed", error: { code: 9999, message: "p.tan@" } };
        if (way === "nothing") return undefined;
        if (way === "empty") return { status: "succeeded", value: undefined };
        return { status: "succeeded", value: work(...given) };
      };
      clock.after(way === "slow" ? 1400 : OFFICE_MS, () => callback(reply()));
      if (way === "twice") clock.after(OFFICE_MS, () => callback(reply()));
    };
  }

  const field = (name) => ({ getAsync: asynchronous(`${name}.getAsync`, () => draft[name]) });
  const item = {
    from: field("from"),
    to: field("to"),
    cc: field("cc"),
    bcc: field("bcc"),
    subject: field("subject"),
    body: {
      getAsync: asynchronous("body.getAsync", (kind) => {
        assert.equal(kind, "text");
        return draft.text;
      }),
    },
    getAttachmentsAsync: asynchronous("getAttachmentsAsync", () => draft.attachments),
    sessionData: {
      getAllAsync: asynchronous("sessionData.getAllAsync", () => ({ ...session })),
      setAsync: asynchronous("sessionData.setAsync", (key, value) => {
        assert.equal(typeof value, "string");
        session[key] = value;
      }),
    },
    notificationMessages: {
      replaceAsync: asynchronous("notificationMessages.replaceAsync", (key, notice) => {
        assert.ok(key.length <= 32);
        assert.ok(notice.message.length <= 150, `a notice of ${notice.message.length}`);
        assert.equal(typeof notice.icon, "string");
        seen.notices.push(notice);
      }),
      removeAsync: asynchronous("notificationMessages.removeAsync", () => seen.notices.push(null)),
    },
  };
  const roamingSettings = {
    get: (key) => {
      if (broken["roamingSettings.get"]) throw new Error("no settings");
      return settings[key];
    },
    set: (key, value) => {
      settings[key] = value;
    },
    saveAsync: asynchronous("roamingSettings.saveAsync", () => Object.assign(saved, settings)),
  };
  const context = {
    requirements: {
      isSetSupported: (name, version) => {
        assert.equal(name, "Mailbox");
        assert.match(version, /^1\.\d+$/);
        return Number(version.split(".")[1]) <= minor;
      },
    },
    mailbox: { item, ...(how.diagnostics ?? { diagnostics: { hostName: "Outlook", hostVersion: "16.0.1" } }) },
    roamingSettings,
  };
  const Office = {
    actions: {
      associate: (name, handler) => {
        assert.ok(!loaded, "associated after loading");
        seen.handlers[name] = handler;
      },
    },
    get context() {
      assert.ok(loaded, "Office.context touched while loading");
      return context;
    },
  };
  if (minor >= 14) Office.MailboxEnums = { SendModeOverride: { PromptUser: "promptUser" } };

  class XMLHttpRequest {
    constructor() {
      this.headers = {};
      this.timeout = 0;
      this.status = 0;
      this.responseText = "";
    }
    open(method, url, later) {
      assert.equal(later, true);
      assert.match(url, /^https:\/\//, "only complete https addresses reach anything");
      this.asked = { method, url };
    }
    setRequestHeader(name, value) {
      assert.ok(this.asked, "a header before open()");
      this.headers[name] = value;
    }
    send(body) {
      seen.requests.push({ ...this.asked, headers: this.headers, body: JSON.parse(body), at: clock.elapsed });
      const next = http.shift() ?? "error";
      if (next === "throw") throw new Error("no network");
      if (next === "deaf") return;
      if (next === "hang") {
        if (this.timeout > 0) clock.after(this.timeout, () => this.ontimeout());
        return;
      }
      if (next === "error" || next === "abort") {
        clock.after(20, () => this[`on${next}`]());
        return;
      }
      clock.after(next.after ?? 20, () => {
        this.status = next.status ?? 200;
        this.responseText = next.text ?? JSON.stringify(next.body);
        this.responseURL = next.url ?? this.asked.url;
        this.onload();
      });
    }
  }

  const engine = { Office, XMLHttpRequest };
  if (how.clock !== false) {
    engine.setTimeout = (ring, ms) => clock.after(ms, ring);
    engine.clearTimeout = (id) => clock.stop(id);
  }
  vm.createContext(engine, { codeGeneration: { strings: false, wasm: false } });
  vm.runInContext(LATER, engine);
  vm.runInContext("Date.now = now", Object.assign(engine, { now: () => clock.now }));
  delete engine.now;
  let source = SOURCE;
  if (how.neverHeard) source = source.replace('NEVER_HEARD = "hold"', `NEVER_HEARD = "${how.neverHeard}"`);
  vm.runInContext(source, engine, { filename: "events.js" });
  loaded = true;
  const bearer = how.token === undefined ? "desk.s3cret" : how.token;
  if (bearer !== null) engine.token = () => Promise.resolve(bearer);
  // A function of the script that takes its time: its name, and how long.
  for (const [name, ms] of Object.entries(how.late ?? {})) {
    const work = engine[name];
    engine[name] = (...given) => new Promise((done) => clock.after(ms, () => done(work(...given))));
  }

  /** Options that Outlook would drop, cut or choke on. */
  function strict(options) {
    if (options === undefined) return;
    const known = ["allowEvent", "errorMessage", "errorMessageMarkdown", "cancelLabel", "sendModeOverride"];
    for (const key of Object.keys(options)) assert.ok(known.includes(key), `unknown option ${key}`);
    assert.equal(typeof options.allowEvent, "boolean");
    if (options.allowEvent) assert.deepEqual(Object.keys(options), ["allowEvent"]);
    else assert.equal(typeof options.errorMessage, "string");
    for (const key of ["errorMessage", "errorMessageMarkdown"]) {
      if (options[key] === undefined) continue;
      assert.ok(options[key].length <= 500, `${key} of ${options[key].length} characters`);
      assert.ok(!/[\uD800-\uDFFF]/u.test(options[key]), `${key} with half a character`);
      assert.ok(!/undefined|null|NaN|\[object/.test(options[key]), options[key]);
    }
    if ("errorMessageMarkdown" in options) assert.ok(minor >= 15, "Markdown before 1.15");
    if ("cancelLabel" in options) assert.ok(minor >= 14 && options.cancelLabel.length <= 20);
    if ("sendModeOverride" in options) {
      assert.ok(minor >= 14);
      assert.equal(options.sendModeOverride, "promptUser");
    }
  }

  /** Fires the event and waits until nothing moves any more. */
  seen.fire = async function (handler = "onMessageSendHandler") {
    const unhandled = (problem) => seen.faults.push(problem);
    process.on("unhandledRejection", unhandled);
    clock.started = clock.now;
    const before = seen.completed.length;
    seen.handlers[handler]({
      completed: (options) => {
        seen.completed.push(options);
        seen.took = clock.elapsed;
        try {
          // Made in the other realm: copied, so that the prototypes are this one's.
          strict(options && JSON.parse(JSON.stringify(options)));
        } catch (fault) {
          seen.faults.push(fault);
        }
      },
    });
    await clock.run();
    process.removeListener("unhandledRejection", unhandled);
    assert.deepEqual(seen.faults, []);
    assert.equal(seen.completed.length - before, 1, "completed() exactly once");
    return seen.completed[before];
  };
  seen.outage = () => http.push("error", "error");
  return seen;
}

const isSent = (options) => options.allowEvent === true;
const isHeld = (options) => options.allowEvent === false && options.sendModeOverride === undefined;
const isSoft = (options) => options.allowEvent === false && options.sendModeOverride === "promptUser";

module.exports = { DRAFT, SERVICE, SOURCE, answer, finding, isHeld, isSent, isSoft, outlook, person };
