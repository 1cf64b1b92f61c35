// @ts-check
/** Whether a mail is sealed, where the sender decides. */

import { text } from "./texts.js";
import { element } from "./words.js";

/**
 * @param {boolean} on as it was looked at
 * @param {(on: boolean) => void} change
 */
export function sealSwitch(on, change) {
  const box = /** @type {HTMLInputElement} */ (
    element("input", { type: "checkbox", role: "switch", class: "seal", id: "seal" })
  );
  const told = element("p", { class: "quiet", id: "seal-told", role: "status" });
  box.checked = on;
  box.addEventListener("change", () => {
    told.textContent = box.checked && !on ? text("reviewSealChosen") : "";
    change(box.checked);
  });
  return element(
    "div",
    { class: "sealing" },
    element("label", { class: "choice", for: "seal" }, box, text("reviewSealChoice")),
    told,
  );
}
