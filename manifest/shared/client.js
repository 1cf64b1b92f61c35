// @ts-check
/**
 * The add-in's side of the conversation with the Last Look service.
 *
 * Nothing here knows which mail program it runs in, and nothing here has an opinion about mail:
 * it proves who is listening, asks, and checks that the answer has the shape it should have.
 */

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
 *
 * @typedef {"hold" | "send-with-notice"} Unreachable
 *
 * @typedef {object} Review
 * @property {string} reference
 * @property {string | null} review
 * @property {"allow" | "confirm" | "block"} verdict
 * @property {Finding[]} findings
 * @property {{required: boolean, possible: boolean, readers?: Reader[] | null}} encryption
 * @property {string} policy
 * @property {Unreachable} unreachable
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
   * @param {{message?: string, hint?: string, code?: string}} [told] what the proven service said
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
 * @param {object} question JSON, or a form with files
 * @param {AbortSignal} deadline
 * @param {string | null} token
 * @param {number} [limit] bytes of an answer
 * @returns {Promise<{status: number, body: any}>}
 */
async function ask(url, question, deadline, token, limit = ANSWER_LIMIT_BYTES) {
  const isForm = question instanceof FormData;
  /** @type {Record<string, string>} */
  const headers = isForm ? {} : { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers,
      body: isForm ? question : JSON.stringify(question),
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
    return new Unavailable("refused", { code: error.code, message: error.message, hint });
  }
  return new Unavailable("nonsense");
}

/** @param {unknown} value @returns {value is string} */
const isText = (value) => typeof value === "string";

/** @param {any} value @returns {boolean} */
const isThing = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {any} reader @returns {reader is Reader} */
function isReader(reader) {
  return (
    isThing(reader) &&
    [reader.address, reader.name, reader.organisation, reader.state].every(isText) &&
    [reader.outside, reader.sender].every((value) => typeof value === "boolean")
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
    isText(body.reference) &&
    (body.review === null || body.review === undefined || isText(body.review)) &&
    VERDICTS.includes(body.verdict) &&
    Array.isArray(body.findings) &&
    body.findings.every(isFinding) &&
    isThing(body.encryption) &&
    typeof body.encryption.required === "boolean" &&
    typeof body.encryption.possible === "boolean" &&
    (body.encryption.readers ?? []).every?.(isReader) === true &&
    isText(body.policy) &&
    DIRECTIONS.includes(body.unreachable);
  if (!sound) throw new Unavailable("nonsense");
  const open = body.findings.some((/** @type {Finding} */ finding) => finding.ask !== null);
  if (body.verdict === "confirm" && !open) throw new Unavailable("nonsense");
  return { ...body, review: body.review ?? null };
}

/**
 * What will leave in the place of the draft: nothing but a sealed message, and nothing but ASCII.
 *
 * @param {string} content
 * @param {"mime" | "inline"} shape
 */
function isSealed(content, shape) {
  const begins =
    shape === "mime" ? /^content-type:\s*multipart\/encrypted[\s;]/i : /^-----BEGIN PGP MESSAGE/;
  return begins.test(content) && !/[^\t\r\n -~]/.test(content);
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
   * @param {{purpose: "send" | "typing", draft: Draft, review: string | null, answers: Answer[]}}
   *   question
   * @param {AbortSignal} deadline
   * @returns {Promise<Review>}
   */
  async check({ purpose, draft, review, answers }, deadline) {
    const question = { purpose, draft, answers, client: this.about, ...(review && { review }) };
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
   * @param {"mime" | "inline"} question.shape
   * @param {string} question.reader `visible`, or one Bcc address
   * @param {AbortSignal} deadline
   * @returns {Promise<{subject: string, content: string}>}
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
    const content = shape === "mime" ? body?.entity : body?.text;
    if (!isText(body?.outer?.subject) || !isText(content) || !isSealed(content, shape)) {
      throw new Unavailable("nonsense");
    }
    return { subject: body.outer.subject, content };
  }

  /**
   * Only after `prove`. Without `review`: a mail that nobody looked at.
   *
   * @param {{outcome: string, draft: Draft, review?: string | null}} report
   * @param {AbortSignal} deadline
   */
  async sent({ outcome, draft, review }, deadline) {
    const report = { outcome, draft, ...(review && { review }) };
    const url = address(this.service, "v1/sent");
    const { status, body } = await ask(url, report, deadline, this.token);
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
