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

/** Makes of this object the globals of an engine of its own. */
function bare(engine) {
  vm.createContext(engine, { codeGeneration: { strings: false, wasm: false } });
  vm.runInContext(LATER, engine);
  return engine;
}

/** The script as it is built for such an organisation. */
function sourceFor({ neverHeard, unpaired, entra }) {
  let source = SOURCE;
  for (const [name, value] of [["NEVER_HEARD", neverHeard], ["UNPAIRED", unpaired], ["ENTRA", entra]]) {
    if (value) source = source.replace(new RegExp(`^const ${name} = ".*";$`, "m"), `const ${name} = "${value}";`);
  }
  return source;
}

const SHARED = bare({});
const GIVEN = "{ Office, OfficeRuntime, XMLHttpRequest, setTimeout, clearTimeout }, Date";
const beginnings = new Map();

/** The same as a function in one engine for all: each call begins anew. */
function begin({ neverHeard, unpaired, entra }) {
  const key = [neverHeard, unpaired, entra].join();
  if (!beginnings.has(key)) {
    const source = `(function (${GIVEN}) {${sourceFor({ neverHeard, unpaired, entra })}\n})`;
    beginnings.set(key, vm.runInContext(source, SHARED, { filename: "events.js" }));
  }
  return beginnings.get(key);
}

class Clock {
  constructor() {
    this.now = 1_000_000;
    this.started = this.now;
    this.queue = [];
    this.next = 1;
    this.real = new Set();
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
      // What a real service answers comes in real time, and ours stands still meanwhile.
      if (this.real.size > 0) {
        await Promise.race(this.real);
        continue;
      }
      if (this.queue.length === 0) return;
      this.queue.sort((one, other) => one.at - other.at || one.id - other.id);
      const { at, ring } = this.queue.shift();
      this.now = Math.max(this.now, at);
      ring();
    }
  }
}

const person = (emailAddress, displayName = "") => ({ emailAddress, displayName, recipientType: "user" });

const file = (name, words, more = {}) => {
  const content = Buffer.from(words).toString("base64");
  return { name, size: Buffer.byteLength(words), attachmentType: "file", isInline: false, content, ...more };
};
const PNG = Buffer.from("89504e470d0a1a0a0000000d", "hex");
const picture = (name, contentId = "") => ({
  name, size: PNG.length, attachmentType: "file", isInline: true, contentId, content: PNG.toString("base64"),
});

const DRAFT = {
  from: person("ann.lee@council.example", "Ann Lee"),
  to: [person("p.tan@chambers.example")],
  cc: [],
  bcc: [],
  subject: "Minutes",
  text: "Hello,\n\nhere are the minutes.\n",
  attachments: [{ ...file("report.pdf", "%PDF-"), size: 18231 }],
};

/** What a reader sees of HTML, more or less as Outlook says it. */
const wordsOf = (html) =>
  html.replace(/<(br|\/p|\/div)\b[^>]*>/gi, "\n").replace(/<style[^]*?<\/style>|<[^>]*>/gi, "")
    .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&nbsp;/g, "\u00A0").replace(/&amp;/g, "&");

const NOTICE = "This message is encrypted: it is in the attached file, encrypted.asc.\nOpen it with your OpenPGP program.\n";
const CIPHERTEXT = Buffer.from("-----BEGIN PGP MESSAGE-----\n\nwcFMA\n-----END PGP MESSAGE-----\n").toString("base64");

/** What the service makes of a draft, `more` on top. */
const sealed = (more = {}) => ({
  outer: { subject: "[...]" },
  text: NOTICE,
  attachments: [{ name: "encrypted.asc", type: "application/octet-stream", base64: CIPHERTEXT }],
  ...more,
});

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
 * @param {object} how draft (with `html` for such a body), sets ("1.16"), broken ({"to.getAsync":
 *   "fail"}), faults ({7: "hang"}: the seventh call of all), dead ({from: 7, way: "hang"}; a
 *   number: it takes so many ms), http (answers in turn, or a
 *   function), settings, session, headers, token, tokenIn, clock (false: none), neverHeard,
 *   unpaired, entra, ids ("index": known by place), item (of an earlier Outlook), shared (no engine
 *   of its own, which takes longer than a Send: then there is no `script`)
 */
