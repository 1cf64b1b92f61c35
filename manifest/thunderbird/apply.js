// @ts-check
/** What the sender chose, put into the compose window. */

import { entriesOf, mailboxesOf } from "./collect.js";
import { recall } from "./state.js";

/** @typedef {import("./shared/client.js").Recipient} Recipient */

/** @param {Recipient} recipient */
export function written({ name, address }) {
  return name ? `"${name.replace(/[\\"]/g, "\\$&")}" <${address}>` : address;
}

/** @param {string} one @param {string} other */
const same = (one, other) => one.toLowerCase() === other.toLowerCase();

/**
 * Put one recipient in another's place. Where it was the member of a mailing list, the list is
 * opened into its members, because Thunderbird would put the old member back at sending.
 *
 * @param {number} tabId
 * @param {{field: string, address: string}} about
 * @param {Recipient} instead
 */
export async function replaceRecipient(tabId, about, instead) {
  const details = await messenger.compose.getComposeDetails(tabId);
  const entries = [];
  let present = false;
  for (const entry of entriesOf(details, about.field)) {
    const mailboxes = await mailboxesOf(entry);
    if (mailboxes.some(({ address }) => same(address, about.address))) {
      for (const mailbox of mailboxes) {
        if (!same(mailbox.address, about.address)) entries.push(written(mailbox));
        else if (!present) entries.push(written(instead));
        if (same(mailbox.address, about.address)) present = true;
      }
    } else if (!mailboxes.some(({ address }) => same(address, instead.address))) {
      entries.push(entry);
    } else {
      // The right address stands there already; once is enough.
      if (!present) entries.push(entry);
      present = true;
    }
  }
  await messenger.compose.setComposeDetails(tabId, { [about.field]: entries });
}

/**
 * Press Send, or Send Later, once more, as Thunderbird would. It fires `onBeforeSend` again, so
 * what goes out is always what was looked at last. Not waited for: a send that is stopped again
 * never settles.
 *
 * @param {number} tabId
 */
export async function sendAgain(tabId) {
  const { mode } = await recall(tabId);
  return messenger.compose.sendMessage(tabId, { mode });
}

/**
 * A new mail from the same identity, with its words ready. The sender looks at it and sends it.
 *
 * @param {number} tabId the mail that it is about, which stays as it is
 * @param {Recipient} person
 * @param {{subject: string, text: string}} letter
 */
export async function openLetter(tabId, person, { subject, text }) {
  const { identityId } = await messenger.compose.getComposeDetails(tabId);
  await messenger.compose.beginNew({
    identityId,
    to: [written(person)],
    subject,
    isPlainText: true,
    plainTextBody: text,
  });
}
