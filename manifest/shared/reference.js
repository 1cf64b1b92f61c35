// @ts-check
/** The short code that the helpdesk asks for, and a way to take it along. */

import { text } from "./texts.js";
import { element, visible } from "./words.js";

/** @param {Element} code */
function select(code) {
  const range = document.createRange();
  range.selectNodeContents(code);
  const selection = document.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/** @param {string} reference */
export function referenceLine(reference) {
  const code = element("code", {}, visible(reference));
  const told = element("span", { class: "copied", role: "status" });
  const attributes = { type: "button", class: "copy plain", "aria-label": text("reviewCopyLabel") };
  const copy = element("button", attributes, text("reviewCopy"));
  copy.addEventListener("click", async () => {
    told.textContent = "";
    try {
      // A page in a frame of another may not be allowed to.
      await navigator.clipboard.writeText(code.textContent ?? "");
      told.textContent = text("reviewCopied");
    } catch {
      select(code);
      told.textContent = text("reviewNotCopied");
    }
  });
  const label = element("span", {}, text("reviewReference"), " ", code);
  return element("p", { class: "reference quiet" }, label, " ", copy, " ", told);
}
