// @ts-check
/**
 * The words of the add-in in the reader's language, from `_locales/<language>/messages.json`.
 * Thunderbird looks them up itself; elsewhere `catalogue.js`, which `manifest build` writes, brings
 * those of all languages along.
 */

/** @typedef {Record<string, string>} Catalogue texts by name, with $1 to $9 for what is put in */

/** @returns {Catalogue} the best of those that came along, by what the reader's computer prefers */
function carried() {
  /** @type {Record<string, Catalogue>} */
  const catalogues = /** @type {any} */ (globalThis).lastLookTexts ?? {};
  const wanted = (navigator.languages ?? []).map((one) => one.toLowerCase().split("-")[0]);
  return catalogues[wanted.find((one) => one in catalogues) ?? "en"] ?? {};
}

/** @param {string} name @param {string[]} values */
function lookUp(name, values) {
  const { i18n } = /** @type {any} */ (globalThis).messenger ?? {};
  if (i18n) return i18n.getMessage(name, values);
  return (carried()[name] ?? "").replace(/\$(\d)/g, (_, place) => values[Number(place) - 1] ?? "");
}

/**
 * @param {string} name
 * @param {...(string | number)} values what is put in, in the order of the catalogue
 * @returns {string} "" where there is no such text
 */
export function text(name, ...values) {
  return lookUp(name, values.map(String));
}

/** The language that the texts are in, as a tag of the web. */
export const language = () => text("language");

/**
 * A text that depends on a number: `name_one`, `name_other` and whatever else the language has.
 *
 * @param {string} name
 * @param {number} count
 * @param {...(string | number)} values
 */
export function counted(name, count, ...values) {
  const category = new Intl.PluralRules(language()).select(count);
  return text(`${name}_${category}`, ...values) || text(`${name}_other`, ...values);
}

/** Where a page names its texts, and what they become. @type {[string, (element: Element, words: string) => void][]} */
const PLACES = [
  ["data-text", (element, words) => { element.textContent = words; }],
  ["data-text-label", (element, words) => element.setAttribute("aria-label", words)],
  ["data-text-title", (element, words) => element.setAttribute("title", words)],
];

/** The words of a page that stand in its HTML by name. @param {Document} page */
export function fillTexts(page) {
  page.documentElement.lang = language();
  for (const [attribute, put] of PLACES) {
    for (const element of page.querySelectorAll(`[${attribute}]`)) {
      put(element, text(element.getAttribute(attribute) ?? ""));
    }
  }
}
