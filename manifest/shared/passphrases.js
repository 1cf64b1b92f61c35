// @ts-check
/**
 * The words that open a protected ZIP: shown once, before it leaves. They are in this page and
 * nowhere else.
 */

import { language, text } from "./texts.js";
import { element, visible } from "./words.js";

/**
 * @typedef {object} Spoken one message, the people who get it, and the words that open it
 * @property {{name: string, address: string}[]} people
 * @property {string} passphrase
 *
 * @typedef {{send: () => void, keys: () => void, leave: () => void}} Host
 */

/** @param {{name: string, address: string}} person */
const called = ({ name, address }) => visible(name || address);

/** @param {string[]} names */
const listed = (names) => new Intl.ListFormat(language(), { type: "conjunction" }).format(names);

/** @param {Spoken} spoken @param {number} place @param {() => void} change */
function card({ people, passphrase }, place, change) {
  const names = listed(people.map(called));
  const ids = { title: `for-${place}`, words: `words-${place}`, box: `noted-${place}` };
  const copied = element("p", { class: "copied", role: "status" });
  const copy = element(
    "button",
    { type: "button", class: "copy", "aria-describedby": ids.title },
    text("wordsCopy"),
  );
  copy.addEventListener("click", async () => {
    copied.textContent = await navigator.clipboard.writeText(passphrase).then(
      () => text("wordsCopied"),
      () => text("wordsNotCopied"),
    );
  });
  const box = /** @type {HTMLInputElement} */ (
    element("input", {
      type: "checkbox",
      class: "noted",
      id: ids.box,
      "aria-describedby": `${ids.title} ${ids.words}`,
    })
  );
  box.addEventListener("change", change);
  return element(
    "section",
    { class: "card passphrase", "aria-labelledby": ids.title },
    element("h2", { id: ids.title }, text("wordsFor", names)),
    people.length > 1
      ? element("p", { class: "advice" }, text("wordsSame"))
      : null,
    // A hyphen is part of it; the line breaks after one, never within a word.
    element("p", { class: "secret", id: ids.words, translate: "no" }, passphrase),
    element("div", { class: "controls" }, copy, copied),
    element("label", { class: "choice", for: ids.box }, box, text("wordsNoted")),
  );
}

/**
 * @param {HTMLElement} root
 * @param {Spoken[]} messages
 * @param {Host} host
 */
export function showPassphrases(root, messages, host) {
  const send = /** @type {HTMLButtonElement} */ (
    element("button", { type: "button", class: "send", disabled: "" }, text("wordsSend"))
  );
  const keys = element("button", { type: "button", class: "keys" }, text("reviewUseKeys"));
  const back = element("button", { type: "button", class: "back" }, text("reviewBack"));
  const line = element("p", { class: "open quiet", role: "status" });
  const boxes = () => /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll(".noted")]);
  const update = () => {
    send.disabled = !boxes().every(({ checked }) => checked);
    line.textContent = send.disabled ? text("wordsNeeded") : "";
  };
  const go = (/** @type {() => void} */ act) => {
    for (const control of root.querySelectorAll("button:not(.back), input")) {
      /** @type {HTMLButtonElement} */ (control).disabled = true;
    }
    act();
  };
  send.addEventListener("click", () => {
    line.textContent = text("wordsSending");
    go(host.send);
  });
  keys.addEventListener("click", () => go(host.keys));
  back.addEventListener("click", host.leave);
  root.replaceChildren(
    element(
      "header",
      {},
      element("h1", { id: "title" }, text("wordsTitle")),
      element(
        "p",
        {},
        text("wordsLead"),
      ),
      element("p", { class: "quiet" }, text("reviewNotSentYet")),
    ),
    element(
      "main",
      {},
      ...messages.map((one, place) => card(one, place, update)),
      element(
        "p",
        { class: "quiet" },
        text("wordsPhone"),
      ),
    ),
    element(
      "footer",
      {},
      line,
      element("div", { class: "controls" }, send, keys, back),
    ),
  );
  update();
  // A box is the safe place to begin: Enter does nothing to it.
  boxes()[0]?.focus();
}
