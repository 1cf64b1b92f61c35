// @ts-check
/** Small pieces of page that every add-in shows. Text only ever enters as text. */

import { text } from "./texts.js";

/** @typedef {import("./client.js").Finding} Finding */

/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * An address may carry characters that are not seen or that turn the line around; the sender must
 * see that they are there.
 *
 * @param {string} text
 */
export function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
  });
}

/** @param {unknown} value @returns {value is [string, string][]} */
function isAlignment(value) {
  return (
    Array.isArray(value) &&
    value.every((piece) => Array.isArray(piece) && piece.length === 2 &&
      piece.every((half) => typeof half === "string"))
  );
}

/**
 * @param {string} text
 * @param {string} side
 * @param {boolean} apart
 */
function half(text, side, apart) {
  const classes = !apart ? "" : text ? `${side}-apart` : `${side}-apart absent`;
  return element("span", classes ? { class: classes } : {}, text ? visible(text) : " ");
}

/**
 * Equal pieces are cut into single characters, so that a long address can wrap anywhere.
 *
 * @param {[string, string][]} alignment
 */
function columns(alignment) {
  const cut = alignment.flatMap(([typed, known]) =>
    typed === known ? [...typed].map((letter) => [letter, letter]) : [[typed, known]],
  );
  return cut.map(([typed, known]) =>
    element(
      "span",
      { class: "column" },
      half(typed, "typed", typed !== known),
      half(known, "known", typed !== known),
    ),
  );
}

/**
 * Without an alignment from the service nothing is marked.
 *
 * @param {string} typed
 * @param {string} known
 */
function unmarked(typed, known) {
  return element("span", { class: "unmarked" }, half(typed, "", false), half(known, "", false));
}

/**
 * What was typed above what is known, with the difference marked by colour, weight and underline,
 * and in words for those who listen.
 *
 * @param {Finding} finding with `about` and `suggestion`
 */
export function addressPair({ about, suggestion, facts }) {
  const typed = about?.address ?? "";
  const known = suggestion?.address ?? "";
  const alignment = isAlignment(facts.alignment) ? facts.alignment : null;
  const fits =
    alignment?.map(([piece]) => piece).join("").toLowerCase() === typed.toLowerCase() &&
    alignment?.map(([, piece]) => piece).join("").toLowerCase() === known.toLowerCase();
  const told = typeof facts.difference === "string" ? facts.difference.replace(/\.$/, "") : "";
  const person = visible(suggestion?.name ?? "");
  const spoken = [
    text("pairTyped", visible(typed)),
    person ? text("pairOf", person, visible(known)) : text("pairKnown", visible(known)),
    told && text("pairDifference", visible(told)),
  ];
  return element(
    "div",
    { class: "pair" },
    element("p", { class: "spoken" }, spoken.filter(Boolean).join(" ")),
    element(
      "div",
      { class: "names", "aria-hidden": "true" },
      element("span", {}, text("pairYouTyped")),
      element("span", { title: person }, element("bdi", {}, person || text("pairKnownShort"))),
    ),
    element(
      "div",
      { class: "columns", "aria-hidden": "true", dir: "ltr" },
      ...(alignment && fits ? columns(alignment) : [unmarked(typed, known)]),
    ),
    told
      ? element(
          "p",
          { class: "difference", "aria-hidden": "true" },
          text("pairDifference", visible(told)),
        )
      : null,
  );
}
