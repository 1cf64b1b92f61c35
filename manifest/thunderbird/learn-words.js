// @ts-check
/** What is said of how far the learning is. */

import { counted, language, text } from "./shared/texts.js";

/** @typedef {"sent" | "book"} What */
/** @typedef {import("./learning-state.js").Allowed} Allowed */
/** @typedef {import("./learning-state.js").Progress} Progress */

const TROUBLES = { away: "learnAway", old: "learnOld", refused: "learnRefused" };

/** @param {Progress} now */
export function mails({ places }) {
  const all = Object.values(places);
  const sum = (/** @type {"seen" | "total"} */ what) =>
    all.reduce((total, place) => total + place[what], 0);
  return { seen: sum("seen"), total: Math.max(sum("total"), sum("seen")) };
}

/** @param {number} at */
const day = (at) => new Date(at).toLocaleDateString(language());

/** @param {What} what @param {Allowed} may @param {Progress} now @returns {string} */
export function state(what, may, now) {
  if (what === "book" && may.forget) return text(now.trouble ? "learnForgetLater" : "learnForgetting");
  if (!may[what]) return text("learnOff");
  const at = what === "sent" ? now.sentAt : now.bookAt;
  if (now.trouble) return text(TROUBLES[now.trouble]);
  if (what === "book") return at ? counted("learnBookDone", now.entries, now.entries) : text("learnWorking");
  const { seen, total } = mails(now);
  if (at) return counted("learnSentDone", seen, seen, day(at));
  return total ? text("learnSentWorking", seen, total) : text("learnWorking");
}
