// @ts-check
/**
 * Outlook asks before Send. Collect, ask, say; the service has the opinions.
 *
 * Classic Outlook on Windows runs this file in a bare engine: no page, no modules, and of the
 * language what ES2016 had, less `async`, `await` and the conditional operator. Every other Outlook
 * loads it in events.html. Hence one plain file, complete addresses, and nothing of a browser.
 */
/* global Office, OfficeRuntime, XMLHttpRequest, setTimeout, clearTimeout */

const SERVICE = "@SERVICE@";
const VERSION = "@VERSION@";

/** What happens while the service is out of reach and was never heard: `manifest build` decides. */
const NEVER_HEARD = "@UNREACHABLE@";

/** What happens in an Outlook that nobody has introduced yet: `manifest build` decides. */
const UNPAIRED = "@UNPAIRED@";

/**
 * The application that Outlook signs people in for; "" where they bring a code instead.
 *
 * @type {string}
 */
const ENTRA = "@ENTRA@";

/** Outlook grumbles five seconds after the click on Send, and its own start is part of them. */
const COLLECT_MS = 1500;
const ANSWER_MS = 3400;
const MEMORY_MS = 300;
const ENTRA_MS = 1000;
const LAST_RESORT_MS = 4000;

/** One lost request is no reason to hold a mail. */
const TRIES = 2;

/** Outlook's limits: longer texts are dropped, or cut in the wrong place. */
const LONGEST_TEXT = 500;
const LONGEST_LABEL = 20;
const LONGEST_NOTICE = 150;

/** The service's limits: what is longer is cut, since a refused question holds the mail. */
const LIMITS = { text: 1000000, subject: 10000, name: 1000 };

const FIELDS = ["to", "cc", "bcc"];
const SEVERITIES = ["stop", "warn", "note"];
const VERDICTS = ["allow", "confirm", "block"];
const DIRECTIONS = ["hold", "send-with-notice"];

/** Doubts that "Send Anyway" may answer. The others ask for more than a click. */
const CLICKABLE = ["choose", "acknowledge"];

/** Characters that are not seen, or that turn the line around. */
const UNSEEN = new RegExp(
  "[\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E" +
    "\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB]",
  "g"
);

const WORDS = {
  notSent: "Your message has not been sent.",
  notAsItIs: "This message cannot go as it is.",
  lookAgain: "Please look again before this goes.",
  again:
    "It is still here, unchanged. Press Send again in a moment. If this comes back, tell your " +
    "helpdesk.",
  noSender: "Outlook does not say who this is sent from. Choose the From address again.",
  noRecipients:
    "Outlook shows no recipients to Last Look. Delete each name in To, Cc and Bcc and choose it " +
    "again from what Outlook suggests.",
  openTheList:
    "If it is a contact list, open it with the + beside it. Otherwise delete it and choose the " +
    "person again.",
  tooMany: "There are more recipients here than Outlook shows to Last Look. Send to fewer at once.",
  notSeen: "Outlook did not let Last Look see all of it.",
  mustBeSealed:
    "This message must be sealed, which Last Look cannot do in Outlook yet. Send it another " +
    "approved way.",
  notAllowed: "Your organisation does not let this be sent.",
  stranger: "This Outlook has not been introduced to Last Look yet, so nothing was looked at.",
  nonsense: "What Last Look answered was not understood. It may be another version.",
  unreachable: "Last Look cannot be reached.",
  refused: "Last Look could not look at this message:",
  unchecked: "This message has not been checked.",
  goesUnchecked: "Your organisation lets mail go in this case.",
};

/** Where things are kept: in the session of a draft and in the mailbox's settings. */
const MEMORY = "last-look";
const NOTICE = "last-look";
const TOKEN = "last-look-token";
const DRAFT_ID = "last-look-draft";

/** The same in the message itself, which a session may not reach. */
const DRAFT_HEADER = "x-last-look-draft";

