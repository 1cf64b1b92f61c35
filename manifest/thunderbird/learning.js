// @ts-check
/** In the background: what the user allows is handed to the service, a little at a time. */

import { everybody } from "./books.js";
import { forgetBook, handBook } from "./handing.js";
import { ownMailboxes } from "./headers.js";
import { ALARM, DAY_MS, learnNoMore, learnTomorrow } from "./learning-alarms.js";
import { allow, allowed, note, progress } from "./learning-state.js";
import { untilQuiet } from "./quiet.js";
import { readSent } from "./sent-mail.js";
import { connect } from "./settings.js";

/** @typedef {import("./shared/client.js").Client} Client */
/** @typedef {import("./learning-state.js").Trouble} Trouble */

/** @param {Client} client */
async function learnBook(client) {
  const { stale, bookAt } = await progress();
  if (!stale && bookAt && Date.now() - bookAt < DAY_MS) return true;
  // What changes from here on makes it stale again.
  await note({ stale: false, bookAt: null });
  const entries = await everybody();
  const mayGoOn = async () => {
    await untilQuiet();
    return (await allowed()).book;
  };
  let most = 0;
  for (const mailbox of await ownMailboxes()) {
    const size = await handBook(client, mailbox, entries, mayGoOn);
    if (!(await mayGoOn())) return false;
    most = Math.max(most, size ?? 0);
  }
  await note({ entries: most, bookAt: Date.now(), trouble: null });
  return true;
}

/** @param {Client} client */
async function learnSent(client) {
  const { sentAt } = await progress();
  if (sentAt && Date.now() - sentAt < DAY_MS) return true;
  const done = await readSent(client, await ownMailboxes(), async () => {
    await untilQuiet();
    return (await allowed()).sent;
  });
  if (done) await note({ sentAt: Date.now(), trouble: null });
  return done;
}

/** @param {Client} client */
async function forget(client) {
  for (const mailbox of await ownMailboxes()) await forgetBook(client, mailbox);
  await allow({ forget: false });
  await note({ entries: 0, bookAt: null, stale: true });
}

/** @param {any} problem @returns {Trouble} */
function troubleOf(problem) {
  if (problem?.reason !== "refused") return "away";
  return problem.told.status === 404 ? "old" : "refused";
}

async function learnAll() {
  const { sent, book, forget: wanted } = await allowed();
  if (!sent && !book && !wanted) {
    await learnNoMore();
    return;
  }
  try {
    const client = await connect();
    if (wanted) await forget(client);
    const done = (!book || (await learnBook(client))) && (!sent || (await learnSent(client)));
    if (done) await learnTomorrow();
    const isStale = book && (await progress()).stale;
    // The user has said otherwise meanwhile, or changed the address book.
    if (!done || isStale) isCalled = true;
  } catch (problem) {
    // It goes on from where it is, by the alarm.
    await note({ trouble: troubleOf(problem) });
  }
}

/** Whether something has changed since the last round began. */
let isCalled = false;

/** @type {Promise<void> | null} */
let running = null;

async function learnWhileCalled() {
  while (isCalled) {
    isCalled = false;
    await learnAll();
  }
  running = null;
}

/** @param {{name: string}} alarm */
export function learnByAlarm({ name }) {
  if (name !== ALARM) return;
  isCalled = true;
  running ??= learnWhileCalled();
}
