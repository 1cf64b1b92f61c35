// @ts-check
/** What Thunderbird tells only to the Experiment; nothing depends on its being there. */

/** @returns {any} undefined where this Thunderbird allows no Experiments */
const flow = () => /** @type {any} */ (messenger).composeFlow;

/**
 * @template T
 * @param {() => Promise<T>} work
 * @param {T} otherwise
 */
async function attempt(work, otherwise) {
  try {
    return flow() ? await work() : otherwise;
  } catch {
    return otherwise;
  }
}

/**
 * How the send that is under way was asked for, as `compose.sendMessage` takes it.
 *
 * @param {number} tabId
 * @returns {Promise<"default" | "sendLater">}
 */
export const modeOf = (tabId) => attempt(() => flow().modeOf(tabId), "default");

/**
 * A quiet line at the foot of a compose window, or of the main window.
 *
 * @param {string} words
 * @param {number} [tabId]
 * @returns {Promise<boolean>} whether there is such a place
 */
export const say = (words, tabId) => attempt(() => flow().say(words, tabId ?? null), false);

/**
 * Whether what is saved of this draft lies on a mail server.
 *
 * @param {number} tabId
 * @returns {Promise<boolean>}
 */
export const draftsOnServer = (tabId) => attempt(() => flow().draftsOnServer(tabId), false);

/**
 * Recipients, subject, attachments or sender of a draft changed, and then nothing for a moment.
 * Without the Experiment only what extensions are told: files, the sender, and that it can be sent.
 *
 * @param {(tabId: number) => void} changed
 */
export function whenDraftChanges(changed) {
  if (flow()) {
    flow().onDraftChanged.addListener(changed);
    return;
  }
  const { compose } = messenger;
  const places = [
    compose.onComposeStateChanged, compose.onAttachmentAdded, compose.onAttachmentRemoved,
    compose.onIdentityChanged,
  ];
  for (const place of places) {
    place.addListener((/** @type {{id: number}} */ { id }) => changed(id));
  }
}

/**
 * The address book that Thunderbird fills by itself with whom mail was sent to.
 *
 * @returns {Promise<string>} its id; "" where nobody says
 */
export const collectedBook = () => attempt(() => flow().collectedBook(), "");
