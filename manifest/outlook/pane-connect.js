// @ts-check
/** A one-time code makes this Outlook the sender's own: where it comes from, and its trade. */
/* global Office, SERVICE, keepToken */

import { deadlineIn, pair } from "./shared/client.js";
import { CAUSES } from "./shared/silence.js";
import { element, visible } from "./shared/words.js";

/** Pairing is rare and may meet a service that is still starting. */
const PAIR_MS = 10_000;

/** The service speaks of commands to whoever runs it; here people sign in. */
const WRONG_CODE =
  "This code is not right, or it was used already, or it is older than two minutes. Get a new one.";

/** @param {any} problem */
function explained(problem) {
  const { code, message, hint } = problem?.told ?? {};
  if (code === "wrong-code" || code === "bad-request") return WRONG_CODE;
  const told = [message, hint].filter(Boolean).join(" ");
  const cause = CAUSES[/** @type {import("./shared/client.js").Reason} */ (problem?.reason)];
  return visible(told) || cause || "Outlook could not keep the connection. Please try again.";
}

/** Four and four, in capitals, whatever was typed or pasted. @param {string} typed */
const grouped = (typed) =>
  typed
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .slice(0, 8)
    .replace(/^(.{4})(.+)$/, "$1-$2");

/** In a browser of its own where Outlook has one to offer: there the sender may be signed in. */
function signInLink() {
  const url = `${SERVICE}/sign-in`;
  const attributes = { href: url, target: "_blank", rel: "noopener noreferrer", class: "button" };
  const link = element("a", attributes, "Get a code", element("small", {}, "Opens in a browser"));
  link.addEventListener("click", (event) => {
    if (!Office.context.requirements.isSetSupported("OpenBrowserWindowApi", "1.1")) return;
    event.preventDefault();
    Office.context.ui.openBrowserWindow(url);
  });
  return link;
}

/** @returns {HTMLInputElement} */
function codeField() {
  const field = /** @type {HTMLInputElement} */ (
    element("input", {
      id: "code",
      type: "text",
      class: "address",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      maxlength: "40",
      required: "",
      placeholder: "ABCD-EFGH",
      "aria-describedby": "outcome",
    })
  );
  field.addEventListener("change", () => {
    field.value = grouped(field.value);
  });
  return field;
}

/**
 * @param {HTMLElement} root
 * @param {{lost: boolean, connected: () => void}} situation `lost`: it had been connected before
 */
export function showConnect(root, { lost, connected }) {
  const code = codeField();
  const outcome = element("p", { id: "outcome", class: "again", role: "alert" });
  const button = /** @type {HTMLButtonElement} */ (
    element("button", { type: "submit", class: "primary connect" }, "Connect")
  );
  const form = element(
    "form",
    { class: "card", novalidate: "" },
    element("h2", {}, "Connect this Outlook"),
    element("p", { class: "advice" }, "Sign in to get a code, and type it here. It is good for two minutes."),
    element("div", { class: "controls" }, signInLink()),
    element("label", { for: "code" }, "Your code"),
    code,
    outcome,
    element("div", { class: "controls" }, button),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    outcome.textContent = "";
    code.value = grouped(code.value);
    if (code.value.length < 9) {
      outcome.textContent = "A code has eight letters, such as ABCD-EFGH.";
      code.focus();
      return;
    }
    button.disabled = true;
    button.textContent = "Connecting …";
    try {
      const request = { code: code.value, name: "Outlook" };
      const { token } = await pair(SERVICE, request, deadlineIn(PAIR_MS));
      await keepToken(token);
      connected();
    } catch (problem) {
      outcome.textContent = explained(problem);
      button.disabled = false;
      button.textContent = "Connect";
      code.select();
      code.focus();
    }
  });
  root.replaceChildren(
    element(
      "header",
      {},
      element("h1", { id: "title" }, lost ? "This Outlook’s access has ended" : "Before your first mail"),
      element(
        "p",
        {},
        "Last Look asks, when you press Send, whether a message is going to the right people. ",
        "It has to know whose messages these are.",
      ),
    ),
    element("main", {}, form),
  );
  code.focus();
}
