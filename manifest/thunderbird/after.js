// @ts-check
/** It was sent, or failed, or was given up with its window. */

import { forgetEarly } from "./early.js";
import { letGo, putBack } from "./instead.js";
import { forget, recall, remember } from "./state.js";
import { notice, showLast, tellTheService } from "./telling.js";
import * as unreported from "./unreported.js";

/**
 * @typedef {object} SendInfo
 * @property {string} mode
 * @property {string | null} [headerMessageId] of a mail that has left
 * @property {{headerMessageId: string}[]} [messages] copies of it, in Sent or in the Outbox
 * @property {string} [error]
 *
 * @param {{id: number}} tab
 * @param {SendInfo} info
 */
export async function afterSend(tab, { mode, headerMessageId, messages, error }) {
  const { draft, review, unchecked, going, original, lastLine } = await recall(tab.id);
  // A mail server's refusal may come without an error, and has no message id.
  const failed = error !== undefined || (mode === "sendNow" && !headerMessageId);
  if (failed && original) {
    await putBack(tab.id, original);
    await remember(tab.id, { original: null });
  }
  // Thunderbird calls a send that we stopped a failed one.
  if (!going) return;
  letGo(tab.id);
  const outcome = failed ? "failed" : "sent";
  const messageId = failed ? null : headerMessageId || messages?.[0]?.headerMessageId || null;
  if (draft) {
    await unreported.keep({ outcome, draft, review: unchecked ? null : review, messageId });
  }
  if (failed) await remember(tab.id, { draft: null, going: false });
  else await Promise.all([forget(tab.id), forgetEarly(tab.id)]);
  if (unchecked && !failed) await notice().catch(() => {});
  await tellTheService();
  if (!failed && lastLine) await showLast(lastLine);
}

/** @param {number} tabId */
export async function composeWindowGone(tabId) {
  const { draft, review, going } = await recall(tabId);
  letGo(tabId);
  if (going) return; // `afterSend` has the last word.
  await Promise.all([forget(tabId), forgetEarly(tabId)]);
  if (!draft || !review) return;
  await unreported.keep({ outcome: "cancelled", draft, review });
  await tellTheService();
}
