// @ts-check
/**
 * The add-in's side of the conversation with the Last Look service.
 *
 * Nothing here knows which mail program it runs in, and nothing here has an opinion about mail:
 * it proves who is listening, asks, and checks that the answer has the shape it should have.
 */

import { language } from "./texts.js";

/**
 * @typedef {{address: string, name: string}} Recipient
 * @typedef {{name: string, size: number, type: string}} Attachment
 * @typedef {object} Draft
 * @property {Recipient} from
 * @property {Recipient[]} to
 * @property {Recipient[]} cc
 * @property {Recipient[]} bcc
 * @property {string} subject
 * @property {string} text
 * @property {Attachment[]} attachments
 * @property {{wrote: string[], took_part: string[]}} [thread]
 *
 * @typedef {{finding: string, choice: string, value: string | null}} Answer
 *
 * @typedef {object} Finding
 * @property {string} id
 * @property {string} code
 * @property {"note" | "warn" | "stop"} severity
 * @property {{field: string, address: string} | null} about
 * @property {string} message
 * @property {string} advice
 * @property {string | null} ask
 * @property {Recipient | null} suggestion
 * @property {Record<string, unknown>} facts
 *
 * @typedef {object} Reader somebody who could read the sealed mail
 * @property {string} address
 * @property {string} name
 * @property {string} organisation
 * @property {boolean} outside
 * @property {string} state of the key: `verified`, `tofu`, or what is in the way
 * @property {boolean} sender this is the sender's own
 * @property {boolean} [archive] the organisation's, by policy
 *
 * @typedef {"hold" | "send-with-notice"} Unreachable
 *
 * @typedef {"mime" | "zip" | "smime"} Chosen how the sender wants it sealed; `mime` with keys
 * @typedef {Chosen | "inline"} Shape what the service makes of it
 * @typedef {{name: string, type: string, base64: string}} Enclosed a file in place of the message
 *
 * @typedef {object} Sealed what leaves in the place of the draft
 * @property {string} subject
 * @property {string} content the whole entity, or the text
 * @property {Enclosed} [file] a protected ZIP
 * @property {string} [passphrase] of that ZIP: shown to the sender, and kept nowhere
 *
 * @typedef {object} Review
 * @property {string} reference "" where nobody has pressed Send: there is nothing to quote
 * @property {string | null} review
 * @property {"allow" | "confirm" | "block"} verdict
 * @property {Finding[]} findings
 * @property {{required: boolean, possible: boolean, because?: string[], readers?: Reader[] | null}}
 *   encryption `because`: what demands it; `sender` where nothing else does
 * @property {string} policy
 * @property {Unreachable} unreachable
 * @property {number} undo seconds in which a send that may go can still be taken back
 *
 * @typedef {object} About
 * @property {string} version of the service
 * @property {"desk" | "department"} kind
 * @property {string} policy its version
 * @property {boolean} sealing whether it has what it needs to seal
 *
 * @typedef {object} Headers of a mail that was sent
 * @property {string} message its Message-ID
 * @property {string} date ISO 8601
 * @property {string} from `Name <address>`
 * @property {string[]} to
 * @property {string[]} cc
 * @property {string[]} bcc
 * @property {string} subject
 *
 * @typedef {"not-paired" | "unreachable" | "slow" | "nonsense" | "impostor" | "refused"} Reason
 */

/** From the question to the answer, proof included: a person is waiting with a finger on Send. */
export const DEADLINE_MS = 1500;

/** Sealing takes as long as its files are large; the sender waits with the window held. */
export const SEAL_MS = 20_000;

/** No honest answer is larger. Whoever holds the port must not be able to fill our memory. */
const ANSWER_LIMIT_BYTES = 2_000_000;

const VERDICTS = ["allow", "confirm", "block"];
const SEVERITIES = ["note", "warn", "stop"];
const DIRECTIONS = ["hold", "send-with-notice"];

