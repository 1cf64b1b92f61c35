// @ts-check
/**
 * What goes from hand to hand when a send waits for some seconds: a ticket that one page counts
 * them, once, and a pass that they are over, for exactly one draft and one press of Send. Neither
 * lets a mail through: the service is asked again.
 */

import { identityOf } from "./zip.js";

/** @typedef {import("./shared/client.js").Draft} Draft */

const session = () => messenger.storage.session;

/**
 * Another letter, recipient or file gives another one.
 *
 * @param {Draft} draft
 * @param {any} details
 */
export async function digestOf(draft, details) {
  const written = new TextEncoder().encode(identityOf(draft, details));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", written)).toHex();
}

/** @param {string} key @returns {Promise<any>} what lay there, and lies there no more */
async function taken(key) {
  const { [key]: found } = await session().get(key);
  await session().remove(key);
  return found;
}

/** @param {number} tabId @param {number} round */
export const leaveTicket = (tabId, round) => session().set({ [`ticket:${tabId}`]: round });

/** A page that was closed and opened again has none. @param {number} tabId @param {number} round */
export const takeTicket = async (tabId, round) => (await taken(`ticket:${tabId}`)) === round;

/** @param {number} tabId @param {string} digest */
export const leavePass = (tabId, digest) => session().set({ [`pass:${tabId}`]: digest });

/** @param {number} tabId @returns {Promise<string | undefined>} the digest that it is good for */
export const takePass = (tabId) => taken(`pass:${tabId}`);
