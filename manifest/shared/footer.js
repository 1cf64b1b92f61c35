// @ts-check
/** The foot of a review: what is still open, the ways out, and the reference for the helpdesk. */

import { referenceLine } from "./reference.js";
import { text } from "./texts.js";
import { element } from "./words.js";

/** @typedef {import("./client.js").Finding} Finding */

/**
 * @param {boolean} sealed
 * @param {Finding[]} asked
 * @param {import("./pane.js").Says} says
 * @param {import("./pane.js").Situation} situation
 */
export function sendLabel(sealed, asked, says, { shape }) {
  if (!sealed) return says.send;
  if (asked.some(({ code, ask }) => ask === "reason" && code.startsWith("key."))) {
    return says.unsealed;
  }
  // The words of a ZIP are shown before it goes.
  const more = shape === "zip" || asked.some(({ ask }) => ask === "name");
  return more ? text("reviewContinue") : says.seal;
}

/**
 * @param {string} label
 * @param {string} look
 * @param {() => void} act
 * @param {boolean} hidden
 */
function button(label, look, act, hidden) {
  const made = element("button", { type: "button", class: look }, label);
  made.addEventListener("click", act);
  made.hidden = hidden;
  return made;
}

/**
 * @param {object} foot
 * @param {string} foot.reference
 * @param {import("./pane.js").Says} foot.says
 * @param {boolean} foot.sends whether it may be sent from here
 * @param {boolean} foot.keys whether there is a way back to keys
 * @param {() => void} foot.send
 * @param {() => void} foot.useKeys
 * @param {() => void} foot.leave
 */
export function footerFor({ reference, says, sends, keys, send, useKeys, leave }) {
  return element(
    "footer",
    {},
    element("p", { class: "open quiet", role: "status" }),
    element(
      "div",
      { class: "controls" },
      button("", "send", send, !sends),
      button(says.again, "recheck", send, true),
      button(text("reviewUseKeys"), "keys", useKeys, !keys),
      button(says.back, "back", leave, !says.back),
    ),
    reference ? referenceLine(reference) : null,
  );
}
