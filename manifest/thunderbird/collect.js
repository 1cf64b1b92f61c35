// @ts-check
/** What stands in the compose window, as a Draft. Reads only; decides nothing. */

/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./shared/client.js").Recipient} Recipient */

export const FIELDS = /** @type {const} */ (["to", "cc", "bcc"]);

/** Longer ones are cut: the service has limits, and a refused question holds the mail. */
export const LIMITS = { text: 1_000_000, subject: 10_000, name: 1_000 };

/**
 * As much as the service takes, and without halves of characters, which are not UTF-8.
 *
 * @param {string | undefined | null} text
 * @param {number} limit
 */
const fitting = (text, limit) => (text ?? "").slice(0, limit).toWellFormed();

/** The mail being answered may sit on a slow server; the review does not wait for it. */
const THREAD_MS = 300;

/**
 * Thunderbird's own parser reads the entries, so what is asked about is what will be sent to.
 * A mailing list of the address book stands as `Team <Team>` and is opened into its members
 * (`expandMailingLists` came with Thunderbird 147, which is why the manifest asks for that).
 *
 * @param {string} entry
 * @returns {Promise<Recipient[]>}
 */
export async function mailboxesOf(entry) {
  const options = { preserveGroups: false, expandMailingLists: true };
  const parsed = await messenger.messengerUtilities.parseMailboxString(entry, options);
  return parsed.map((/** @type {{name?: string, email?: string}} */ { name, email }) => {
    const address = (email ?? name ?? "").toWellFormed();
    return { address, name: name === address ? "" : fitting(name, LIMITS.name) };
  });
}

/**
 * Thunderbird gives what stands in a field as text, names and all.
 *
 * @param {any} details
 * @param {string} field
 * @returns {string[]}
 */
export function entriesOf(details, field) {
  const entries = [details[field] ?? []].flat();
  return entries.filter((/** @type {string} */ entry) => entry.trim() !== "");
}

/** @param {any} details @param {string} field */
async function recipients(details, field) {
  const entries = entriesOf(details, field);
  return (await Promise.all(entries.map(mailboxesOf))).flat();
}

/** @param {any} details @returns {Promise<Recipient>} */
async function sender(details) {
  const [typed] = await mailboxesOf(details.from ?? "");
  if (typed?.address) return typed;
  const identity = await messenger.identities.get(details.identityId);
  return { address: identity?.email ?? "", name: identity?.name ?? "" };
}

/**
 * Bold words would come out of `plainTextBody` as `*words*`, and long lines in pieces; the
 * undecorated form keeps what the checks read, and the marks of quoted mail.
 *
 * @param {any} details
 */
async function textOf(details) {
  if (details.isPlainText || !details.body) return details.plainTextBody;
  return messenger.messengerUtilities.convertToPlainText(details.body);
}

/** @param {number} tabId */
async function attachments(tabId) {
  const listed = await messenger.compose.listAttachments(tabId);
  // Only the name is read: opening the file could fetch megabytes from a mail server.
  return listed.map((/** @type {{name?: string, size?: number}} */ { name, size }) => ({
    name: fitting(name, LIMITS.name),
    size: Math.max(0, size ?? 0),
    type: "application/octet-stream",
  }));
}

/** @param {any} details */
async function threadOf(details) {
  if (details.type !== "reply" || !details.relatedMessageId) return undefined;
  const message = await messenger.messages.get(details.relatedMessageId);
  const addresses = async (/** @type {string[]} */ entries) =>
    (await Promise.all(entries.map(mailboxesOf))).flat().map(({ address }) => address);
  return {
    wrote: await addresses([message.author]),
    took_part: await addresses([...message.recipients, ...message.ccList]),
  };
}

/** @param {any} details */
async function thread(details) {
  const late = new Promise((resolve) => setTimeout(resolve, THREAD_MS, undefined));
  return Promise.race([threadOf(details), late]).catch(() => undefined);
}

/**
 * @param {number} tabId
 * @param {any} details
 * @returns {Promise<Draft>}
 */
export async function collect(tabId, details) {
  const [from, text, attached, answering, to, cc, bcc] = await Promise.all([
    sender(details),
    textOf(details),
    attachments(tabId),
    thread(details),
    ...FIELDS.map((field) => recipients(details, field)),
  ]);
  return {
    from,
    to,
    cc,
    bcc,
    subject: fitting(details.subject, LIMITS.subject),
    text: fitting(text, LIMITS.text),
    attachments: attached,
    ...(answering && { thread: answering }),
  };
}
