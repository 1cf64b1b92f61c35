// @ts-check
/** The review window of a draft. */

import { recall, remember } from "./state.js";

/** @param {number} tabId */
export async function isReviewOpen(tabId) {
  const { windowId } = await recall(tabId);
  if (windowId === null) return false;
  return messenger.windows.get(windowId).then(() => true, () => false);
}

/**
 * One window per draft: a second Send while it is open renews what it shows.
 *
 * @param {number} tabId
 */
export async function openReview(tabId) {
  const { windowId } = await recall(tabId);
  if (windowId !== null) {
    try {
      await messenger.windows.update(windowId, { focused: true });
      return;
    } catch {
      // It was closed; a new one follows.
    }
  }
  const opened = await messenger.windows.create({
    type: "popup",
    url: `review.html?tab=${tabId}`,
    width: 660,
    height: 560,
    allowScriptsToClose: true,
  });
  await remember(tabId, { windowId: opened.id });
}
