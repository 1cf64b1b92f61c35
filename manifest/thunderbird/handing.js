// @ts-check
/** Headers and addresses to the service, in parts that nobody has to wait for. */

import { deadlineIn } from "./shared/client.js";

/** @typedef {import("./shared/client.js").Client} Client */
/** @typedef {import("./shared/client.js").Headers} Headers */
/** @typedef {import("./shared/client.js").Recipient} Recipient */

/** A part takes the service some hundredths of a second; it may have others to answer first. */
const DEADLINE_MS = 15_000;

/** Entries of an address book in one part. */
const ENTRIES = 500;

/** The service has read it and does not want it. Anything else may be another time. */
const UNWANTED = [413, 422];

/** Which may not be learned for by this user. */
const FORBIDDEN = ["not-your-mailbox", "not-your-own-mailbox"];

/**
 * @param {Client} client
 * @param {string} path
 * @param {object} question
 */
async function tell(client, path, question) {
  // The port may change hands while much is told.
  await client.prove(deadlineIn());
  return client.learn(path, question, deadlineIn(DEADLINE_MS));
}

/** @param {any} problem */
const isForbidden = (problem) =>
  problem.reason === "refused" && FORBIDDEN.includes(problem.told.code);

/**
 * What the service cannot read is left out, and nothing else with it.
 *
 * @param {Client} client
 * @param {string} mailbox
 * @param {Headers[]} mails
 * @returns {Promise<number>} how many were new to the service
 */
export async function handMails(client, mailbox, mails) {
  if (!mails.length) return 0;
  try {
    return (await tell(client, "history", { mailbox, mails })).counted;
  } catch (/** @type {any} */ problem) {
    if (isForbidden(problem)) return 0;
    if (problem.reason !== "refused" || !UNWANTED.includes(problem.told.status)) throw problem;
    if (mails.length === 1) return 0;
    const half = mails.length >> 1;
    const first = await handMails(client, mailbox, mails.slice(0, half));
    return first + (await handMails(client, mailbox, mails.slice(half)));
  }
}

/**
 * A complete list: what is not in it any more, the service takes out.
 *
 * @param {Client} client
 * @param {string} mailbox
 * @param {Recipient[]} entries
 * @param {() => Promise<boolean>} mayGoOn
 * @returns {Promise<number | null>} how many addresses it has now; null: not for this mailbox
 */
export async function handBook(client, mailbox, entries, mayGoOn) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const listing = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  let size = null;
  try {
    for (let at = 0; at === 0 || at < entries.length; at += ENTRIES) {
      if (!(await mayGoOn())) return null;
      const part = entries.slice(at, at + ENTRIES);
      const complete = at + ENTRIES >= entries.length;
      const question = { mailbox, entries: part, listing, complete };
      ({ size } = await tell(client, "book", question));
    }
  } catch (problem) {
    if (!isForbidden(problem)) throw problem;
  }
  return size;
}

/** @param {Client} client @param {string} mailbox */
export async function forgetBook(client, mailbox) {
  try {
    await tell(client, "book", { mailbox, forget: true });
  } catch (problem) {
    if (!isForbidden(problem)) throw problem;
  }
}
