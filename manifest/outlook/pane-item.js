// @ts-check
/** What the pane does to the message that is being written, and hears of it. */
/* global Office, call, message, supports */

import { Unavailable } from "./shared/client.js";

/** @typedef {import("./shared/client.js").Recipient} Recipient */
/** @typedef {{emailAddress: string, displayName: string}} Person */

/** Outlook takes so many recipients of a field at once. */
const MOST_AT_ONCE = 100;

/** Outlook shows a recipient only when it has looked them up: this often, this far apart. */
const LOOKS = 12;
const LOOK_MS = 250;

/** Several changes in a row, such as a pasted list, are looked at once. */
const SETTLE_MS = 700;

/** @param {string} one @param {string} other */
const same = (one, other) => one.trim().toLowerCase() === other.trim().toLowerCase();

/** @param {string} why */
const refused = (why) => new Unavailable("refused", { message: why });

/** @param {string} field of the message @returns {any} */
const inMessage = (field) => /** @type {any} */ (message())[field];

/** @param {string} field @returns {Promise<Person[]>} */
async function peopleIn(field) {
  const people = await call(inMessage(field), "getAsync");
  return people.map((/** @type {Person} */ { emailAddress, displayName }) => ({
    emailAddress: emailAddress ?? "",
    displayName: displayName ?? "",
  }));
}

/** @param {string} old @param {string} now */
const byHand = (old, now) => `Please do it in the message: take out ${old} and put in ${now}.`;

/**
 * Put one recipient in another's place; the others keep theirs, and their names. Once is enough
 * where the right address stands there already.
 *
 * @param {{field: string, address: string}} about
 * @param {Recipient} instead
 * @throws {Unavailable} with words for the sender, where Outlook did not do it
 */
export async function replaceRecipient({ field, address }, instead) {
  const before = await peopleIn(field).catch(() => {
    throw refused(`Outlook did not show its recipients. ${byHand(address, instead.address)}`);
  });
  if (before.length > MOST_AT_ONCE) {
    throw refused(`There are too many recipients here. ${byHand(address, instead.address)}`);
  }
  const right = { emailAddress: instead.address, displayName: instead.name };
  const after = before
    .map((person) => (same(person.emailAddress, address) ? right : person))
    .filter(
      ({ emailAddress }, place, all) =>
        !same(emailAddress, instead.address) ||
        place === all.findIndex((one) => same(one.emailAddress, instead.address)),
    );
  await call(inMessage(field), "setAsync", [after]).catch(() => {
    throw refused(
      `Outlook did not take the correction. ${byHand(address, instead.address)} A contact list ` +
        "there has to be opened first, with the + beside it.",
    );
  });
  await shown(field, instead.address);
}

/** Waits until Outlook has looked the new recipient up; what is seen then is for the next check. */
async function shown(/** @type {string} */ field, /** @type {string} */ address) {
  for (let look = 0; look < LOOKS; look += 1) {
    const people = await peopleIn(field).catch(() => /** @type {Person[]} */ ([]));
    if (people.some(({ emailAddress }) => same(emailAddress, address))) return;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

/**
 * Tells when recipients or attachments change. Outlook has no such event for the text.
 *
 * @param {() => void} changed
 */
export function watch(changed) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLE_MS);
  };
  const { RecipientsChanged, AttachmentsChanged } = Office.EventType;
  const known = /** @type {[string, unknown][]} */ ([
    ["1.7", RecipientsChanged],
    ["1.8", AttachmentsChanged],
  ]);
  for (const [version, event] of known) {
    // Where it cannot be heard, "Check again" is there.
    if (supports(version)) call(message(), "addHandlerAsync", [event, settle]).catch(() => {});
  }
}

/**
 * The finding that Outlook's "Take Action" was pressed for.
 *
 * @returns {Promise<string>} its id, or "" where the pane was opened otherwise
 */
export async function openedFor() {
  try {
    const context = await call(message(), "getInitializationContextAsync");
    const { finding } = typeof context === "string" ? JSON.parse(context) : context;
    return typeof finding === "string" ? finding : "";
  } catch {
    return "";
  }
}
