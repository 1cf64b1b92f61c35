// @ts-check
/** One question of a review: what is the matter, what can be done, and whether it is settled. */

import { INTENDED, subject } from "./order.js";
import { text } from "./texts.js";
import { addressPair, element, visible } from "./words.js";

/** @typedef {import("./client.js").Finding} Finding */

/** @param {Finding} finding why the last answer was not one */
function againLine({ ask, code }) {
  /** @type {Record<string, string>} */
  const texts = {
    retype: text("reviewAgainRetype"),
    name: text("reviewAgainName"),
    "confirm-key": text("reviewAgainKey"),
    reason: code === INTENDED ? text("reviewAgainIntended") : "",
  };
  const words = texts[ask ?? ""] || text("reviewAgainOther");
  return element("p", { class: "again", role: "alert" }, words);
}

/** @param {string} message @param {string} words id of the sentence @param {string} body */
function foldable(message, words, body) {
  const attributes = { type: "button", class: "fold", id: words, "aria-controls": body };
  return element("h2", {}, element("button", attributes, message));
}

/**
 * Whom one of several questions is about, where its sentence does not say. What is to be typed from
 * elsewhere is not to be read here.
 *
 * @param {Finding} finding
 */
function whomOf(finding) {
  const address = subject(finding) ?? "";
  return finding.ask === "retype" || finding.message.includes(address) ? "" : address;
}

/**
 * @param {Finding} finding
 * @param {object} with_
 * @param {string} with_.words id of the sentence that everything here is about
 * @param {boolean} with_.folds one of several: it can be folded away to its sentence
 * @param {boolean} with_.again the last answer was not enough
 * @param {(Node | null)[]} with_.parts what can be done
 */
export function cardFor(finding, { words, folds, again, parts }) {
  const { id, severity, message, advice, suggestion, facts } = finding;
  const paired = suggestion && subject(finding);
  // The two addresses, their difference and the buttons say all that the advice would.
  const isTold = paired && typeof facts.difference === "string";
  const body = `body-${words}`;
  const heading = folds
    ? foldable(visible(message), words, body)
    : element("h2", { id: words }, visible(message));
  const whom = folds ? whomOf(finding) : "";
  const card = element(
    "section",
    {
      class: `card ${severity}`,
      "data-place": folds ? "among" : "alone",
      "data-finding": id,
      "data-ask": finding.ask ?? "",
      "aria-labelledby": whom ? `${words} whom-${words}` : words,
      tabindex: "-1",
    },
    heading,
    whom ? element("p", { class: "whom", id: `whom-${words}` }, whom) : null,
    element(
      "div",
      { class: "body", id: body },
      paired ? addressPair(finding) : null,
      advice && !isTold ? element("p", { class: "advice" }, visible(advice)) : null,
      again ? againLine(finding) : null,
      ...parts,
    ),
    element("p", { class: "settled", role: "status" }),
  );
  card.querySelector(".fold")?.addEventListener("click", () => open(card, !isOpen(card)));
  return card;
}

/** @param {Element} card */
export const isOpen = (card) => !card.querySelector(".body")?.hasAttribute("hidden");

/** @param {Element} card @param {boolean} on */
export function open(card, on) {
  const fold = card.querySelector(".fold");
  // What stands alone is always open.
  card.querySelector(".body")?.toggleAttribute("hidden", Boolean(fold) && !on);
  fold?.setAttribute("aria-expanded", String(on));
}
