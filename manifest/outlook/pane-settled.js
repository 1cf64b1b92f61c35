// @ts-check
/** Nothing is open any more: what will happen at Send, and who will be able to read it. */

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
