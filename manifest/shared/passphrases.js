// @ts-check
/**
 * The words that open a protected ZIP: shown once, before it leaves. They are in this page and
 * nowhere else.
 */

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
function listed(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** @param {Spoken} spoken @param {number} place @param {() => void} change */
function card({ people, passphrase }, place, change) {
  const names = listed(people.map(called));
  const ids = { title: `for-${place}`, words: `words-${place}`, box: `noted-${place}` };
  const copied = element("p", { class: "copied", role: "status" });
  const copy = element(
    "button",
    { type: "button", class: "copy", "aria-describedby": ids.title },
    "Copy",
  );
  copy.addEventListener("click", async () => {
    copied.textContent = await navigator.clipboard.writeText(passphrase).then(
      () => "Copied. Do not paste them into a mail.",
      () => "They could not be copied. Please write them down.",
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
    element("h2", { id: ids.title }, `For ${names}`),
    people.length > 1
      ? element("p", { class: "advice" }, "They get the same message, so the same words.")
      : null,
    // A hyphen is part of it; the line breaks after one, never within a word.
    element("p", { class: "secret", id: ids.words, translate: "no" }, passphrase),
    element("div", { class: "controls" }, copy, copied),
    element("label", { class: "choice", for: ids.box }, box, "I have written them down"),
  );
}

/**
 * @param {HTMLElement} root
 * @param {Spoken[]} messages
 * @param {Host} host
 */
export function showPassphrases(root, messages, host) {
  const send = /** @type {HTMLButtonElement} */ (
    element("button", { type: "button", class: "send", disabled: "" }, "Send")
  );
  const keys = element("button", { type: "button", class: "keys" }, "Use keys instead");
  const back = element("button", { type: "button", class: "back" }, "Back to the draft");
  const line = element("p", { class: "open quiet", role: "status" });
  const boxes = () => /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll(".noted")]);
  const update = () => {
    send.disabled = !boxes().every(({ checked }) => checked);
    line.textContent = send.disabled ? "It goes when you have written the words down." : "";
  };
  const go = (/** @type {() => void} */ act) => {
    for (const control of root.querySelectorAll("button:not(.back), input")) {
      /** @type {HTMLButtonElement} */ (control).disabled = true;
    }
    act();
  };
  send.addEventListener("click", () => {
    line.textContent = "Sending …";
    go(host.send);
  });
  keys.addEventListener("click", () => go(host.keys));
  back.addEventListener("click", host.leave);
  root.replaceChildren(
    element(
      "header",
      {},
      element("h1", { id: "title" }, "The words that open this mail"),
      element(
        "p",
        {},
        "Read these words out on the phone. They are shown only now and are not in the mail. ",
        "Your own copy opens with them too.",
      ),
      element("p", { class: "quiet" }, "It has not been sent yet."),
    ),
    element(
      "main",
      {},
      ...messages.map((one, place) => card(one, place, update)),
      element(
        "p",
        { class: "quiet" },
        "Phone a number that you know from elsewhere. If you close this window, nothing is sent, ",
        "and there will be other words next time.",
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
