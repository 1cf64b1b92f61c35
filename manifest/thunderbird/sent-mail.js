// @ts-check
/** Every folder for sent mail, the newest first, from where the last time ended. */

import { handMails } from "./handing.js";
import { headersOf } from "./headers.js";
import { note, progress } from "./learning-state.js";

/** @typedef {import("./shared/client.js").Client} Client */
/** @typedef {import("./learning-state.js").Place} Place */

/** What is older says little about today. */
export const MOST_MAILS = 20_000;
const YEARS_MS = 3 * 365 * 86_400_000;

/** A mail may be stored days after its date, by another computer for instance. */
const OVERLAP_MS = 3 * 86_400_000;

/**
 * @param {string} folderId
 * @returns {AsyncGenerator<any[]>} pages of messages, the newest first
 */
async function* pagesOf(folderId) {
  let page = await messenger.messages.list(folderId, { sortType: "date", sortOrder: "descending" });
  try {
    while (page.messages.length) {
      yield page.messages;
      if (!page.id) return;
      page = await messenger.messages.continueList(page.id);
    }
  } finally {
    if (page.id) await messenger.messages.abortList(page.id).catch(() => {});
  }
}

/**
 * @param {Client} client
 * @param {any[]} messages
 * @param {Set<string>} own
 */
async function hand(client, messages, own) {
  const by = Map.groupBy(
    messages.map((message) => headersOf(message, own)).filter((found) => found !== null),
    ({ mailbox }) => mailbox,
  );
  let counted = 0;
  for (const [mailbox, found] of by) {
    counted += await handMails(client, mailbox, found.map(({ headers }) => headers));
  }
  return counted;
}

/** @param {string} folderId @returns {Promise<Place>} */
async function begin(folderId) {
  const info = await messenger.folders.getFolderInfo(folderId);
  const total = Math.min(info.totalMessageCount ?? 0, MOST_MAILS);
  return { top: 0, down: Infinity, done: false, seen: 0, total };
}

/**
 * @param {Client} client
 * @param {string} folderId
 * @param {Set<string>} own
 * @param {() => Promise<boolean>} mayGoOn asked before each part
 * @returns {Promise<boolean>} whether it was read to its end
 */
async function readFolder(client, folderId, own, mayGoOn) {
  const stored = (await progress()).places[folderId];
  // What is infinite is null once it was stored.
  const place = stored ? { ...stored, down: stored.down ?? Infinity } : await begin(folderId);
  const horizon = Date.now() - YEARS_MS;
  const known = place.top;
  let newest = known;
  let passed = 0;
  for await (const messages of pagesOf(folderId)) {
    const dates = messages.map(({ date }) => Number(date));
    const oldest = Math.min(...dates);
    newest = Math.max(newest, ...dates);
    const fresh = messages.filter((_, at) => dates[at] > horizon &&
      (dates[at] > known - OVERLAP_MS || (!place.done && dates[at] <= place.down)));
    if (fresh.length) {
      if (!(await mayGoOn())) return false;
      const counted = await hand(client, fresh, own);
      const isBack = !place.done && oldest <= place.down;
      if (isBack) Object.assign(place, { down: oldest, seen: place.seen + fresh.length });
      // A first reading begins at the newest mail; what comes later is above it.
      if (!known && !place.top) place.top = newest;
      const now = await progress();
      const places = { ...now.places, [folderId]: place };
      await note({ places, counted: now.counted + counted, trouble: null });
    }
    passed += messages.length;
    if (oldest < horizon || passed >= MOST_MAILS) break;
    if (place.done && oldest < known - OVERLAP_MS) break;
  }
  Object.assign(place, { done: true, top: newest, total: place.seen });
  await note({ places: { ...(await progress()).places, [folderId]: place } });
  return true;
}

/**
 * @param {Client} client
 * @param {Set<string>} own
 * @param {() => Promise<boolean>} mayGoOn
 * @returns {Promise<boolean>} whether all was read
 */
export async function readSent(client, own, mayGoOn) {
  const folders = await messenger.folders.query({ specialUse: ["sent"] });
  for (const { id, isVirtual, isUnified } of folders) {
    if (isVirtual || isUnified) continue;
    if (!(await readFolder(client, id, own, mayGoOn))) return false;
  }
  return true;
}
