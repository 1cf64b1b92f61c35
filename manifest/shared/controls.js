// @ts-check
/** What can be pressed or typed about one finding. Each tells what happened; none acts by itself. */

import { keyForm } from "./readers.js";
import { exposedIn, inDraft, isReplaceable, subject } from "./order.js";
import { text } from "./texts.js";
import { element, visible } from "./words.js";

/** @typedef {import("./client.js").Finding} Finding */
/** @typedef {"use" | "remove" | "bcc"} Edit a change of the draft, made with one click */

/**
 * @typedef {object} Asking
 * @property {Finding} finding
 * @property {string} words id of the sentence that the controls are about
 * @property {boolean} answerable whether it can be answered, not only corrected
 * @property {Edit[]} able what the mail program can change
 * @property {string} sends what happens beside a correction, "" for nothing
 * @property {import("./client.js").Chosen} [shape]
 * @property {(edit: Edit) => void} edit
 * @property {(value: string | null | undefined) => void} answer undefined: not any more
 */

/** @param {Finding} finding @returns {Edit[]} the safest first */
function editsOf(finding) {
  /** @type {Edit[]} */
  const edits = [];
  if (isReplaceable(finding)) edits.push("use");
  if (exposedIn(finding).length > 0) edits.push("bcc");
  // Somebody whose key is in question is the right person: their key is what is looked at.
  if (inDraft(finding) && !finding.code.startsWith("key.")) edits.push("remove");
  return edits;
}

/** @param {Edit} edit @param {Finding} finding */
function labelOf(edit, finding) {
  if (edit === "use") return text("reviewUse", visible(finding.suggestion?.address ?? ""));
  if (edit === "bcc") return text("reviewToBcc", exposedIn(finding).length);
  // What is to be typed from elsewhere is not to be read here once more.
  if (finding.ask === "retype") return text("reviewRemoveUnnamed");
  return text("reviewRemove", subject(finding) ?? "");
}

/** @param {Asking} asking @param {Edit} edit @param {string} look */
function editButton({ finding, words, sends, ...asking }, edit, look = `primary ${edit}`) {
  const attributes = { type: "button", class: look, "aria-describedby": words };
  const note = sends ? element("small", { class: "sends", hidden: "" }, sends) : null;
  const button = element("button", attributes, labelOf(edit, finding), " ", note);
  button.addEventListener("click", () => asking.edit(edit));
  return button;
}

/** @param {Asking} asking @param {string} choice @param {string} label */
function toggle({ words, answer }, choice, label) {
  const attributes = { type: "button", "aria-pressed": "false", "aria-describedby": words };
  const button = element("button", { ...attributes, class: choice }, label);
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    answer(on ? null : undefined);
  });
  return button;
}

/** @param {Asking} asking @param {string} label */
function typed({ finding, words, answer }, label) {
  const id = `typed-${words}`;
  const isAddress = finding.ask === "retype";
  const input = /** @type {HTMLInputElement} */ (
    element("input", {
      id,
      type: "text",
      class: isAddress ? "address" : (finding.ask ?? ""),
      autocomplete: "off",
      autocapitalize: "off",
      maxlength: "1000",
      spellcheck: isAddress ? "false" : "true",
      "aria-describedby": words,
    })
  );
  input.addEventListener("input", () => answer(input.value.trim() || undefined));
  return element("div", { class: "typed" }, element("label", { for: id }, label), input);
}

/** @param {Finding} finding */
const keepLabel = (finding) =>
  subject(finding) ? text("reviewKeep", subject(finding) ?? "") : text("reviewLeave");

/** A reason instead of a key lets it go without one. @param {Finding} finding */
const reasonLabel = ({ code }) =>
  text(code.startsWith("key.") ? "reviewReasonUnsealed" : "reviewReason");

/** @param {Asking} asking @returns {HTMLElement | null} */
function answerOf(asking) {
  const { finding, words, answer, shape } = asking;
  const make = {
    choose: () => toggle(asking, "keep", keepLabel(finding)),
    acknowledge: () => toggle(asking, "acknowledge", text("reviewAcknowledge")),
    retype: () => typed(asking, text("reviewRetype")),
    reason: () => typed(asking, reasonLabel(finding)),
    name: () => typed(asking, text("reviewName")),
    "confirm-key": () => keyForm(finding, words, (value) => answer(value ?? undefined), shape),
  }[finding.ask ?? ""];
  return make?.() ?? null;
}

/**
 * The correction first, then the answer, then taking them out.
 *
 * @param {Asking} asking
 */
export function controlsFor(asking) {
  const { finding, answerable, able } = asking;
  const edits = editsOf(finding).filter((edit) => able.includes(edit));
  const controls = element("div", { class: "controls" });
  controls.append(...edits.filter((edit) => edit !== "remove").map((edit) => editButton(asking, edit)));
  const answer = answerable ? answerOf(asking) : null;
  if (answer) controls.append(answer);
  if (edits.includes("remove")) {
    const look = controls.childElementCount > 0 ? "remove plain" : "remove";
    controls.append(editButton(asking, "remove", look));
  }
  return controls;
}
