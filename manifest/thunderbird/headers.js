// @ts-check
/** Headers of sent mail, as the service takes them, and whose mailboxes they are from. */

/** @typedef {import("./shared/client.js").Headers} Headers */

/** What the service takes at most; what is longer says nothing more. */
const LIMITS = { mailbox: 1000, mailboxes: 2000, subject: 10_000 };

/** The service takes no date before 1970 or after 2200. */
const LAST_MS = Date.UTC(2200, 0, 1);

const IN_BRACKETS = /<([^<>]+)>\s*$/;

/**
 * The mailboxes of this user's identities, in small letters: only their mail is handed over.
 *
 * @returns {Promise<Set<string>>}
 */
export async function ownMailboxes() {
  const accounts = await messenger.accounts.list(false);
  const identities = accounts.flatMap((/** @type {any} */ account) => account.identities);
  const addresses = identities.map((/** @type {any} */ { email }) => (email ?? "").toLowerCase());
  return new Set(addresses.filter((/** @type {string} */ address) => address.includes("@")));
}

/** @param {string[] | undefined} listed */
function mailboxes(listed) {
  const sound = (listed ?? []).map((one) => one.toWellFormed());
  return sound.filter(({ length }) => length <= LIMITS.mailbox).slice(0, LIMITS.mailboxes);
}

/**
 * @param {any} message a MessageHeader of Thunderbird
 * @param {Set<string>} own
 * @returns {{mailbox: string, headers: Headers} | null} null: not from one of these mailboxes
 */
export function headersOf(message, own) {
  const author = (message.author ?? "").toWellFormed();
  const mailbox = (IN_BRACKETS.exec(author)?.[1] ?? author).trim().toLowerCase();
  const at = Number(message.date);
  const isSound = author.length <= LIMITS.mailbox && at >= 0 && at < LAST_MS;
  if (!own.has(mailbox) || !isSound) return null;
  return {
    mailbox,
    headers: {
      message: (message.headerMessageId ?? "").toWellFormed().slice(0, LIMITS.mailbox),
      date: new Date(at).toISOString(),
      from: author,
      to: mailboxes(message.recipients),
      cc: mailboxes(message.ccList),
      bcc: mailboxes(message.bccList),
      subject: (message.subject ?? "").slice(0, LIMITS.subject).toWellFormed(),
    },
  };
}
