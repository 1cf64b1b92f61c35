// @ts-check
/**
 * Mails that went past us, until the service has heard of them.
 *
 * Those that nobody looked at must survive a restart, so they are written to disk: addresses only,
 * no subject, no text. Those that were looked at wait in memory with their review token; should
 * Thunderbird end first, the service still has the receipt of the look.
 */

import { deadlineIn } from "./shared/client.js";

/** @typedef {import("./shared/client.js").Client} Client */
/** @typedef {import("./shared/client.js").Draft} Draft */
/**
 * @typedef {object} Report
 * @property {string} outcome
 * @property {Draft} draft
 * @property {string | null} review
 * @property {string | null} [messageId] of a mail that has left, by which it is known again in Sent
 */

const KEY = "unreported";
const ENTRY_LIMIT = 500;

/** HTTP's words for "never like this": not a busy service, and not a token that was revoked. */
const FOR_GOOD = new Set([400, 403, 409, 413, 415, 422]);

/** One at a time: two readers of the same list would each write back half of the truth. */
let turn = Promise.resolve();
/** @param {() => Promise<void>} work */
function inTurn(work) {
  turn = turn.then(work, work);
  return turn;
}

/** @param {string | null} review */
const areaFor = (review) => (review ? messenger.storage.session : messenger.storage.local);

/** @param {Draft} draft @returns {Draft} */
function addressesOnly(draft) {
  const bare = (/** @type {{address: string}[]} */ list) =>
    list.map(({ address }) => ({ address, name: "" }));
  return {
    from: { address: draft.from.address, name: "" },
    to: bare(draft.to),
    cc: bare(draft.cc),
    bcc: bare(draft.bcc),
    subject: "",
    text: "",
    attachments: [],
  };
}

/** @param {any} area @returns {Promise<Report[]>} */
async function listed(area) {
  return (await area.get(KEY))[KEY] ?? [];
}

/** @param {Report} report */
export function keep({ outcome, draft, review, messageId = null }) {
  return inTurn(async () => {
    const area = areaFor(review);
    const shown = review ? draft : addressesOnly(draft);
    const report = { outcome, review, draft: shown, messageId };
    await area.set({ [KEY]: [...(await listed(area)), report].slice(-ENTRY_LIMIT) });
  });
}

export async function uncheckedCount() {
  return (await listed(messenger.storage.local)).length;
}

/**
 * Oldest first; what could not be told stays. One that the proven service refuses as it is is
 * dropped: it would be refused for ever and stand in the way of the others.
 *
 * @param {Client} client
 */
export function tellAll(client) {
  return inTurn(async () => {
    for (const area of [messenger.storage.local, messenger.storage.session]) {
      const reports = await listed(area);
      while (reports.length > 0) {
        try {
          // The list may be long, and the port may change hands while it is told.
          await client.prove(deadlineIn());
          await client.sent(reports[0], deadlineIn());
        } catch (/** @type {any} */ problem) {
          if (!FOR_GOOD.has(problem?.told?.status)) return;
        }
        reports.shift();
        await area.set({ [KEY]: reports });
      }
    }
  });
}
