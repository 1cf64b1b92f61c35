// @ts-check
/** It may go, and the organisation wants some seconds to pass in which it can be taken back. */

import { showCounting, showHeld } from "./badge.js";
import { isReviewOpen, openReview } from "./open.js";
import { digestOf, leaveTicket } from "./pass.js";
import { remember } from "./state.js";

/** @typedef {import("./state.js").Looked} Looked */

/**
 * Whether it waits; then the review window counts, and presses Send again. A protected ZIP does not
 * wait: its sender has just read its words and then pressed Send.
 *
 * @param {number} tabId
 * @param {any} details
 * @param {Pick<import("./seal.js").Cleared, "draft" | "answer" | "shape">} cleared
 * @param {Looked} looked as it was before this look
 * @param {string | undefined} counted the draft for which all seconds have passed
 * @param {Partial<Looked>} now what is known by this look
 * @returns {Promise<boolean>}
 */
export async function waits(tabId, details, { draft, answer, shape }, looked, counted, now) {
  const seconds = answer.undo ?? 0;
  if (seconds === 0 || shape === "zip") return false;
  const digest = await digestOf(draft, details);
  if (counted === digest) return false;
  const round = Date.now();
  if (counted !== undefined) {
    // Somebody wrote on in the very last moment: what goes is what was looked at.
    const problem = /** @type {const} */ ({
      reason: "changed", message: "", hint: "", sealing: false,
    });
    await remember(tabId, { ...now, asked: { answer: null, problem, tried: [], round } });
    showHeld(tabId);
    await openReview(tabId);
    return true;
  }
  const isCounting = looked.asked?.undo?.digest === digest && (await isReviewOpen(tabId));
  if (!isCounting) {
    await leaveTicket(tabId, round);
    const undo = { seconds, digest };
    await remember(tabId, { ...now, asked: { answer, problem: null, tried: [], round, undo } });
    showCounting(tabId);
  }
  await openReview(tabId);
  return true;
}