/** There is no answer to act on. `reason` says why; the organisation's policy says what follows. */
export class Unavailable extends Error {
  /**
   * @param {Reason} reason
   * @param {{message?: string, hint?: string, code?: string, status?: number}} [told] what the
   *   proven service said
   */
  constructor(reason, told = {}) {
    super(told.message ?? reason);
    this.name = "Unavailable";
    this.reason = reason;
    this.told = told;
  }
}

/**
 * @param {string} service
 * @param {string} path
 */
function address(service, path) {
  return new URL(path, service.endsWith("/") ? service : `${service}/`);
}

/**
 * @param {Response} response
 * @param {number} limit
 * @returns {Promise<string>}
 */
async function textOf(response, limit) {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > limit) {
      await reader.cancel();
      throw new Unavailable("nonsense");
    }
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * One question, one JSON answer. Redirects are refused: a token follows nobody elsewhere.
 *
 * @param {URL} url
 * @param {object | null} question JSON, or a form with files; null where the address says it all
 * @param {AbortSignal} deadline
 * @param {string | null} token
 * @param {number} [limit] bytes of an answer
 * @returns {Promise<{status: number, body: any}>}
 */
async function ask(url, question, deadline, token, limit = ANSWER_LIMIT_BYTES) {
  const isForm = question instanceof FormData;
  /** @type {Record<string, string>} */
  const headers = { "Accept-Language": language() };
  if (question && !isForm) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(url, {
      method: question ? "POST" : "GET",
      headers,
      body: isForm ? question : question && JSON.stringify(question),
      signal: deadline,
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
  } catch {
    // Refused, redirected or cut off: a browser never says which.
    throw new Unavailable(deadline.aborted ? "slow" : "unreachable");
  }
  try {
    return { status: response.status, body: JSON.parse((await textOf(response, limit)) || "null") };
  } catch {
    throw new Unavailable(deadline.aborted ? "slow" : "nonsense");
  }
}

/**
 * @param {number} status
 * @param {any} body
 * @returns {Unavailable}
 */
function refusal(status, body) {
  const error = body?.error;
  if (status >= 400 && isText(error?.code) && isText(error?.message)) {
    const hint = isText(error.hint) ? error.hint : "";
    return new Unavailable("refused", { code: error.code, message: error.message, hint, status });
  }
  return new Unavailable("nonsense");
}

/** @param {unknown} value @returns {value is string} */
const isText = (value) => typeof value === "string";

/** @param {unknown} value */
const isSeconds = (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 60;

/** @param {any} value @returns {boolean} */
const isThing = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {any} reader @returns {reader is Reader} */
function isReader(reader) {
  return (
    isThing(reader) &&
    [reader.address, reader.name, reader.organisation, reader.state].every(isText) &&
    [reader.outside, reader.sender, reader.archive ?? false].every(
      (value) => typeof value === "boolean",
    )
  );
}

/** @param {any} finding @returns {finding is Finding} */
function isFinding(finding) {
  return (
    isThing(finding) &&
    [finding.id, finding.code, finding.message, finding.advice].every(isText) &&
    SEVERITIES.includes(finding.severity) &&
    (finding.ask === null || isText(finding.ask)) &&
    (finding.about === null || (isText(finding.about?.field) && isText(finding.about?.address))) &&
    (finding.suggestion === null ||
      (isText(finding.suggestion?.address) && isText(finding.suggestion?.name))) &&
    isThing(finding.facts)
  );
}

/**
 * The answer of `/v1/check`, or nonsense. Strict on purpose: a verdict that we half understand
 * must end with the organisation's policy, not with a guess.
 *
 * @param {any} body
 * @returns {Review}
 */
export function readReview(body) {
  const sound =
    isThing(body) &&
    (body.reference === null || isText(body.reference)) &&
    (body.review === null || body.review === undefined || isText(body.review)) &&
    VERDICTS.includes(body.verdict) &&
    Array.isArray(body.findings) &&
    body.findings.every(isFinding) &&
    isThing(body.encryption) &&
    typeof body.encryption.required === "boolean" &&
    typeof body.encryption.possible === "boolean" &&
    (body.encryption.readers ?? []).every?.(isReader) === true &&
    isText(body.policy) &&
    DIRECTIONS.includes(body.unreachable) &&
    isSeconds(body.undo ?? 0);
  if (!sound) throw new Unavailable("nonsense");
  const open = body.findings.some((/** @type {Finding} */ finding) => finding.ask !== null);
  if (body.verdict === "confirm" && !open) throw new Unavailable("nonsense");
  const { reference, review, undo } = body;
  return { ...body, reference: reference ?? "", review: review ?? null, undo: undo ?? 0 };
}

/** How each of them begins. @type {Record<Exclude<Shape, "zip">, RegExp>} */
const BEGINNINGS = {
  mime: /^content-type:\s*multipart\/encrypted[\s;]/i,
  smime: /^content-type:\s*application\/pkcs7-mime;\s*smime-type=enveloped-data[\s;]/i,
  inline: /^-----BEGIN PGP MESSAGE/,
};

const NOT_PRINTABLE = /[^\t\r\n -~]/;
const PASSPHRASE = /^[a-z]+(-[a-z]+){4,}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const FILE_NAME = /^[a-z][a-z.-]*\.zip$/;

/**
 * Whether a ZIP begins with a file that is encrypted with AES: flag 1, method 99 (WinZip's).
 *
 * @param {string} base64
 */
function isLocked(base64) {
  if (!BASE64.test(base64)) return false;
  const byte = [...atob(base64.slice(0, 16))].map((letter) => letter.charCodeAt(0));
  const begins = [0x50, 0x4b, 3, 4].every((value, place) => byte[place] === value);
  return begins && (byte[6] & 1) === 1 && byte[8] === 99 && byte[9] === 0;
}

/**
 * What will leave in the place of the draft: nothing but a sealed message, and nothing but ASCII.
 *
 * @param {any} body the answer of `/v1/seal`
 * @param {Shape} shape
 * @returns {Sealed}
 */
function readSealed(body, shape) {
  const content = shape === "mime" || shape === "smime" ? body?.entity : body?.text;
  const subject = body?.outer?.subject;
  if (!isText(subject) || !isText(content) || NOT_PRINTABLE.test(content)) {
    throw new Unavailable("nonsense");
  }
  if (shape !== "zip") {
    if (!BEGINNINGS[shape].test(content)) throw new Unavailable("nonsense");
    return { subject, content };
  }
  const { passphrase, attachments } = body;
  const [file] = Array.isArray(attachments) && attachments.length === 1 ? attachments : [];
  const sound =
    isText(passphrase) &&
    PASSPHRASE.test(passphrase) &&
    [file?.name, file?.base64].every(isText) &&
    file.type === "application/zip" &&
    FILE_NAME.test(file.name) &&
    isLocked(file.base64) &&
    !content.includes(passphrase);
  if (!sound) throw new Unavailable("nonsense");
  const { name, type, base64 } = file;
  return { subject, content, file: { name, type, base64 }, passphrase };
}

/** @param {ArrayBuffer | Uint8Array} bytes */
function hex(bytes) {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * What only someone who holds this token can answer to this nonce.
 *
 * @param {string} token
 * @param {string} client
 * @param {string} nonce
 */
async function expectedProof(token, client, nonce) {
  const utf8 = new TextEncoder();
  const secret = await crypto.subtle.digest("SHA-256", utf8.encode(token));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const message = utf8.encode(`addin-service hello v1\n${client}\n${nonce}`);
  return hex(await crypto.subtle.sign("HMAC", key, message));
}

/** @param {number} [ms] */
export function deadlineIn(ms = DEADLINE_MS) {
  return AbortSignal.timeout(ms);
}

/**
 * @template T
 * @param {Promise<T>} work
 * @param {AbortSignal} deadline
 * @returns {Promise<T>}
 */
export function within(work, deadline) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Unavailable("slow"));
    if (deadline.aborted) late();
    deadline.addEventListener("abort", late, { once: true });
    work.then(resolve, reject);
  });
}