/** @param {string} version of the set called Mailbox */
function supports(version) {
  try {
    return Office.context.requirements.isSetSupported("Mailbox", version) === true;
  } catch (unknown) {
    return false;
  }
}

/** What is being written. */
function message() {
  const item = Office.context.mailbox.item;
  if (!item) throw new Error("outlook");
  return item;
}

/** Outlook shows so many recipients of a field: where there are as many, some may be hidden. */
function mostRecipients() {
  if (supports("1.16")) return 1000;
  return 500;
}

/**
 * `owner.method(...given, callback)` as a promise. Whatever is not a success is a failure.
 *
 * @param {any} owner
 * @param {string} method
 * @param {any[]} [given]
 * @returns {Promise<any>}
 */
function call(owner, method, given) {
  return new Promise(function (resolve, reject) {
    const answered = function (/** @type {any} */ answer) {
      if (answer && answer.status === "succeeded") resolve(answer.value);
      else reject(new Error("outlook"));
    };
    owner[method].apply(owner, (given || []).concat([answered]));
  });
}

/** The bare engine is not known to have a clock; without one, the request's own deadline holds. */
const hasClock = typeof setTimeout === "function";

/**
 * @param {number} ms
 * @param {() => void} ring
 * @returns {() => void} stops it
 */
function after(ms, ring) {
  if (!hasClock) return function () {};
  const timer = setTimeout(ring, Math.max(0, ms));
  return function () {
    clearTimeout(timer);
  };
}

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
function within(ms, work) {
  return new Promise(function (resolve, reject) {
    const stop = after(ms, function () {
      reject(new Error("slow"));
    });
    work.then(stop, stop);
    work.then(resolve, reject);
  });
}

/**
 * Outlook must be answered exactly once, and in time, whatever happens.
 *
 * @param {any} event
 * @param {object | undefined} lastResort
 */
function answering(event, lastResort) {
  let open = true;
  const answer = function (/** @type {object | undefined} */ options) {
    if (!open) return;
    open = false;
    stop();
    event.completed(options);
  };
  const stop = after(LAST_RESORT_MS, function () {
    answer(lastResort);
  });
  return answer;
}

/**
 * As much as the service takes, and without halves of characters, which are not UTF-8.
 *
 * @param {any} text
 * @param {number} limit
 */
function fitting(text, limit) {
  const whole = /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g;
  return String(text || "").slice(0, limit).replace(whole, function (found) {
    if (found.length === 2) return found;
    return "\uFFFD";
  });
}

/** @param {any} person */
function mailbox(person) {
  const address = fitting(person.emailAddress, LIMITS.name).trim();
  return { address: address, name: fitting(person.displayName, LIMITS.name) };
}

/** @param {any} item @param {string} field */
function recipients(item, field) {
  return call(item[field], "getAsync").then(function (people) {
    return people.map(mailbox);
  });
}

/** @param {any} item */
function attachments(item) {
  return call(item, "getAttachmentsAsync").then(function (listed) {
    return listed.map(function (/** @type {any} */ one) {
      return {
        name: fitting(one.name, LIMITS.name),
        size: Math.max(0, Math.round(one.size) || 0),
        type: "application/octet-stream",
      };
    });
  });
}

/**
 * What stands in the compose window, as a Draft. All of it or nothing: a field that could not be
 * read is not an empty one.
 *
 * @param {boolean} withText
 */
function collect(withText) {
  const item = message();
  let text = Promise.resolve("");
  if (withText) text = call(item.body, "getAsync", ["text"]);
  const asked = [
    call(item.from, "getAsync"),
    call(item.subject, "getAsync"),
    attachments(item),
    text,
  ];
  FIELDS.forEach(function (field) {
    asked.push(recipients(item, field));
  });
  return Promise.all(asked).then(function (found) {
    if (!isText(found[3])) throw new Error("outlook");
    return {
      from: mailbox(found[0]),
      subject: fitting(found[1], LIMITS.subject),
      attachments: found[2],
      text: fitting(found[3], LIMITS.text),
      to: found[4],
      cc: found[5],
      bcc: found[6],
    };
  });
}

