// @ts-check
/** Whether a mail is sealed, where the sender decides. */

import { text } from "./texts.js";
import { element } from "./words.js";

/**
 * @param {boolean} on
 * @param {(on: boolean) => void} change
 */
export function sealSwitch(on, change) {
  const box = /** @type {HTMLInputElement} */ (
    element("input", { type: "checkbox", role: "switch", class: "seal", id: "seal" })
  );
  const told = element("p", { class: "quiet told", id: "seal-told", role: "status" });
  const tell = () => {
    told.textContent = box.checked ? text("reviewSealChosen") : "";
  };
  box.checked = on;
  box.addEventListener("change", () => {
    tell();
    change(box.checked);
  });
  tell();
  return element(
    "div",
    { class: "sealing" },
    element("label", { class: "choice", for: "seal" }, box, text("reviewSealChoice")),
    told,
  );
}