export class Client {
  /**
   * @param {{service: string, token: string, name: string, version: string}} settings
   */
  constructor({ service, token, name, version }) {
    this.service = service;
    this.token = token;
    this.about = { name, version };
  }

  /**
   * Who holds the port? Another program may have taken it since the last mail, without anything
   * failing in between, so this is asked before every draft, while the draft is being collected.
   *
   * @param {AbortSignal} deadline
   */
  async prove(deadline) {
    const client = this.token.split(".", 1)[0];
    const nonce = hex(crypto.getRandomValues(new Uint8Array(32)));
    const url = address(this.service, "v1/hello");
    const { status, body } = await ask(url, { client, nonce }, deadline, null);
    // Nobody is proven yet, so not a word of what was answered is shown to anyone.
    if (status !== 200 || !isText(body?.proof)) throw new Unavailable("impostor");
    if (body.proof.toLowerCase() !== (await expectedProof(this.token, client, nonce))) {
      throw new Unavailable("impostor");
    }
  }

  /**
   * Only after `prove`.
   *
   * @param {object} question
   * @param {"send" | "typing"} question.purpose
   * @param {Draft} question.draft
   * @param {string | null} question.review
   * @param {Answer[]} question.answers
   * @param {Chosen} [question.shape] other than with keys: it is sealed whatever stands in it
   * @param {boolean} [question.seal] the sender wants it sealed, even where nothing demands it
   * @param {string} [question.carry] of this draft, under which another part of the add-in finds
   *   what was answered here
   * @param {AbortSignal} deadline
   * @returns {Promise<Review>}
   */
  async check({ purpose, draft, review, answers, shape = "mime", seal, carry }, deadline) {
    const question = {
      purpose,
      draft,
      answers,
      client: this.about,
      ...(review && { review }),
      ...(shape !== "mime" && { shape }),
      ...((seal || shape !== "mime") && { seal: true }),
      ...(carry && { carry }),
    };
    const url = address(this.service, "v1/check");
    const { status, body } = await ask(url, question, deadline, this.token);
    if (status !== 200) throw refusal(status, body);
    return readReview(body);
  }

