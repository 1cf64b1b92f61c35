// @ts-check
/**
 * A cleared draft as protected ZIPs. They are made in the review window, which holds them and their
 * words until the sender says Send; the words never leave that window.
 */

import { SEAL_MS, Unavailable, deadlineIn, within } from "./shared/client.js";
import { putInPlace } from "./instead.js";
import {
  VISIBLE, canCarry, carry, filesOf, messagesOf, refuseBlind, refuseWhatIsCut, sealedFor,
  withTrueSizes,
} from "./seal.js";
import { connect } from "./settings.js";

/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./shared/client.js").Review} Review */
/** @typedef {import("./shared/client.js").Enclosed} Enclosed */
/** @typedef {import("./shared/passphrases.js").Spoken} Spoken */
/** @typedef {import("./state.js").Memory} Memory */

/**
 * @typedef {{reader: string, subject: string, text: string, file: Enclosed}} Zip one message
 *
 * @typedef {object} Going what is handed over to be sent: the words are not among it
 * @property {Draft} draft as it was sealed
 * @property {string | null} review
 * @property {Zip[]} messages the first is the compose window's own
 */

/**
 * Two drafts with the same identity are the same mail to its readers.
 *
 * @param {Draft} draft
 * @param {any} details
 */
export function identityOf({ from, to, cc, bcc, subject, text, attachments }, details) {
  const html = details.isPlainText ? null : details.body;
  return JSON.stringify([from, to, cc, bcc, subject, text, attachments, html]);
}

/**
 * @param {number} tabId
 * @param {any} details what stands in the compose window now
 * @param {{draft: Draft, answer: Review}} cleared
 * @param {Memory} memory
 * @returns {Promise<{going: Going, spoken: Spoken[]}>}
 */
export async function makeZips(tabId, details, { draft, answer }, memory) {
  const deadline = deadlineIn(SEAL_MS);
  refuseWhatIsCut(details, draft);
  const ready = Promise.all([connect(), filesOf(tabId), canCarry(tabId)]);
  const [client, files, carries] = await within(ready, deadline);
  if (!carries) refuseBlind(draft);
  await client.prove(deadline);
  const cleared = { draft, answer, client, shape: /** @type {const} */ ("zip") };
  const sized = await withTrueSizes(cleared, files, deadline);
  const html = details.isPlainText ? null : details.body;
  const served = await memory.delivered(sized.draft);
  /** @type {Zip[]} */
  const messages = [];
  /** @type {Spoken[]} */
  const spoken = [];
  for (const reader of messagesOf(sized.draft, served)) {
    const made = await sealedFor(sized, { html, files }, "zip", reader, deadline);
    const { subject, content: text, file, passphrase } = made;
    if (!file || !passphrase) throw new Unavailable("nonsense");
    messages.push({ reader, subject, text, file });
    spoken.push({ people: peopleOf(sized.draft, answer, reader), passphrase });
  }
  return { going: { draft: sized.draft, review: sized.answer.review, messages }, spoken };
}

/**
 * Who gets this message, called as the directory calls them.
 *
 * @param {Draft} draft
 * @param {Review} answer
 * @param {string} reader
 */
function peopleOf({ to, cc, bcc }, { encryption }, reader) {
  const same = (/** @type {string} */ one, /** @type {string} */ other) =>
    one.toLowerCase() === other.toLowerCase();
  const people =
    reader === VISIBLE ? [...to, ...cc] : bcc.filter(({ address }) => same(address, reader));
  const once = people.filter(
    ({ address }, place) => people.findIndex((other) => same(other.address, address)) === place,
  );
  return once.map(({ address, name }) => {
    const known = (encryption.readers ?? []).find((one) => same(one.address, address));
    return { address, name: known?.name || name };
  });
}

/** Lines of 76 letters, as mail has them. @param {string} base64 */
const folded = (base64) => base64.replace(/.{76}/g, "$&\r\n");

/**
 * A text and one file, as a whole message.
 *
 * @param {Zip} zip
 */
function entityOf({ text, file }) {
  const boundary = `zip-${crypto.randomUUID()}`;
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=us-ascii",
    "Content-Transfer-Encoding: 7bit",
    "",
    text.replace(/\r\n|\r|\n/g, "\r\n"),
    `--${boundary}`,
    `Content-Type: ${file.type}; name="${file.name}"`,
    "Content-Transfer-Encoding: base64",
    `Content-Disposition: attachment; filename="${file.name}"`,
    "",
    folded(file.base64),
    `--${boundary}--`,
    "",
  ].join("\r\n");
}

/** @param {Enclosed} enclosed */
function fileOf({ name, type, base64 }) {
  const bytes = /** @type {any} */ (Uint8Array).fromBase64(base64);
  return new File([bytes], name, { type });
}

/**
 * In the place of what Thunderbird would send.
 *
 * @param {number} tabId
 * @param {any} details
 * @param {Going} going
 * @param {Memory} memory
 */
export async function sendZips(tabId, details, { draft, messages }, memory) {
  if (await canCarry(tabId)) {
    const whole = messages.map((zip) => ({ ...zip, entity: entityOf(zip) }));
    return carry(tabId, draft, whole, memory);
  }
  refuseBlind(draft);
  const [{ subject, text, file }] = messages;
  return putInPlace(tabId, details, draft, { subject, text, file: fileOf(file) }, memory);
}