/** @param {any} draft @returns {{address: string, name: string}[]} */
function readers(draft) {
  return draft.to.concat(draft.cc, draft.bcc);
}

/**
 * What keeps us from seeing everybody who would read this; "" for nothing.
 *
 * @param {any} draft
 */
function obstacle(draft) {
  const all = readers(draft);
  if (draft.from.address === "") return WORDS.noSender;
  if (all.length === 0) return WORDS.noRecipients;
  const hidden = all.filter(function (reader) {
    return reader.address === "";
  });
  if (hidden.length > 0) {
    const name = shown(hidden[0].name).slice(0, 80);
    return `The address behind “${name}” cannot be seen. ${WORDS.openTheList}`;
  }
  const full = FIELDS.filter(function (field) {
    return draft[field].length >= mostRecipients();
  });
  if (full.length > 0) return WORDS.tooMany;
  return "";
}

/** 32 hexadecimal digits. They need not be secret: the service looks for them under one client. */
function newDraftId() {
  let id = "";
  while (id.length < 32) id += Math.floor(Math.random() * 16).toString(16);
  return id;
}

/** @param {any} kept @param {string} key */
function draftIdIn(kept, key) {
  const id = isThing(kept) && kept[key];
  if (isText(id) && /^[0-9a-f]{32}$/.test(id)) return id;
  return "";
}

/** @param {() => Promise<any>} work what it comes to, null where that is nothing within the time */
function attempted(work) {
  return within(MEMORY_MS, Promise.resolve().then(work)).catch(function () {
    return null;
  });
}

/**
 * The same for the pane and for Send, whichever comes first: under it the service finds what was
 * answered. The two are different programs, and of what one keeps in the session the other may see
 * nothing; the message's own header both can read.
 *
 * @returns {Promise<string>}
 */
function draftId() {
  const read = [
    attempted(function () {
      return call(message().internetHeaders, "getAsync", [[DRAFT_HEADER]]);
    }),
    attempted(function () {
      return call(message().sessionData, "getAllAsync");
    }),
  ];
  return Promise.all(read).then(function (found) {
    const known = draftIdIn(found[0], DRAFT_HEADER) || draftIdIn(found[1], DRAFT_ID);
    if (known) return known;
    const id = newDraftId();
    /** @type {Record<string, string>} */
    const header = {};
    header[DRAFT_HEADER] = id;
    const written = [
      attempted(function () {
        return call(message().internetHeaders, "setAsync", [header]);
      }),
      attempted(function () {
        return call(message().sessionData, "setAsync", [DRAFT_ID, id]);
      }),
    ];
    return Promise.all(written).then(function () {
      return id;
    });
  });
}

/** What Outlook keeps for all of the add-in's programs on this computer; null where it does not. */
function localStore() {
  if (typeof OfficeRuntime === "undefined") return null;
  return OfficeRuntime.storage || null;
}

/** @param {any} value @returns {string | null} */
function tokenOrNull(value) {
  if (isText(value) && value !== "") return value;
  return null;
}

/** @returns {string | null} */
function roamingToken() {
  return tokenOrNull(Office.context.roamingSettings.get(TOKEN));
}

/** @returns {Promise<string | null>} */
function storedToken() {
  const local = localStore();
  if (!local) return Promise.resolve().then(roamingToken);
  return attempted(function () {
    return local.getItem(TOKEN);
  }).then(function (kept) {
    return tokenOrNull(kept) || roamingToken();
  });
}

/**
 * Who we are to the service; null while nobody has introduced this Outlook to it. The one place
 * that knows where a token comes from.
 *
 * @returns {Promise<string | null>}
 */
