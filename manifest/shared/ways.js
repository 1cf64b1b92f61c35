// @ts-check
/** What can be done for somebody without a key, and the way back. Nothing of it happens by itself. */

import { text } from "./texts.js";
import { element } from "./words.js";

/** @typedef {import("./client.js").Finding} Finding */
/** @typedef {import("./client.js").Chosen} Chosen */
/** @typedef {"ask" | "smime" | "zip"} Way */

/** @type {Record<Way, {label: string, means: string}>} */
const WAYS = {
  ask: {
    label: text("waysAsk"),
    means: text("waysAskMeans"),
  },
  smime: {
    label: text("waysSmime"),
    means: text("waysSmimeMeans"),
  },
  zip: {
    label: text("waysZip"),
    means: text("waysZipMeans"),
  },
};

/** In this order: what is safest in the long run stands first. */
const ORDER = /** @type {Way[]} */ (Object.keys(WAYS));

/** What stands in a review that was looked at in another way than with keys. */
const CHOSEN = {
  zip: text("waysZipChosen"),
  smime: text("waysSmimeChosen"),
};

/** @param {Finding} finding @returns {Way[]} the ways that this finding offers */
export function waysOf({ severity, facts: { ways } }) {
  if (severity !== "stop" || !Array.isArray(ways)) return [];
  return ORDER.filter((way) => ways.includes(way));
}

/** @param {Chosen} shape @returns {string | null} what was chosen, null where it is the usual way */
export const toldOf = (shape) => (shape === "mime" ? null : CHOSEN[shape]);

/**
 * @param {Way[]} ways
 * @param {string} words id of the sentence that this is about
 * @param {object} host
 * @param {(way: Way) => Promise<Node | void>} host.go it may have more to show
 * @param {(way: Way) => boolean} host.can whether the mail program is able to
 * @param {string} host.unable what is said where it is not
 */
export function waysSection(ways, words, { go, can, unable }) {
  if (ways.length === 0) return null;
  const offered = ways.filter(can);
  const missed = offered.length < ways.length;
  const told = element("p", { class: "told", role: "status" });
  const more = element("div", { class: "more" });
  const buttons = offered.map((way) => {
    const { label, means } = WAYS[way];
    const attributes = { type: "button", class: `way ${way}`, "aria-describedby": words };
    const button = element("button", attributes, label, element("small", {}, means));
    button.addEventListener("click", async () => {
      told.textContent = "";
      more.replaceChildren();
      await go(way).then(
        (shown) => {
          if (shown) more.append(shown);
          else if (way === "ask") told.textContent = text("waysAskOpen");
        },
        (/** @type {any} */ problem) => {
          const message = problem?.told?.message;
          told.textContent = message || text("waysFailed");
        },
      );
    });
    return button;
  });
  const id = `ways-${words}`;
  return element(
    "section",
    { class: "ways", "aria-labelledby": id },
    element("h3", { id }, text("waysTitle")),
    element("div", { class: "controls" }, ...buttons),
    missed ? element("p", { class: "quiet" }, unable) : null,
    told,
    more,
  );
}
