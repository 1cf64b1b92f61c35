// @ts-check
/**
 * Where this Thunderbird cannot carry a sealed message: it is put in the compose window, in the
 * place of the sender's words, and these are put back should it not be sent.
 */

/** @typedef {import("./shared/client.js").Draft} Draft */

/** Files cannot be kept anywhere but here, so this page must not be put to sleep meanwhile. */
const AWAKE_MS = 10_000;

/**
 * @typedef {object} Taken
 * @property {File[]} files the sender's own, which were taken out
 * @property {number | null} enclosed id of the file that took their place
 * @property {ReturnType<typeof setInterval>} awake
 */

/** @type {Map<number, Taken>} */
const taken = new Map();

const PLAIN = /** @type {const} */ ("plaintext");

/** @param {string} text */
const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** @param {number} tabId */
const attached = (tabId) => messenger.compose.listAttachments(tabId);

/**
 * All of it, or it is as it was: the sender's files go out only when what takes their place is in.
 *
 * @param {number} tabId
 * @param {any} details as they came with the send
 * @param {Draft} draft
 * @param {{subject: string, text: string, file?: File}} sealed
 * @param {import("./state.js").Memory} memory
 */
export async function putInPlace(tabId, details, draft, { subject, text, file }, memory) {
  const { from, to, cc, body, plainTextBody, deliveryFormat } = details;
  const rich = !details.isPlainText;
  const original = {
    from, to, cc, subject: details.subject,
    ...(rich ? { body, deliveryFormat } : { plainTextBody }),
  };
  await memory.keepOriginal(original);
  const sent = rich
    ? { body: `<html><body><pre>${escaped(text)}</pre></body></html>`, deliveryFormat: PLAIN }
    : { plainTextBody: text };
  try {
    if (file) await exchangeFiles(tabId, file);
    await messenger.compose.setComposeDetails(tabId, {
      from: draft.from.address,
      to: draft.to.map(({ address }) => address),
      cc: draft.cc.map(({ address }) => address),
      subject,
      ...sent,
    });
  } catch (problem) {
    await putBack(tabId, original);
    throw problem;
  }
}

/** @param {number} tabId @param {File} file */
async function exchangeFiles(tabId, file) {
  const before = await attached(tabId);
  const awake = setInterval(() => messenger.runtime.getPlatformInfo(), AWAKE_MS);
  /** @type {Taken} */
  const kept = { files: [], enclosed: null, awake };
  taken.set(tabId, kept);
  const files = await Promise.all(before.map(({ id }) => messenger.compose.getAttachmentFile(id)));
  const { id } = await messenger.compose.addAttachment(tabId, { file, name: file.name });
  kept.enclosed = id;
  for (const [place, one] of before.entries()) {
    await messenger.compose.removeAttachment(tabId, one.id);
    kept.files.push(files[place]);
  }
}

/**
 * The sender's own words and files again.
 *
 * @param {number} tabId
 * @param {Record<string, any>} original
 */
export async function putBack(tabId, original) {
  const kept = taken.get(tabId);
  try {
    for (const file of kept?.files ?? []) {
      await messenger.compose.addAttachment(tabId, { file, name: file.name });
    }
    const enclosed = kept?.enclosed ?? null;
    if (enclosed !== null) await messenger.compose.removeAttachment(tabId, enclosed);
  } finally {
    letGo(tabId);
    await messenger.compose.setComposeDetails(tabId, original);
  }
}

/** It is sent, or put back, or given up with its window. @param {number} tabId */
export function letGo(tabId) {
  clearInterval(taken.get(tabId)?.awake);
  taken.delete(tabId);
}
