// @ts-check
/** Nothing is open any more: what will happen at Send, and who will be able to read it. */

/* global SEALING, UNFINISHED, stampOf */

import { readersList } from "./shared/readers.js";
import { element, visible } from "./shared/words.js";

/** @typedef {import("./shared/client.js").Review} Review */

/** @param {Review} review */
function lead({ encryption }) {
  if (!encryption.required) return "Nothing about this message needs another look.";
  return "When you press Send, it is sealed (encrypted) and leaves as one locked file.";
}

/**
 * @param {HTMLElement} root
 * @param {Review} review whose verdict is `allow`
 * @returns {HTMLElement} what may take the focus
 */
export function showSettled(root, review) {
  const { findings, encryption, reference } = review;
  const notes = findings.filter(({ code }) => !code.startsWith("key."));
  const lines = notes.map(({ message }) => element("li", {}, visible(message)));
  const title = element("h1", { id: "title", tabindex: "-1" }, "All set. Press Send.");
  const heading = "Only these people can read it";
  root.replaceChildren(
    element("header", { class: "all-set" }, title, element("p", { class: "quiet" }, lead(review))),
    element(
      "main",
      {},
      encryption.required && encryption.readers
        ? readersList(encryption.readers, "mime", [], heading)
        : null,
      lines.length
        ? element(
            "section",
            { class: "notes quiet" },
            element("h2", {}, "Noted"),
            element("ul", {}, ...lines),
          )
        : null,
    ),
    element(
      "footer",
      {},
      element(
        "p",
        { class: "reference quiet" },
        "Reference for the helpdesk: ",
        element("code", {}, visible(reference)),
      ),
    ),
  );
  return title;
}

/**
 * A message that was sealed at an earlier Send and is still here. The handler says the same.
 *
 * @param {HTMLElement} root
 * @param {string} mark what the message carries of its sealing
 * @param {import("./shared/client.js").Draft} draft
 */
export function showSealed(root, mark, draft) {
  const whole = mark !== UNFINISHED && mark === stampOf(draft);
  const why = mark === UNFINISHED ? SEALING.interrupted : SEALING.altered;
  const title = whole ? "It is sealed. Press Send." : "This message cannot go any more";
  const lead = whole
    ? "What stands in the message now is only a notice; yours is inside the locked file."
    : `${why} ${SEALING.startAnew}`;
  const heading = element("h1", { id: "title", tabindex: "-1" }, title);
  root.replaceChildren(element("header", { class: whole ? "all-set" : "" }, heading, element("p", {}, lead)));
  heading.focus();
}
