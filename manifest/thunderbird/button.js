// @ts-check
/** The button beside Send, pressed: a look without sending. */

import { text } from "./shared/texts.js";
import { ask } from "./ask.js";
import { quietBadge, showBadge } from "./badge.js";
import { collect } from "./collect.js";
import { openReview } from "./open.js";
import { recall } from "./state.js";

/**
 * The button beside Send: back to the open question, where the draft is still the one that raised
 * it; else a look without sending.
 *
 * @param {{id: number}} tab
 */
export async function lookNow(tab) {
  try {
    const details = await messenger.compose.getComposeDetails(tab.id);
    const looked = await recall(tab.id);
    const now = JSON.stringify(await collect(tab.id, details));
    if (looked.asked && now === JSON.stringify(looked.draft)) return await openReview(tab.id);
    const { answer } = await ask(tab.id, details, "typing", looked);
    await showBadge(tab.id, answer.verdict === "allow" ? quietBadge(answer) : "!");
  } catch {
    await messenger.composeAction.setBadgeText({ tabId: tab.id, text: "?" });
    await messenger.composeAction.setTitle({
      tabId: tab.id,
      title: text("buttonAway"),
    });
  }
}
