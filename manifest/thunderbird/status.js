// @ts-check
/** What the status page says of the last look. Nothing personal: no address, no subject. */

/**
 * @typedef {object} Look
 * @property {number} at milliseconds since 1970
 * @property {"allow" | "confirm" | "block" | "silence"} verdict `silence`: there was no answer
 * @property {string} policy its version, "" where there was no answer
 * @property {number} ms from pressing Send to the answer
 */

const KEY = "lastLook";

/** Nobody waits for it: a send is not held for a note about itself. @param {Look} look */
export async function noteLook({ at, verdict, policy, ms }) {
  await messenger.storage.local.set({ [KEY]: { at, verdict, policy, ms: Math.round(ms) } });
}

/** @returns {Promise<Look | null>} null: nothing was looked at yet */
export async function readStatus() {
  const { [KEY]: look } = await messenger.storage.local.get(KEY);
  return look ?? null;
}