  /**
   * Only after `prove`: a cleared draft to what only its readers can open.
   *
   * @param {object} question
   * @param {Draft & {html?: string}} question.draft exactly as it was cleared
   * @param {File[]} question.files its attachments, in its order
   * @param {string} question.review
   * @param {Shape} question.shape
   * @param {string} question.reader `visible`, or one Bcc address
   * @param {AbortSignal} deadline
   * @returns {Promise<Sealed>}
   */
  async seal({ draft, files, review, shape, reader }, deadline) {
    const request = JSON.stringify({ draft, review, shape, for: reader });
    const form = new FormData();
    form.append("request", new Blob([request], { type: "application/json" }), "request.json");
    for (const file of files) form.append("attachment", file, "attachment");
    const carried = files.reduce((sum, { size }) => sum + size, request.length);
    const limit = ANSWER_LIMIT_BYTES + 4 * carried;
    const url = address(this.service, "v1/seal");
    const { status, body } = await ask(url, form, deadline, this.token, limit);
    if (status !== 200) throw refusal(status, body);
    return readSealed(body, shape);
  }

  /**
   * Only after `prove`: a ready mail that asks somebody for their key. It is not sent.
   *
   * @param {{address: string, from: Recipient}} question
   * @param {AbortSignal} deadline
   * @returns {Promise<{subject: string, text: string}>}
   */
  async askForKey(question, deadline) {
    const url = address(this.service, "v1/keys/ask");
    const { status, body } = await ask(url, question, deadline, this.token);
    if (status !== 200) throw refusal(status, body);
    if (!isText(body?.subject) || !isText(body?.text)) throw new Unavailable("nonsense");
    return { subject: body.subject, text: body.text };
  }

