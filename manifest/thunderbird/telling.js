// @ts-check
/** The service hears of what was sent; the sender, of what it has not heard of yet. */

import { counted, text } from "./shared/texts.js";
import { say } from "./flow.js";
import { connect } from "./settings.js";
import * as unreported from "./unreported.js";

const RETRY_ALARM = "tell-what-went-unchecked";

/**
 * A line at the foot of the main window, and the words beside its button, until there are others.
 *
 * @param {string} title
 */
export async function showLast(title) {
  await say(title);
  if ((await unreported.uncheckedCount()) > 0) return;
  await messenger.action.setTitle({ title });
}

export async function notice() {
  await showUnchecked();
  await messenger.notifications.create("unchecked", {
    type: "basic",
    iconUrl: "icons/look.svg",
    title: text("tellingTitle"),
    message: text("tellingUnchecked"),
  });
}

export async function showUnchecked() {
  const count = await unreported.uncheckedCount();
  await messenger.action.setBadgeText({ text: count ? String(count) : "" });
  await messenger.action.setTitle({
    title: count ? counted("tellingCount", count, count) : text("extensionName"),
  });
  if (count) await messenger.alarms.create(RETRY_ALARM, { periodInMinutes: 1 });
  else await messenger.alarms.clear(RETRY_ALARM);
}

/** Best effort: what cannot be told now is told before the next review, or by the alarm. */
export async function tellTheService() {
  try {
    await unreported.tellAll(await connect());
  } catch {
    // It stays listed.
  }
  await showUnchecked();
}
