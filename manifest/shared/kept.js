// @ts-check
/** What somebody has typed and pressed, over a page that is written anew. */

import { isOpen, open } from "./card.js";

/** @typedef {import("./client.js").Review} Review */

/**
 * @typedef {object} Held the controls of one card, in their order
 * @property {string} ask
 * @property {{value: string, checked: boolean}[]} inputs
 * @property {boolean[]} pressed
 * @property {boolean} open
 *
 * @typedef {object} Kept
 * @property {Map<string, Held>} cards by the finding that they are about
 * @property {{finding: string, place: number} | null} focus
 * @property {HTMLElement | null} elsewhere what had it outside of this
 */

/** The sentence itself folds only where it is one of several. */
const CONTROLS = ".body button, .body input";

/** @param {ParentNode} root @returns {HTMLElement[]} */
const cardsIn = (root) => [...root.querySelectorAll(".card[data-finding]")].map(
  (card) => /** @type {HTMLElement} */ (card),
);

/** @param {Element} card @returns {HTMLInputElement[]} */
const inputsIn = (card) => [...card.querySelectorAll("input")];

/** @param {Element} card @returns {HTMLButtonElement[]} */
const togglesIn = (card) => [...card.querySelectorAll("button")].filter((one) =>
  one.hasAttribute("aria-pressed"),
);

/** @param {HTMLElement} root @returns {Kept} */
export function snapshot(root) {
  /** @type {Kept["cards"]} */
  const cards = new Map();
  let focus = null;
  for (const card of cardsIn(root)) {
    const finding = card.dataset.finding ?? "";
    const inputs = inputsIn(card).map(({ value, checked }) => ({ value, checked }));
    const pressed = togglesIn(card).map((one) => one.getAttribute("aria-pressed") === "true");
    cards.set(finding, { ask: card.dataset.ask ?? "", inputs, pressed, open: isOpen(card) });
    const controls = [...card.querySelectorAll(CONTROLS)];
    const place = controls.findIndex((control) => control === document.activeElement);
    if (place >= 0) focus = { finding, place };
  }
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  const isOutside = active !== document.body && !root.contains(active);
  return { cards, focus, elsewhere: isOutside ? active : null };
}

/**
 * As if it were typed and pressed again, so that everything that follows from it follows.
 *
 * @param {HTMLElement} root
 * @param {Kept} kept
 */
export function restore(root, { cards, focus, elsewhere }) {
  const settled = /** @type {HTMLElement | null} */ (document.activeElement);
  for (const card of cardsIn(root)) {
    const held = cards.get(card.dataset.finding ?? "");
    const inputs = inputsIn(card);
    // Another question about the same thing has other fields.
    if (held?.open) open(card, true);
    if (held?.ask !== card.dataset.ask || held?.inputs.length !== inputs.length) continue;
    inputs.forEach((input, place) => {
      const { value, checked } = held.inputs[place];
      if (input.type === "radio") input.checked = checked;
      else input.value = value;
    });
    for (const input of inputs) input.dispatchEvent(new Event("input"));
    for (const input of inputs) input.dispatchEvent(new Event("change"));
    togglesIn(card).forEach((toggle, place) => {
      if (held.pressed[place]) toggle.click();
    });
  }
  const card = cardsIn(root).find(({ dataset }) => dataset.finding === focus?.finding);
  const control = card?.querySelectorAll(CONTROLS)[focus?.place ?? -1];
  /** @type {HTMLElement | null} */ (control ?? elsewhere ?? settled)?.focus();
}

/**
 * Whether the same is asked and shown. A reference and a review token are new each time.
 *
 * @param {Review} one
 * @param {Review | undefined} other
 */
export function isSameReview(one, other) {
  const shown = (/** @type {Review | undefined} */ review) =>
    JSON.stringify([review?.verdict, review?.findings, review?.encryption]);
  return shown(one) === shown(other);
}
