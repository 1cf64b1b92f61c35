// @ts-check
/** What of a review is asked, in which order, and what is only told. No page, no opinion. */

import { positionsOf } from "./readers.js";
import { visible } from "./words.js";

/** @typedef {import("./client.js").Finding} Finding */
/** @typedef {import("./client.js").Review} Review */

const GRAVITY = { stop: 0, warn: 1, note: 2 };
const ASKS = ["choose", "acknowledge", "retype", "reason", "name", "confirm-key"];
const FIELDS = ["to", "cc", "bcc"];

/** "Whom is it for?", asked before anybody is shown who would read it. */
export const INTENDED = "recipient.intended";

/** @param {Finding} finding @returns {string | null} the address that it is about */
export const subject = ({ about }) => (about?.address ? visible(about.address) : null);

/** @param {string} one @param {string} other */
export const same = (one, other) => one.toLowerCase() === other.toLowerCase();

/** Whether it is about somebody who stands in the draft. @param {Finding} finding */
export const inDraft = ({ about }) => Boolean(about?.address) && FIELDS.includes(about?.field ?? "");

/** @param {Finding} finding */
export const isReplaceable = (finding) => finding.suggestion !== null && inDraft(finding);

/** Whether there is a way to put this question. @param {Finding} finding */
export const canAsk = (finding) =>
  !finding.ask ||
  (ASKS.includes(finding.ask) &&
    (finding.ask !== "confirm-key" || positionsOf(finding).length > 0));

/** That a domain is new is the mildest question, and there may be many of it. */
const isMild = (/** @type {Finding} */ { code }) => Number(code === "recipient.external");

/**
 * Gravest first, and what is about one person together.
 *
 * @param {Finding[]} findings
 */
export function inOrder(findings) {
  const graded = [...findings].sort(
    (a, b) => GRAVITY[a.severity] - GRAVITY[b.severity] || isMild(a) - isMild(b),
  );
  const people = new Map();
  for (const finding of graded) {
    const person = finding.about?.address.toLowerCase() ?? finding.id;
    people.set(person, [...(people.get(person) ?? []), finding]);
  }
  return /** @type {Finding[]} */ ([...people.values()].flat());
}

/**
 * @param {Review} review
 * @param {boolean} looking nothing is to be sent: what would be asked is shown
 * @returns {{asked: Finding[], notes: Finding[], blocked: boolean, blind: boolean}} `blind` while
 *   nobody may be named
 */
export function sortedOut(review, looking) {
  // Where something may still be answered, a finding that asks nothing is settled already.
  const isQuiet = (/** @type {Finding} */ { ask, severity }) =>
    !ask && (severity !== "stop" || review.verdict === "confirm");
  const asked = inOrder(review.findings.filter((finding) => !isQuiet(finding)));
  const cannot = review.verdict !== "confirm" || !asked.every(canAsk);
  const blind = asked.some(({ code }) => code === INTENDED);
  // While it is asked whom it is for, nothing on the page may tell. Answered questions of sealing
  // are told by the list of readers.
  const isTold = (/** @type {Finding} */ { code }) =>
    blind || code === INTENDED || code.startsWith("key.");
  const notes = review.findings.filter((finding) => isQuiet(finding) && !isTold(finding));
  return { asked, notes, blocked: cannot && !looking, blind };
}

/** Whether it is asked only because the mail is to be sealed. @param {string} code */
export const isOfSealing = (code) => code.startsWith("key.") || OF_SEALING.includes(code);

const OF_SEALING = [INTENDED, "recipient.passphrase", "recipient.hidden-reader"];

/**
 * Notes that say the same are one line, with those whom they are about.
 *
 * @param {Finding[]} notes
 * @returns {{message: string, about: string[]}[]} `about` is empty where it is about one or nobody
 */
export function inLines(notes) {
  /** @type {Map<string, string[]>} */
  const lines = new Map();
  for (const { message, about } of notes) {
    const address = about?.address ? [visible(about.address)] : [];
    lines.set(message, [...(lines.get(message) ?? []), ...address]);
  }
  return [...lines].map(([message, about]) => ({ message, about: about.length > 1 ? about : [] }));
}

/**
 * Whether the sender alone wants it sealed, or may want it: where the policy demands it there is
 * nothing to choose.
 *
 * @param {Review["encryption"]} encryption
 */
export function mayChooseSealing({ required, possible, because }) {
  if (!required) return possible;
  return Array.isArray(because) && because.length === 1 && because[0] === "sender";
}

/**
 * Those who would see each other, and can be moved where nobody does. Sealing shows every reader's
 * key, so a hidden reader is no help there.
 *
 * @param {Finding} finding
 * @returns {string[]}
 */
export function exposedIn({ code, facts: { people } }) {
  if (code !== "recipient.exposed" || !Array.isArray(people)) return [];
  return people.filter((one) => typeof one === "string");
}

/** Whether the helpdesk could settle it for everybody. @param {Finding} finding */
export const canBeAllowed = (finding) =>
  inDraft(finding) && (finding.facts.rule !== "domain") && ALLOWABLE.includes(finding.code);

const ALLOWABLE = [
  "recipient.blocked",
  "recipient.external",
  "recipient.near-known-address",
  "recipient.lookalike-domain",
];
