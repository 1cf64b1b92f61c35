// @ts-check
/** It was sent, or failed, or was given up with its window. */

import { letGo, putBack } from "./instead.js";
import { forget, recall, remember } from "./state.js";
import { notice, showLast, tellTheService } from "./telling.js";
import * as unreported from "./unreported.js";

/**
 * @param {{id: number}} tab
 * @param {{mode: string, headerMessageId?: string | null}} sendInfo
 */
export async function afterSend(tab, { mode, headerMessageId }) {
  const { draft, review, unchecked, asked, original, lastLine } = await recall(tab.id);
  // A failed send carries no error, only no message id.
  const failed = mode === "sendNow" && !headerMessageId;
  if (failed && original) {
    await putBack(tab.id, original);
    await remember(tab.id, { original: null });
  }
  // Thunderbird calls a send that we stopped a failed one.
  if (asked) return;
  letGo(tab.id);
  const outcome = failed ? "failed" : "sent";
  if (draft) await unreported.keep({ outcome, draft, review: unchecked ? null : review });
  if (failed) await remember(tab.id, { draft: null });
  else await forget(tab.id);
  if (unchecked && !failed) await notice().catch(() => {});
  await tellTheService();
  if (!failed && lastLine) await showLast(lastLine);
}

/** @param {number} tabId */
export async function composeWindowGone(tabId) {
  const { draft, review, asked } = await recall(tabId);
  letGo(tabId);
  if (draft && !asked) return; // It is being sent: `afterSend` has the last word.
  await forget(tabId);
  if (!draft || !review) return;
  await unreported.keep({ outcome: "cancelled", draft, review });
  await tellTheService();
}
