// @ts-check
/** A cleared draft that must not leave in clear leaves sealed, or stays. */

import { deadlineIn, within } from "./shared/client.js";
import { text } from "./shared/texts.js";
import { showHeld } from "./badge.js";
import { openReview } from "./open.js";
import { seal } from "./seal.js";
import { problemOf } from "./silence.js";
import { memoryOf, remember } from "./state.js";
import { identityOf, sendZips } from "./zip.js";

/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./shared/client.js").Review} Review */
/** @typedef {import("./seal.js").Cleared} Cleared a draft that may go, but not in clear */

/** Thunderbird's own limit for pages that do nothing is thirty seconds. */
const AWAKE_MS = 10_000;

/** Sealing, and sending the hidden copies, which takes as long as the mail server takes. */
const SEND_MS = 180_000;

/**
 * The service has spoken, so no policy for silence applies any more: it leaves sealed or stays.
 *
 * @param {{id: number}} tab
 * @param {any} details
 * @param {Cleared} cleared
 */
export async function sealAndGo(tab, details, cleared) {
  // Thunderbird would put this page to sleep with the compose window locked.
  const awake = setInterval(() => messenger.runtime.getPlatformInfo(), AWAKE_MS);
  try {
    const deadline = deadlineIn(SEND_MS);
    const leaving = cleared.shape === "zip" ? zipped : sealed;
    const gone = await within(leaving(tab, details, cleared), deadline);
    if (!gone) return { cancel: true };
    await remember(tab.id, { asked: null, going: true, ...gone });
    return {};
  } catch (problem) {
    await holdUnsealed(tab, problem).catch(() => {});
    return { cancel: true };
  } finally {
    clearInterval(awake);
  }
}

/** @typedef {{draft: Draft, review: string | null, lastLine: string}} Gone what the record gets */

/**
 * @param {{id: number}} tab
 * @param {any} details
 * @param {Cleared} cleared
 * @returns {Promise<Gone>}
 */
async function sealed(tab, details, cleared) {
  const { draft, answer } = await seal(tab.id, details, cleared, memoryOf(tab.id));
  return { draft, review: answer.review, lastLine: text("afterSealed", namesOf(answer)) };
}

/**
 * The review window makes the ZIPs, shows their words, and hands over the files, not the words,
 * when the sender has said Send there.
 *
 * @param {{id: number}} tab
 * @param {any} details
 * @param {Cleared} cleared
 * @returns {Promise<Gone | null>} null: the words have to be shown first
 */
async function zipped(tab, details, { draft, answer }) {
  const question = { zipsOf: tab.id, identity: identityOf(draft, details) };
  // Nobody listens where no review window is open.
  const held = await messenger.runtime.sendMessage(question).catch(() => null);
  if (held?.going) {
    await sendZips(tab.id, details, held.going, memoryOf(tab.id));
    const lastLine = text("afterZip", namesOf(answer));
    return { draft: held.going.draft, review: held.going.review, lastLine };
  }
  if (!held?.waits) {
    const asked = { answer, problem: null, tried: [], round: Date.now(), zip: true };
    await remember(tab.id, { asked });
  }
  showHeld(tab.id);
  await openReview(tab.id);
  return null;
}

/** @param {{id: number}} tab @param {unknown} problem */
async function holdUnsealed(tab, problem) {
  // Closed meanwhile: there is nobody to tell, and nothing was sent.
  await messenger.tabs.get(tab.id);
  const shown = problemOf(problem, true);
  await remember(tab.id, { asked: { answer: null, problem: shown, tried: [], round: Date.now() } });
  showHeld(tab.id);
  await openReview(tab.id);
}

/** @param {Review} answer whom it was sealed for, as they are called */
function namesOf({ encryption }) {
  const others = (encryption.readers ?? []).filter(({ sender }) => !sender);
  return others.map(({ name, address }) => name || address).join(", ");
}
