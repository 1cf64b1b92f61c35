// @ts-check
/** Staff ask the helpdesk to allow an address. The mail waits meanwhile, and this says so. */

import { text } from "./texts.js";
import { element } from "./words.js";

/**
 * @param {string} words id of the sentence that this is about
 * @param {(reason: string) => Promise<void>} ask rejects where the request did not arrive
 */
export function allowSection(words, ask) {
  const id = `allow-${words}`;
  const reason = /** @type {HTMLInputElement} */ (
    element("input", {
      id,
      type: "text",
      class: "why",
      maxlength: "1000",
      autocomplete: "off",
      "aria-describedby": words,
    })
  );
  const told = element("p", { class: "told", role: "status" });
  const attributes = { type: "button", class: "request", "aria-describedby": words };
  const button = /** @type {HTMLButtonElement} */ (
    element("button", attributes, text("reviewAllowSend"))
  );
  button.addEventListener("click", async () => {
    button.disabled = reason.disabled = true;
    told.textContent = "";
    await ask(reason.value.trim()).then(
      () => {
        told.textContent = text("reviewAllowDone");
      },
      (/** @type {any} */ problem) => {
        told.textContent = problem?.told?.message || text("waysFailed");
        button.disabled = reason.disabled = false;
        button.focus();
      },
    );
  });
  return element(
    "details",
    { class: "allow" },
    element("summary", {}, text("reviewAllow")),
    element("p", { class: "advice" }, text("reviewAllowMeans")),
    element("label", { for: id }, text("reviewAllowWhy")),
    reason,
    element("div", { class: "controls" }, button),
    told,
  );
}
