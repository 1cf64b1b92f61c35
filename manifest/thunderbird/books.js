// @ts-check
/** The user's own address books, as addresses with names. Mailing lists are nobody. */

import { collectedBook } from "./flow.js";

/** @typedef {import("./shared/client.js").Recipient} Recipient */

const LONGEST = 1000;

/** One property of a vCard, by its name: group and parameters before the colon, its value after. */
const PROPERTY = /^(?:[\w-]+\.)?(EMAIL|FN)(?:;[^:]*)?:(.*)$/i;

/** @param {string} value */
const unescaped = (value) => value.replace(/\\n/gi, " ").replace(/\\([\\,;])/g, "$1").trim();

/**
 * @param {string} vCard
 * @returns {Recipient[]} one for each address of this person
 */
export function entriesOf(vCard) {
  const lines = vCard.replace(/\r?\n[ \t]/g, "").split(/\r?\n/);
  let name = "";
  const addresses = [];
  for (const line of lines) {
    const [, property, value] = PROPERTY.exec(line) ?? [];
    if (!property) continue;
    const said = unescaped(value).toWellFormed();
    if (property.toUpperCase() === "FN") name ||= said.slice(0, LONGEST);
    else if (said.includes("@") && said.length <= LONGEST) addresses.push(said);
  }
  return addresses.map((address) => ({ address, name }));
}

/**
 * What Thunderbird collects by itself was only written to. Where nobody says which book that is,
 * the first one counts, which is the personal one, and those that come from a server.
 *
 * @returns {Promise<any[]>}
 */
async function chosenBooks() {
  const [books, collected] = await Promise.all([messenger.addressBooks.list(), collectedBook()]);
  if (collected) return books.filter((/** @type {any} */ { id }) => id !== collected);
  return books.filter((/** @type {any} */ { remote }, /** @type {number} */ at) => !at || remote);
}

/** @returns {Promise<Recipient[]>} everybody in the user's address books */
export async function everybody() {
  const found = [];
  for (const { id } of await chosenBooks()) {
    for (const { vCard } of await messenger.addressBooks.contacts.list(id)) {
      found.push(...entriesOf(vCard ?? ""));
    }
  }
  return found;
}
