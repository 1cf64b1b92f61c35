// @ts-check
/**
 * The seconds before a mail goes, in which it can be stopped. The page only shows them: whoever
 * calls it holds the clock, and sends or does not.
 */

import { counted, text } from "./texts.js";
import { element, visible } from "./words.js";

/** Told to those who listen: a number each second would talk over everything else. */
const TOLD_AT = 5;

/** More people than these are counted: what counts now is the button. */
const NAMED = 6;

/** Wherever the focus is. */
const STOPS = ["Enter", " ", "Escape"];

/**
 * @typedef {object} Countdown
 * @property {number} seconds from now on
 * @property {string[]} names of everybody it goes to, or their addresses
 * @property {() => void} stop it is not to go; called once
 *
 * @typedef {object} Shown
 * @property {(left: number) => void} show how many seconds are left; may be called at any pace
 * @property {() => void} going it is being sent: nothing can be pressed any more
 */

/** @param {string[]} names */
function people(names) {
  const some = names.slice(0, NAMED).map((name) => element("li", {}, visible(name)));
  const more = names.length - some.length;
  if (more > 0) some.push(element("li", { class: "quiet" }, counted("undoMore", more, more)));
  return names.length ? element("ul", { class: "going-to" }, ...some) : null;
}

/**
 * Enter, Space and Escape all stop. There is no way to be faster: who is in a hurry is who this is
 * for.
 *
 * @param {HTMLElement} root
 * @param {Countdown} countdown
 * @returns {Shown}
 */
export function showCountdown(root, { seconds, names, stop }) {
  const number = element("span", { class: "left", "aria-hidden": "true" });
  const bar = element("progress", { max: String(seconds), "aria-hidden": "true" });
  const said = element("p", { class: "spoken", role: "status" });
  const button = /** @type {HTMLButtonElement} */ (
    element("button", { type: "button", class: "primary stop" }, text("undoStop"))
  );
  let last = Infinity;
  let over = false;

  const listening = new AbortController();
  const end = () => {
    over = true;
    button.disabled = true;
    listening.abort();
  };
  const halt = () => {
    if (over) return;
    end();
    stop();
  };
  button.addEventListener("click", (event) => {
    // The second half of a double click on what stood here before.
    if (event.detail < 2) halt();
  });
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (!button.isConnected) return listening.abort();
    // A held key repeats, and Ctrl+Enter is Send: neither was meant for this page.
    const stray = event.repeat || event.ctrlKey || event.metaKey || event.altKey;
    if (stray || !STOPS.includes(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    halt();
  };
  const { signal } = listening;
  root.ownerDocument.addEventListener("keydown", pressed, { capture: true, signal });

  const show = (/** @type {number} */ left) => {
    const whole = Math.max(0, Math.ceil(left));
    if (over || whole === last) return;
    if (Number.isFinite(last) && last > TOLD_AT && whole <= TOLD_AT) {
      said.textContent = counted("undoSeconds", whole, whole);
    }
    last = whole;
    number.textContent = counted("undoSeconds", whole, whole);
    bar.setAttribute("value", String(whole));
  };
  const going = () => {
    end();
    number.textContent = text("undoGoing");
    said.textContent = text("undoGoing");
    bar.setAttribute("value", "0");
  };

  root.replaceChildren(
    element("header", {}, element("h1", { id: "title" }, text("undoTitle"))),
    element(
      "main",
      { class: "countdown" },
      element("p", { class: "quiet", id: "undo-why" }, text("undoLead")),
      element("p", { class: "seconds" }, number, bar),
      people(names),
      said,
      element("div", { class: "controls" }, button),
    ),
  );
  button.setAttribute("aria-describedby", "undo-why");
  show(seconds);
  // After it stands on the page: a region that arrives with its words is not read out.
  said.textContent = counted("undoStarts", last, last);
  button.focus();
  return { show, going };
}