function token() {
  if (ENTRA === "") return storedToken();
  const options = { allowSignInPrompt: false, allowConsentPrompt: false };
  return Promise.resolve()
    .then(function () {
      return within(ENTRA_MS, OfficeRuntime.auth.getAccessToken(options));
    })
    .then(tokenOrNull)
    .catch(function () {
      return null;
    })
    .then(function (issued) {
      return issued || storedToken();
    });
}

/**
 * Keeps what the service gave this Outlook, or forgets it (null). Rejects where no place took it.
 *
 * @param {string | null} kept
 */
function keepToken(kept) {
  const local = localStore();
  const places = [
    Promise.resolve().then(function () {
      const settings = Office.context.roamingSettings;
      if (kept === null) settings.remove(TOKEN);
      else settings.set(TOKEN, kept);
      return call(settings, "saveAsync");
    }),
  ];
  if (local) {
    places.push(
      Promise.resolve().then(function () {
        if (kept === null) return local.removeItem(TOKEN);
        return local.setItem(TOKEN, kept);
      })
    );
  }
  const taken = places.map(function (place) {
    return place.then(
      function () {
        return true;
      },
      function () {
        return false;
      }
    );
  });
  return Promise.all(taken).then(function (done) {
    // Kept in one place is kept; forgotten is only what no place has any more.
    let enough = done.indexOf(true) >= 0;
    if (kept === null) enough = done.indexOf(false) < 0;
    if (!enough) throw new Error("outlook");
  });
}

/** @param {string} reason @param {any} [told] what the service said */
function silence(reason, told) {
  const problem = /** @type {any} */ (new Error(reason));
  problem.told = told || null;
  return problem;
}

/**
 * @param {string} path
 * @param {object} question
 * @param {string} bearer
 * @param {number} ms
 * @returns {Promise<{status: number, body: any}>}
 */
function post(path, question, bearer, ms) {
  return new Promise(function (resolve, reject) {
    const request = new XMLHttpRequest();
    const lost = function () {
      reject(silence("unreachable"));
    };
    request.open("POST", SERVICE + path, true);
    request.timeout = ms;
    request.onerror = lost;
    request.ontimeout = lost;
    request.onabort = lost;
    request.onload = function () {
      const from = request.responseURL;
      if (from && from.indexOf(`${SERVICE}/`) !== 0) {
        reject(silence("nonsense"));
        return;
      }
      let body = null;
      try {
        body = JSON.parse(request.responseText);
      } catch (garbled) {
        body = null;
      }
      resolve({ status: request.status, body: body });
    };
    request.setRequestHeader("Content-Type", "application/json");
    request.setRequestHeader("Authorization", `Bearer ${bearer}`);
    request.send(JSON.stringify(question));
  });
}

/** @param {number} status */
function isPassing(status) {
  return status === 0 || status === 502 || status === 503 || status === 504;
}

/**
 * Asks again where the first question was lost. Each try gets its share of the time that is left.
 *
 * @param {string} path
 * @param {object} question
 * @param {string} bearer
 * @param {number} until
 * @param {number} tries
 * @returns {Promise<any>}
 */
function persist(path, question, bearer, until, tries) {
  const ms = Math.floor((until - Date.now()) / tries);
  if (ms <= 0) return Promise.reject(silence("unreachable"));
  const asked = within(ms, post(path, question, bearer, ms)).then(function (answer) {
    if (isPassing(answer.status)) throw silence("unreachable");
    return answer;
  });
  if (tries === 1) return asked;
  return asked.catch(function (problem) {
    if (problem.message === "nonsense") throw problem;
    return persist(path, question, bearer, until, tries - 1);
  });
}

/** @param {any} value */
function isText(value) {
  return typeof value === "string";
}