  /**
   * Only after `prove`: the helpdesk is asked to allow an address. Asking twice is asking once.
   *
   * @param {{address: string, from: string, reason: string}} question
   * @param {AbortSignal} deadline
   */
  async askToAllow(question, deadline) {
    const url = address(this.service, "v1/requests");
    const { status, body } = await ask(url, question, deadline, this.token);
    if (status !== 200) throw refusal(status, body);
  }

  /**
   * Only after `prove`: what the service is.
   *
   * @param {AbortSignal} deadline
   * @returns {Promise<About>}
   */
  async readAbout(deadline) {
    const { status, body } = await ask(address(this.service, "v1/about"), null, deadline, this.token);
    if (status !== 200) throw refusal(status, body);
    const { version, kind, policy, sealing } = body ?? {};
    const sound = [version, policy].every(isText) && ["desk", "department"].includes(kind);
    if (!sound || typeof sealing !== "boolean") throw new Unavailable("nonsense");
    return { version, kind, policy, sealing };
  }

  /**
   * Only after `prove`: the token is good for nothing from now on.
   *
   * @param {AbortSignal} deadline
   */
  async leave(deadline) {
    const [client] = this.token.split(".", 1);
    const url = address(this.service, "v1/unpair");
    const { status, body } = await ask(url, { client }, deadline, this.token);
    if (status !== 200) throw refusal(status, body);
  }

  /**
   * Only after `prove`: what the user lets the service learn from.
   *
   * @param {string} path `history`, with headers, or `book`, with addresses
   * @param {object} question
   * @param {AbortSignal} deadline
   * @returns {Promise<Record<string, number>>} what became of it
   */
  async learn(path, question, deadline) {
    const url = address(this.service, `v1/${path}`);
    const { status, body } = await ask(url, question, deadline, this.token);
    if (status !== 200) throw refusal(status, body);
    if (!isThing(body) || !Object.values(body).every(Number.isInteger)) {
      throw new Unavailable("nonsense");
    }
    return body;
  }

  /**
   * Only after `prove`. Without `review`: a mail that nobody looked at.
   *
   * @param {object} report
   * @param {string} report.outcome
   * @param {Draft} report.draft
   * @param {string | null} [report.review]
   * @param {string | null} [report.messageId] by which the mail is known again when Sent is read
   * @param {AbortSignal} deadline
   */
  async sent({ outcome, draft, review, messageId }, deadline) {
    const report = { outcome, draft, ...(review && { review }) };
    const named = messageId ? { ...report, message_id: messageId } : report;
    const url = address(this.service, "v1/sent");
    let { status, body } = await ask(url, named, deadline, this.token);
    // A service of before knows no such name, and the report counts without it.
    if (status === 422 && messageId) {
      ({ status, body } = await ask(url, report, deadline, this.token));
    }
    if (status < 200 || status > 299) throw refusal(status, body);
  }
}

/**
 * Trade a one-time code for a client id and a token.
 *
 * @param {string} service
 * @param {{code: string, name: string}} request
 * @param {AbortSignal} deadline
 * @returns {Promise<{client: string, token: string}>}
 */
export async function pair(service, request, deadline) {
  const { status, body } = await ask(address(service, "v1/pair"), request, deadline, null);
  if (status !== 200 && status !== 201) throw refusal(status, body);
  if (!isText(body?.token) || !isText(body?.client) || !body.token.startsWith(`${body.client}.`)) {
    throw new Unavailable("nonsense");
  }
  return { client: body.client, token: body.token };
}