function outlook(how = {}) {
  const draft = how.item ?? structuredClone({ ...DRAFT, session: {}, headers: {}, ...how.draft });
  Object.assign(draft.session, how.session);
  Object.assign(draft.headers, how.headers);
  const clock = new Clock();
  const broken = how.broken ?? {};
  const http = Array.isArray(how.http) ? [...how.http] : [{ body: answer() }];
  const service = typeof how.http === "function" ? how.http : () => http.shift();
  const session = draft.session;
  const settings = { ...how.settings };
  const storage = {};
  const bearer = how.token === undefined ? "desk.s3cret" : how.token;
  if (bearer !== null) (how.tokenIn === "roaming" ? settings : storage)["last-look-token"] = bearer;
  const saved = { ...settings };
  const seen = {
    completed: [], requests: [], reports: [], notices: [], calls: [], handlers: {}, faults: [], session, saved,
    settings, storage, item: draft, busy: 0,
  };
  const [, minor] = (how.sets ?? "1.16").split(".").map(Number);
  let loaded = false;
  let number = 0;
  draft.ids ??= 0;
  draft.attachments.forEach((one) => { one.id ??= `AAMk${draft.ids++}`; });
  draft.attachments = [...draft.attachments];

  /** An asynchronous function of Outlook: the last argument is called back, later, once. */
  function asynchronous(name, work, { few = false } = {}) {
    return function (...given) {
      seen.calls.push(name);
      number += 1;
      const callback = given.pop();
      assert.equal(typeof callback, "function", `${name} without a callback`);
      const way = how.faults?.[number] ?? (how.dead?.from <= number ? how.dead.way : broken[name]);
      if (way === "throw") throw new TypeError(`${name} is not to be had`);
      if (few) seen.busy += 1;
      if (seen.busy > 3) seen.faults.push(new Error("more than three attachments in flight"));
      if (way === "hang") return;
      const failed = { status: "failed", error: { code: 9999, message: "p.tan@" } };
      const reply = () => {
        if (few) seen.busy -= 1;
        if (way === "fail") return failed;
        if (way === "nothing") return undefined;
        if (way === "empty") return { status: "succeeded", value: undefined };
        let value;
        try {
          value = work(...given);
        } catch (problem) {
          if (problem instanceof assert.AssertionError) seen.faults.push(problem);
          return failed;
        }
        return way === "fail-after" ? failed : { status: "succeeded", value };
      };
      const ms = { slow: 1400, late: 70_000 }[way] ?? (typeof way === "number" ? way : OFFICE_MS);
      clock.after(ms, () => {
        const said = reply();
        if (way !== "hang-after") callback(said);
      });
      if (way === "twice") clock.after(OFFICE_MS, () => callback(reply()));
    };
  }

  /** In some Outlooks an attachment is known by its place. */
  const idOf = (one) => (how.ids === "index" ? String(draft.attachments.indexOf(one)) : one.id);
  const find = (id) => {
    const found = draft.attachments.find((one) => idOf(one) === id);
    if (!found) throw new Error("no such attachment");
    return found;
  };
  const text = () => (draft.html === undefined ? draft.text : wordsOf(draft.html));
  const field = (name) => ({ getAsync: asynchronous(`${name}.getAsync`, () => draft[name]) });
  const item = {
    from: field("from"),
    to: field("to"),
    cc: field("cc"),
    bcc: field("bcc"),
    subject: {
      getAsync: asynchronous("subject.getAsync", () => draft.subject),
      setAsync: asynchronous("subject.setAsync", (subject) => {
        assert.ok(subject.length <= 255);
        draft.subject = subject;
      }),
    },
    body: {
      getTypeAsync: asynchronous("body.getTypeAsync", () => (draft.html === undefined ? "text" : "html")),
      getAsync: asynchronous("body.getAsync", (kind) => {
        if (kind === "text") return text();
        assert.equal(kind, "html");
        assert.notEqual(draft.html, undefined);
        return draft.html;
      }),
      setAsync: asynchronous("body.setAsync", (body, { coercionType }) => {
        assert.ok(body.length <= 1_000_000, "a body of more than 1 MB");
        assert.equal(coercionType, draft.html === undefined ? "text" : "html");
        if (coercionType === "text") {
          draft.text = body;
          return;
        }
        draft.html = `<html><head><style>p {margin: 0}</style></head><body>${body}</body></html>`;
        // Pictures that the text no longer shows are gone.
        draft.attachments = draft.attachments.filter((one) => !one.isInline
          || body.includes(`cid:${one.contentId || one.name}`) || body.includes(`cid:${one.name}`));
      }),
    },
    getAttachmentsAsync: asynchronous("getAttachmentsAsync", () => draft.attachments.map((one) => {
      const { content, format, ...rest } = one;
      return { ...rest, id: idOf(one) };
    })),
    getAttachmentContentAsync: asynchronous("getAttachmentContentAsync", (id) => {
      const { content, format } = find(id);
      return { content, format: format ?? "base64" };
    }),
    addFileAttachmentFromBase64Async: asynchronous("addFileAttachmentFromBase64Async", (content, name, options) => {
      assert.ok(content.length <= 34_865_152);
      assert.match(content, /^[A-Za-z0-9+/]+={0,2}$/);
      assert.ok(name.length >= 1 && name.length <= 255);
      const isInline = options?.isInline === true;
      const size = Buffer.from(content, "base64").length;
      const one = { id: `addinId${draft.ids++}`, name, size, attachmentType: "file", isInline, content };
      draft.attachments.push(one);
      return idOf(one);
    }, { few: true }),
    removeAttachmentAsync: asynchronous("removeAttachmentAsync", (id) => {
      const one = find(id);
      if (one.isInline) throw new Error("pictures cannot be removed");
      draft.attachments = draft.attachments.filter((other) => other !== one);
    }, { few: true }),
    getItemClassAsync: asynchronous("getItemClassAsync", () => draft.itemClass ?? "IPM.Note"),
    internetHeaders: {
      getAsync: asynchronous("internetHeaders.getAsync", (names) =>
        Object.fromEntries(names.filter((name) => name in draft.headers).map((name) => [name, draft.headers[name]]))),
      setAsync: asynchronous("internetHeaders.setAsync", (headers) => {
        for (const [name, value] of Object.entries(headers)) {
          assert.match(name, /^x-/);
          assert.match(value, /^[ -~]{1,900}$/);
          draft.headers[name] = value;
        }
      }),
      removeAsync: asynchronous("internetHeaders.removeAsync", (names) => {
        for (const name of names) delete draft.headers[name];
      }),
    },
    sessionData: {
      getAllAsync: asynchronous("sessionData.getAllAsync", () => ({ ...session })),
      setAsync: asynchronous("sessionData.setAsync", (key, value) => {
        assert.equal(typeof value, "string");
        session[key] = value;
        assert.ok(JSON.stringify(session).length < 50_000);
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
  if (how.received) {
    Object.keys(item).forEach((name) => name !== "getAttachmentContentAsync" && delete item[name]);
    item.attachments = draft.attachments.map(({ content, format, ...one }) => one);
  }
  const roamingSettings = {
    get: (key) => {
      if (broken["roamingSettings.get"]) throw new Error("no settings");
      return settings[key];
    },
    set: (key, value) => {
      settings[key] = value;
    },
    remove: (key) => {
      delete settings[key];
    },
    saveAsync: asynchronous("roamingSettings.saveAsync", () => {
      assert.ok(JSON.stringify(settings).length < 32_000);
      for (const key of Object.keys(saved)) delete saved[key];
      Object.assign(saved, settings);
    }),
  };
  /** OfficeRuntime has promises where Office has callbacks. */
  const promised = (name, work) => (...given) => {
    if (broken[name] === "throw") throw new Error("no storage");
    if (broken[name] === "hang") return new Promise(() => {});
    if (broken[name] === "fail") return Promise.reject(new Error("no storage"));
    return Promise.resolve(work(...given));
  };
  const OfficeRuntime = {
    storage: {
      getItem: promised("storage.getItem", (key) => storage[key] ?? null),
      setItem: promised("storage.setItem", (key, value) => { storage[key] = value; }),
      removeItem: promised("storage.removeItem", (key) => { delete storage[key]; }),
    },
    auth: {
      getAccessToken: promised("auth.getAccessToken", (options) => {
        assert.deepEqual({ ...options }, { allowSignInPrompt: false, allowConsentPrompt: false });
        seen.calls.push("getAccessToken");
        return "header.claims.signature";
      }),
    },
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
      const asked = { ...this.asked, headers: this.headers, body: JSON.parse(body), at: clock.elapsed };
      const isReport = asked.url.endsWith("/v1/sent");
      (isReport ? seen.reports : seen.requests).push(asked);
      if (how.real) {
        const answered = how.real(asked).then(({ status, text }) => {
          clock.real.delete(answered);
          this.status = status;
          this.responseText = text;
          this.responseURL = asked.url;
          this.onload();
        });
        clock.real.add(answered);
        return;
      }
      const next = (isReport ? (how.sent ?? { body: { recorded: true } }) : service(asked)) ?? "error";
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
  if (how.runtime !== false) engine.OfficeRuntime = OfficeRuntime;
  if (how.clock !== false) {
    engine.setTimeout = (ring, ms) => clock.after(ms, ring);
    engine.clearTimeout = (id) => clock.stop(id);
  }
  if (how.shared) {
    begin(how)(engine, { now: () => clock.now });
  } else {
    bare(engine);
    vm.runInContext("Date.now = now", Object.assign(engine, { now: () => clock.now }));
    delete engine.now;
    vm.runInContext(sourceFor(how), engine, { filename: "events.js" });
    seen.script = engine;
  }
  loaded = true;
  // A function of the script that takes its time: its name, and how long.
  for (const [name, ms] of Object.entries(how.late ?? {})) {
    const work = engine[name];
    engine[name] = (...given) => new Promise((done) => clock.after(ms, () => done(work(...given))));
  }

  /** Options that Outlook would drop, cut or choke on. */
  function strict(options) {
    if (options === undefined) return;
    const known = [
      "allowEvent", "errorMessage", "errorMessageMarkdown", "cancelLabel", "sendModeOverride", "commandId",
      "contextData",
    ];
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
    if ("commandId" in options) {
      assert.ok(minor >= 14);
      assert.equal(options.commandId, "lastLookPane");
    }
    if ("contextData" in options) {
      assert.ok("commandId" in options, "contextData without commandId");
      assert.equal(typeof JSON.parse(options.contextData).finding, "string");
    }
    if ("cancelLabel" in options) assert.ok(minor >= 14 && options.cancelLabel.length <= 20);
    if ("sendModeOverride" in options) {
      assert.ok(minor >= 14);
      assert.equal(options.sendModeOverride, "promptUser");
    }
  }

  /** What is shown of a message that is opened. */
  function strictlyOpened({ allowEvent, emailBody, attachments, ...rest }) {
    assert.deepEqual(rest, {});
    if (!allowEvent) {
      assert.deepEqual([emailBody, attachments], [undefined, undefined]);
      return;
    }
    assert.ok(["text", "html"].includes(emailBody.coercionType) && emailBody.content);
    for (const one of attachments) {
      assert.deepEqual(Object.keys(one).sort(), ["attachmentType", "content", "isInline", "name"]);
    }
  }

  /** Fires the event and waits until nothing moves any more. */
  seen.fire = async function (handler = "onMessageSendHandler") {
    const unhandled = (problem) => seen.faults.push(problem);
    process.on("unhandledRejection", unhandled);
    clock.started = clock.now;
    const before = seen.completed.length;
    number = 0;
    seen.handlers[handler]({
      completed: (options) => {
        seen.completed.push(options);
        seen.took = clock.elapsed;
        try {
          // Made in the other realm: copied, so that the prototypes are this one's.
          (how.received ? strictlyOpened : strict)(options && JSON.parse(JSON.stringify(options)));
        } catch (fault) {
          seen.faults.push(fault);
        }
      },
    });
    await clock.run();
    process.removeListener("unhandledRejection", unhandled);
    assert.deepEqual(seen.faults, []);
    assert.equal(seen.completed.length - before, 1, "completed() exactly once");
    seen.count = number;
    return seen.completed[before];
  };
  seen.run = () => clock.run();
  seen.outage = () => http.push("error", "error");
  return seen;
}

const isSent = (options) => options.allowEvent === true;
const isHeld = (options) => options.allowEvent === false && options.sendModeOverride === undefined;
const isSoft = (options) => options.allowEvent === false && options.sendModeOverride === "promptUser";

module.exports = {
  CIPHERTEXT, DRAFT, NOTICE, SERVICE, SOURCE, answer, file, finding, isHeld, isSent, isSoft, outlook, person, picture,
  sealed, wordsOf,
};
