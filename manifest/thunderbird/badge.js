// @ts-check
/** The button beside Send: what it shows without a word. */

import { text } from "./shared/texts.js";
import { visible } from "./shared/words.js";

/** @typedef {import("./shared/client.js").Review} Review */

/** @type {Record<Review["verdict"], string>} */
const MARKS = { allow: "", confirm: "?", block: "!" };

/** As much as stands in one line. */
const TITLE_LETTERS = 120;

/** @param {Review} answer the gravest doubt, which the service lists first, or what else there is */
function titleOf({ verdict, findings, encryption }) {
  if (verdict !== "allow") {
    const [{ message } = { message: "" }] = findings.filter(({ severity }) => severity !== "note");
    const short = visible(message);
    const cut = short.length > TITLE_LETTERS ? `${short.slice(0, TITLE_LETTERS)} …` : short;
    return cut ? text("buttonDoubt", cut) : text("buttonQuestion");
  }
  if (encryption.required) return text("buttonSealed");
  return findings.length === 0 ? text("buttonNothing") : text("buttonNoted", findings.length);
}

/** @param {number} tabId @param {string} mark @param {string} title */
export async function showBadge(tabId, mark, title) {
  await messenger.composeAction.setBadgeText({ tabId, text: mark });
  await messenger.composeAction.setTitle({ tabId, title });
}

/** Nobody waits for it, and a window may be gone by now. @param {number} tabId @param {Review} answer */
export function showAnswer(tabId, answer) {
  showBadge(tabId, MARKS[answer.verdict], titleOf(answer)).catch(() => {});
}

/** The mail waits, and a window says why. @param {number} tabId */
export function showHeld(tabId) {
  showBadge(tabId, "!", text("buttonHeld")).catch(() => {});
}

/** @param {number} tabId */
export function showCounting(tabId) {
  showBadge(tabId, "", text("buttonCounting")).catch(() => {});
}
