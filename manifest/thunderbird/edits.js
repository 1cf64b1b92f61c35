// @ts-check
/** Recipients taken out, or given a hidden copy, in the compose window. */

import { same } from "./shared/order.js";
import { written } from "./apply.js";
import { FIELDS, entriesOf, mailboxesOf } from "./collect.js";

/** @typedef {import("./shared/client.js").Recipient} Recipient */

/**
 * What stands in a field without some people. A list that one of them is in is opened into its
 * members; every other entry stays as it was written.
 *
 * @param {any} details
 * @param {string} field
 * @param {(mailbox: Recipient) => boolean} stays
 * @returns {Promise<{entries: string[], gone: Recipient[]}>}
 */
async function without(details, field, stays) {
  const before = await entriesOf(details, field);
  const opened = await Promise.all(before.map(mailboxesOf));
  const gone = opened.flat().filter((mailbox) => !stays(mailbox));
  const entries = before.flatMap((entry, place) =>
    opened[place].every(stays) ? [entry] : opened[place].filter(stays).map(written),
  );
  return { entries, gone };
}

/**
 * Take somebody out, wherever they stand.
 *
 * @param {number} tabId
 * @param {string} address
 * @returns {Promise<boolean>} whether anybody is left
 */
export async function removeRecipient(tabId, address) {
  const details = await messenger.compose.getComposeDetails(tabId);
  /** @type {Record<string, string[]>} */
  const changed = {};
  let left = 0;
  for (const field of FIELDS) {
    const { entries, gone } = await without(details, field, (one) => !same(one.address, address));
    left += entries.length;
    if (gone.length > 0) changed[field] = entries;
  }
  await messenger.compose.setComposeDetails(tabId, changed);
  return left > 0;
}

/**
 * Those who would see each other's addresses get a hidden copy instead, once each.
 *
 * @param {number} tabId
 * @param {string[]} addresses
 */
export async function moveToBcc(tabId, addresses) {
  const details = await messenger.compose.getComposeDetails(tabId);
  const moving = new Set(addresses.map((one) => one.toLowerCase()));
  const stays = (/** @type {Recipient} */ { address }) => !moving.has(address.toLowerCase());
  const [to, cc, bcc] = await Promise.all(
    FIELDS.map((field) => without(details, field, stays)),
  );
  // Whoever has a hidden copy already keeps it as it was written.
  const hidden = new Map(
    [...to.gone, ...cc.gone, ...bcc.gone].map((one) => [one.address.toLowerCase(), written(one)]),
  );
  await messenger.compose.setComposeDetails(tabId, {
    to: to.entries,
    cc: cc.entries,
    bcc: [...bcc.entries, ...hidden.values()],
  });
}
