// @ts-check
/** What is shown when there was no answer and the mail waits. */

import { text } from "./texts.js";
import { element, visible } from "./words.js";

/** @typedef {import("./client.js").Reason} Reason */

/**
 * @typedef {object} Silence
 * @property {string} reason
 * @property {string} title
 * @property {string} lead what has become of the mail
 * @property {string} cause
 * @property {string} why it waits, and what can be done
 * @property {string} message what the service said, "" where it said nothing
 * @property {string} hint
 *
 * @typedef {object} WayOut a button; the first is the one to take
 * @property {string} name
 * @property {string} label
 * @property {() => void} act
 * @property {boolean} [once] it cannot be pressed again until something else is shown
 */

/** Causes that read the same in every mail program. @type {Partial<Record<Reason, string>>} */
export const CAUSES = {
  unreachable: text("silenceUnreachable"),
  slow: text("silenceSlow"),
  nonsense: text("silenceNonsense"),
  refused: text("silenceRefused"),
};

/** @param {WayOut} way @param {number} place */
function wayOut({ name, label, act, once }, place) {
  const attributes = { type: "button", class: place === 0 ? `primary ${name}` : name };
  const button = /** @type {HTMLButtonElement} */ (element("button", attributes, label));
  button.addEventListener("click", () => {
    button.disabled = Boolean(once);
    act();
  });
  return button;
}

/**
 * @param {HTMLElement} root
 * @param {Silence} silence
 * @param {WayOut[]} ways at least one
 */
export function showSilence(root, { reason, title, lead, cause, why, message, hint }, ways) {
  const buttons = ways.map(wayOut);
  root.replaceChildren(
    element("header", {}, element("h1", { id: "title" }, title), element("p", {}, lead)),
    element(
      "main",
      {},
      element(
        "section",
        { class: "card stop", "data-reason": reason },
        element("h2", {}, cause),
        message ? element("p", {}, visible(message)) : null,
        hint ? element("p", { class: "advice" }, visible(hint)) : null,
        why ? element("p", { class: "advice" }, why) : null,
      ),
    ),
    element("footer", {}, element("div", { class: "controls" }, ...buttons)),
  );
  buttons[0].focus();
}
