// @ts-check
/** The button beside Send: what it shows without a word. */

import { text } from "./shared/texts.js";

/** @typedef {import("./shared/client.js").Review} Review */

/** @param {Review} answer */
export function quietBadge({ findings }) {
  const noted = findings.filter(({ severity }) => severity === "note").length;
  return noted === 0 ? "✓" : String(noted);
}

/** @type {Record<string, string>} */
const TITLES = { "✓": text("buttonNothing"), "!": text("buttonQuestion") };

/** @param {string} mark */
const titleOf = (mark) => TITLES[mark] ?? text("buttonNoted", mark);

/** @param {number} tabId @param {string} mark @param {string} [title] */
export async function showBadge(tabId, mark, title = titleOf(mark)) {
  await messenger.composeAction.setBadgeText({ tabId, text: mark });
  await messenger.composeAction.setTitle({ tabId, title });
}
