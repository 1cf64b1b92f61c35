// @ts-check
/**
 * What is remembered between two presses of Send. It lives in `storage.session`, which is memory
 * that survives when Thunderbird puts the background page to sleep, and never touches the disk.
 */

/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./shared/client.js").Review} Review */
/** @typedef {import("./shared/client.js").Answer} Answer */

/**
 * @typedef {object} Asked what the review window shows
 * @property {Review | null} answer
 * @property {import("./silence.js").Problem | null} problem
 * @property {Answer[]} tried answers that were given and did not settle their finding
 * @property {number} round when it was asked: the same question twice is shown twice
 * @property {boolean} [zip] it may go: the words of its protected ZIP are to be shown
 * @property {Undo} [undo] it may go: the seconds in which it can be taken back are counted
 * @property {boolean} [look] nobody has pressed Send: it is only looked at
 * @property {boolean} [draftsOnServer] what is saved of it meanwhile lies on a mail server
 *
 * @typedef {object} Undo
 * @property {number} seconds
 * @property {string} digest of the draft that may go
 *
 * @typedef {object} Looked one compose window's place in the conversation
 * @property {string | null} review the last review token: earlier answers ride in it
 * @property {Answer[]} answers given in the review window, not yet carried to the service
 * @property {Draft | null} draft as last looked at; what `/v1/sent` reports
 * @property {boolean} unchecked the send was let go without an answer
 * @property {boolean} going it is being sent, and `afterSend` has the last word
 * @property {boolean} sealing the last answer said that it leaves sealed or not at all
 * @property {"default" | "sendLater"} mode which button was pressed last
 * @property {boolean} told once per window: what is saved of it meanwhile is not sealed
 * @property {Asked | null} asked null: nothing is open
 * @property {number | null} windowId the review window
 * @property {Record<string, any> | null} original what the window held before sealed text took its
 *   place, where Thunderbird can send it in no other way
 * @property {string} lastLine what is said of it once it is sent
 * @property {import("./shared/client.js").Chosen} shape how the sender wants it sealed
 * @property {boolean} seal the sender wants it sealed, even where nothing demands it
 * @property {{draft: string, served: string[]} | null} blind who got a hidden copy of which draft
 */

/** @type {Looked} */
const NOTHING_YET = {
  review: null,
  answers: [],
  draft: null,
  unchecked: false,
  going: false,
  sealing: false,
  mode: "default",
  told: false,
  asked: null,
  windowId: null,
  original: null,
  lastLine: "",
  shape: "mime",
  seal: false,
  blind: null,
};

/** @param {number} tabId */
export const keyOf = (tabId) => `looked:${tabId}`;

/** One change after the other: nobody has to wait for one to be sure that it counts. */
/** @type {Map<number, Promise<void>>} */
const turns = new Map();

/** @param {number} tabId @param {() => Promise<void>} work */
function inTurn(tabId, work) {
  const done = (turns.get(tabId) ?? Promise.resolve()).then(work);
  turns.set(tabId, done.catch(() => {}));
  return done;
}

/** @param {number} tabId @returns {Promise<Looked>} */
async function stored(tabId) {
  const found = await messenger.storage.session.get(keyOf(tabId));
  return { ...NOTHING_YET, ...found[keyOf(tabId)] };
}

/** @param {number} tabId @returns {Promise<Looked>} */
export async function recall(tabId) {
  await turns.get(tabId);
  return stored(tabId);
}

/** @param {number} tabId @param {Partial<Looked>} change */
export function remember(tabId, change) {
  return inTurn(tabId, async () => {
    const looked = { ...(await stored(tabId)), ...change };
    await messenger.storage.session.set({ [keyOf(tabId)]: looked });
  });
}

/** @param {number} tabId */
export async function forget(tabId) {
  await inTurn(tabId, () => messenger.storage.session.remove(keyOf(tabId)));
  turns.delete(tabId);
}

/**
 * @typedef {object} Memory
 * @property {(original: Record<string, any>) => Promise<void>} keepOriginal what stands in the
 *   window, before sealed text takes its place
 * @property {(draft: Draft) => Promise<string[]>} delivered who got this very draft already
 * @property {(draft: Draft, address: string) => Promise<void>} noteDelivered
 *
 * @param {number} tabId
 * @returns {Memory}
 */
export function memoryOf(tabId) {
  const delivered = async (/** @type {Draft} */ draft) => {
    const { blind } = await recall(tabId);
    return blind?.draft === JSON.stringify(draft) ? blind.served : [];
  };
  return {
    keepOriginal: (original) => remember(tabId, { original }),
    delivered,
    noteDelivered: async (draft, address) => {
      const served = [...(await delivered(draft)), address];
      await remember(tabId, { blind: { draft: JSON.stringify(draft), served } });
    },
  };
}
