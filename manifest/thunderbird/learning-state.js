// @ts-check
/**
 * What the add-in may learn from, and how far it is. The page writes what the user allows, the
 * background how far it is, so neither writes over the other. Dates and counts only, no address.
 */

/**
 * @typedef {object} Allowed
 * @property {boolean} sent the headers of sent mail
 * @property {boolean} book the address book
 * @property {boolean} forget the service has yet to forget the address book
 *
 * @typedef {object} Place how far one folder is read: what lies between `down` and `top` is
 * @property {number} top milliseconds since 1970
 * @property {number} down
 * @property {boolean} done back to the horizon
 * @property {number} seen mails that were handed over
 * @property {number} total mails that there are to hand over, about
 *
 * @typedef {"away" | "old" | "refused" | null} Trouble why it does not go on now
 *
 * @typedef {object} Progress
 * @property {Record<string, Place>} places by folder
 * @property {number} counted mails that were new to the service
 * @property {number} entries addresses of the book that the service has
 * @property {boolean} stale the address book has changed since it was handed over
 * @property {number | null} sentAt when all of Sent was read, milliseconds since 1970
 * @property {number | null} bookAt
 * @property {Trouble} trouble
 */

const ALLOWED = "learnAllowed";
const PROGRESS = "learnProgress";

/** @type {Allowed} */
const NOTHING_ALLOWED = { sent: false, book: false, forget: false };

/** @type {Progress} */
const NOTHING_DONE = {
  places: {}, counted: 0, entries: 0, stale: true, sentAt: null, bookAt: null, trouble: null,
};

/** Whether the organisation leaves it to the user: `"never"` does not. */
export async function mayAsk() {
  try {
    const { learn } = await messenger.storage.managed.get("learn");
    return learn !== "never";
  } catch {
    // Thunderbird rejects where no administrator has set anything.
    return true;
  }
}

/** What the user has said, as the organisation leaves it. @returns {Promise<Allowed>} */
export async function allowed() {
  const [may, stored] = await Promise.all([mayAsk(), messenger.storage.local.get(ALLOWED)]);
  const said = { ...NOTHING_ALLOWED, ...stored[ALLOWED] };
  return may ? said : { ...NOTHING_ALLOWED, forget: said.forget };
}

/** @param {Partial<Allowed>} change */
export async function allow(change) {
  await messenger.storage.local.set({ [ALLOWED]: { ...(await allowed()), ...change } });
}

/** @returns {Promise<Progress>} */
export async function progress() {
  const stored = await messenger.storage.local.get(PROGRESS);
  return { ...NOTHING_DONE, ...stored[PROGRESS] };
}

/** One at a time: two that read the same would each write back half of the truth. */
let turn = Promise.resolve();

/** @param {Partial<Progress>} change */
export function note(change) {
  const write = async () =>
    messenger.storage.local.set({ [PROGRESS]: { ...(await progress()), ...change } });
  turn = turn.then(write, write);
  return turn;
}

/** Call `changed` whenever one of the two is another. @param {() => void} changed */
export function whenChanged(changed) {
  messenger.storage.local.onChanged.addListener((changes) => {
    if (ALLOWED in changes || PROGRESS in changes) changed();
  });
}