/** @param {any} value */
function isThing(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {any} finding */
function isFinding(finding) {
  return (
    isThing(finding) &&
    isText(finding.code) &&
    isText(finding.message) &&
    isText(finding.advice) &&
    SEVERITIES.indexOf(finding.severity) >= 0 &&
    (finding.about === null || (isThing(finding.about) && isText(finding.about.address))) &&
    (finding.ask === null || isText(finding.ask))
  );
}

/**
 * The answer of `/v1/check`, or nonsense. Strict on purpose: a verdict that is half understood must
 * end with the organisation's policy, not with a guess.
 *
 * @param {any} body
 */
function readAnswer(body) {
  const sound =
    isThing(body) &&
    (body.reference === null || isText(body.reference)) &&
    VERDICTS.indexOf(body.verdict) >= 0 &&
    Array.isArray(body.findings) &&
    body.findings.every(isFinding) &&
    isThing(body.encryption) &&
    typeof body.encryption.required === "boolean" &&
    DIRECTIONS.indexOf(body.unreachable) >= 0;
  if (!sound) throw silence("nonsense");
  if (body.verdict === "confirm" && !body.findings.some(isOpen)) throw silence("nonsense");
  return body;
}

/** @param {any} finding */
function isOpen(finding) {
  return finding.ask !== null;
}

/** @param {any} answer @returns {any} */
function understood(answer) {
  if (answer.status === 200) return readAnswer(answer.body);
  if (answer.status === 401) throw silence("stranger");
  const error = isThing(answer.body) && answer.body.error;
  if (isThing(error) && isText(error.message) && isText(error.hint)) {
    throw silence("refused", error);
  }
  throw silence("nonsense");
}

/** Which Outlook this is, where it says so. */
function client() {
  let version = "";
  try {
    version = fitting(Office.context.mailbox.diagnostics.hostVersion, 100);
  } catch (unknown) {
    version = "";
  }
  return { name: "outlook", version: `${version} (${VERSION})` };
}

/** @param {"send" | "typing"} purpose @param {any} draft @param {number} until */
function ask(purpose, draft, until) {
  const question = { purpose: purpose, draft: draft, answers: [], client: client() };
  return within(until - Date.now(), token())
    .then(function (bearer) {
      if (!bearer) throw silence("stranger");
      return persist("/v1/check", question, bearer, until, TRIES);
    })
    .then(understood);
}

/**
 * What the service said last: for this draft in its session, for the next one in the mailbox's own
 * settings. No word and no address is kept. Failing to remember never harms a send.
 *
 * @param {any} answer
 */
function remember(answer) {
  const heard = { unreachable: answer.unreachable, sealing: answer.encryption.required };
  const kept = [];
  try {
    const session = message().sessionData;
    kept.push(call(session, "setAsync", [MEMORY, JSON.stringify(heard)]));
    const settings = Office.context.roamingSettings;
    if (settings.get(MEMORY) !== heard.unreachable) {
      settings.set(MEMORY, heard.unreachable);
      kept.push(call(settings, "saveAsync"));
    }
  } catch (unknown) {
    // What could be kept is kept.
  }
  return within(MEMORY_MS, Promise.all(kept)).catch(function () {});
}

/**
 * What to do without an answer. Rejects where the session cannot be read: then nobody knows whether
 * this draft needs sealing.
 *
 * @returns {Promise<{unreachable: string, sealing: boolean}>}
 */
function recall() {
  const session = call(message().sessionData, "getAllAsync");
  return within(MEMORY_MS, session).then(function (kept) {
    if (isThing(kept) && kept[MEMORY] !== undefined) {
      const heard = JSON.parse(kept[MEMORY]);
      if (DIRECTIONS.indexOf(heard.unreachable) < 0) throw silence("nonsense");
      return { unreachable: heard.unreachable, sealing: heard.sealing !== false };
    }
    const last = Office.context.roamingSettings.get(MEMORY);
    if (DIRECTIONS.indexOf(last) >= 0) return { unreachable: last, sealing: false };
    return { unreachable: NEVER_HEARD, sealing: false };
  });
}

/**
 * A text may carry characters that are not seen or that turn the line around; the sender must see
 * that they are there.
 *
 * @param {any} text
 */
function shown(text) {
  const line = fitting(text, LIMITS.subject).replace(/\s*\n\s*/g, " ");
  return line.replace(UNSEEN, function (found) {
    const code = found.charCodeAt(0).toString(16).toUpperCase();
    return `‹U+${"0000".slice(code.length)}${code}›`;
  });
}

/** @param {string} text @param {number} limit */
function cut(text, limit) {
  if (text.length <= limit) return text;
  return `${fitting(text, limit - 2).replace(/\uFFFD$/, "")} …`;
}

/**
 * As many points as there is room for, gravest first, and how many more there are.
 *
 * @param {string} head
 * @param {string[]} points
 * @param {string} tail
 * @param {(points: string[]) => string} list
 */
function fitted(head, points, tail, list) {
  for (let count = points.length; count > 0; count -= 1) {
    const some = points.slice(0, count);
    if (count < points.length) some.push(`and ${points.length - count} more`);
    const text = [head, list(some), tail].join("\n\n");
    if (text.length <= LONGEST_TEXT) return text;
  }
  const room = LONGEST_TEXT - head.length - tail.length - 40;
  const some = points.slice(0, 1).map(function (point) {
    return cut(point, room);
  });
  if (points.length > 1) some.push(`and ${points.length - 1} more`);
  return [head, list(some), tail].join("\n\n");
}

/** @param {string[]} points */
function plainList(points) {
  return points
    .map(function (point) {
      return `• ${point}`;
    })
    .join("\n");
}

/** @param {string[]} points */
function markdownList(points) {
  return points
    .map(function (point) {
      return `- ${point}\r`;
    })
    .join("");
}

/**
 * The mail stays. `soft` offers Outlook's own "Send Anyway", where this Outlook knows it.
 *
 * @param {string} head
 * @param {string[]} points
 * @param {string} tail
 * @param {boolean} soft
 */
function held(head, points, tail, soft) {
  /** @type {any} */
  const options = { allowEvent: false, errorMessage: fitted(head, points, tail, plainList) };
  // What a name or an address would turn into as Markdown nobody can say: then it stays plain.
  if (supports("1.15") && !/[\\`*_[\]<>#~|]/.test(head + points.join("") + tail)) {
    options.errorMessageMarkdown = fitted(`**${head}**`, points, tail, markdownList);
  }
  if (supports("1.14")) {
    options.cancelLabel = "Back to the message".slice(0, LONGEST_LABEL);
    const modes = Office.MailboxEnums && Office.MailboxEnums.SendModeOverride;
    if (soft && modes) options.sendModeOverride = modes.PromptUser;
  }
  return options;
}

function notSeen() {
  return held(WORDS.notSent, [WORDS.notSeen], WORDS.again, false);
}

/**
 * A finding in one line. Here no address stands beside it, so it is said which one is meant.
 *
 * @param {any} finding
 */
function point(finding) {
  const text = `${finding.message} ${finding.advice}`.trim();
  const address = (finding.about && finding.about.address) || "";
  if (address === "" || text.indexOf(address) >= 0) return shown(text);
  return shown(`${address}: ${text}`);
}

/** @param {any} answer @returns {string[]} */
function points(answer) {
  const told = answer.findings.filter(function (/** @type {any} */ finding) {
    return isOpen(finding) || finding.severity === "stop";
  });
  /** @type {string[]} */
  let sorted = [];
  SEVERITIES.forEach(function (severity) {
    const some = told.filter(function (/** @type {any} */ finding) {
      return finding.severity === severity;
    });
    sorted = sorted.concat(some.map(point));
  });
  return sorted;
}

/**
 * The answer, in Outlook's words. Softened only where nothing needs sealing and a click is enough:
 * "Send Anyway" sends the message as it stands, and nobody looks again.
 *
 * @param {any} answer
 */
function verdict(answer) {
  let quote = "Your helpdesk can tell you more.";
  if (answer.reference) {
    quote = `Reference for your helpdesk: ${shown(answer.reference).slice(0, 40)}`;
  }
  const sealing = answer.encryption.required;
  if (answer.verdict === "allow" && !sealing) return { allowEvent: true };
  const listed = points(answer);
  if (sealing) listed.push(WORDS.mustBeSealed);
  if (listed.length === 0) listed.push(WORDS.notAllowed);
  if (answer.verdict !== "confirm") return held(WORDS.notAsItIs, listed, quote, false);
  const clickable = answer.findings.filter(isOpen).every(function (/** @type {any} */ finding) {
    return CLICKABLE.indexOf(finding.ask) >= 0;
  });
  return held(WORDS.lookAgain, listed, quote, clickable && !sealing);
}

/** @param {any} problem @returns {string} */
function reason(problem) {
  if (problem.message === "stranger") return WORDS.stranger;
  if (problem.message === "nonsense") return WORDS.nonsense;
  if (problem.message !== "refused") return WORDS.unreachable;
  return shown(`${WORDS.refused} ${problem.told.message} ${problem.told.hint}`);
}

/**
 * No answer, for whatever reason: the organisation has said beforehand what happens then.
 *
 * @param {any} problem
 */
function unanswered(problem) {
  return recall().then(function (last) {
    const why = reason(problem);
    if (last.unreachable === "send-with-notice" && !last.sealing) {
      if (!supports("1.14")) return { allowEvent: true };
      return held(WORDS.unchecked, [why], WORDS.goesUnchecked, true);
    }
    return held(WORDS.notSent, [why], WORDS.again, false);
  });
}

/** @param {any} draft @param {number} until */
function look(draft, until) {
  return ask("send", draft, until).then(
    function (answer) {
      const said = verdict(answer);
      return remember(answer).then(function () {
        return said;
      });
    },
    unanswered
  );
}

/** @param {any} event */
function onMessageSendHandler(event) {
  const started = Date.now();
  const answer = answering(event, notSeen());
  Promise.resolve()
    .then(function () {
      return within(COLLECT_MS, collect(true));
    })
    .then(function (draft) {
      const why = obstacle(draft);
      if (why) return held(WORDS.notSent, [why], "Then press Send again.", false);
      return look(draft, started + ANSWER_MS);
    })
    .catch(notSeen)
    .then(answer);
}

/** @param {any} answer */
function notify(answer) {
  const messages = message().notificationMessages;
  const open = points(answer);
  if (open.length === 0) return call(messages, "removeAsync", [NOTICE]);
  const notice = {
    type: "informationalMessage",
    message: cut(open[0], LONGEST_NOTICE),
    icon: "Icon.16",
    persistent: false,
  };
  return call(messages, "replaceAsync", [NOTICE, notice]);
}

/**
 * Early help while writing: names only, no text, and nothing is held. Whatever fails, fails
 * quietly; what counts is said at Send.
 *
 * @param {any} event
 */
function whileTyping(event) {
  const started = Date.now();
  const answer = answering(event, undefined);
  const done = function () {
    answer(undefined);
  };
  token()
    .then(function (bearer) {
      if (!bearer) throw silence("stranger");
      return within(COLLECT_MS, collect(false));
    })
    .then(function (draft) {
      if (obstacle(draft)) throw silence("incomplete");
      return ask("typing", draft, started + ANSWER_MS);
    })
    .then(function (said) {
      return Promise.all([remember(said), within(MEMORY_MS, notify(said))]);
    })
    .then(done, done);
}

// Classic Outlook finds the handlers by these lines alone, and calls nothing they might wait in.
Office.actions.associate("onNewMessageComposeHandler", whileTyping);
Office.actions.associate("onMessageRecipientsChangedHandler", whileTyping);
Office.actions.associate("onMessageAttachmentsChangedHandler", whileTyping);
Office.actions.associate("onMessageSendHandler", onMessageSendHandler);
