// @ts-check
/** The mail that asks somebody for their key: opened where Outlook does that, else to be copied. */
/* global Office */

import { element, visible } from "./shared/words.js";

/** @typedef {{subject: string, text: string}} Letter */

/** Outlook's limits for a new message. */
const LONGEST_SUBJECT = 255;
const LONGEST_BODY = 32_000;

/** @param {string} text */
const asHtml = (text) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\n/g, "<br>");

/**
 * Microsoft describes this for reading only; whether it works while a message is being written
 * differs between Outlooks, so the words are shown as well.
 *
 * @param {string} address
 * @param {Letter} letter
 */
function open(address, { subject, text }) {
  const htmlBody = asHtml(text);
  if (subject.length > LONGEST_SUBJECT || htmlBody.length > LONGEST_BODY) return false;
  try {
    const { mailbox } = Office.context;
    mailbox.displayNewMessageForm({ toRecipients: [address], subject, htmlBody });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} text */
function copyButton(text) {
  const told = element("p", { class: "copied", role: "status" });
  const button = element("button", { type: "button", class: "copy" }, "Copy the text");
  button.addEventListener("click", async () => {
    told.textContent = await Promise.resolve()
      .then(() => navigator.clipboard.writeText(text))
      .then(
        () => "Copied.",
        () => "It could not be copied. Please mark the text and copy it.",
      );
  });
  return element("div", { class: "controls" }, button, told);
}

/**
 * @param {string} address
 * @param {Letter} letter
 * @returns {Node} what to show: it is not sent by itself
 */
export function showLetter(address, letter) {
  const opened = open(address, letter);
  const lead = opened
    ? "A new message to them should be open. If there is none, write one with this text."
    : "Write them a new message with this text. This message waits here.";
  return element(
    "div",
    { class: "letter" },
    element("p", {}, lead),
    element("p", { class: "quiet" }, `Subject: ${visible(letter.subject)}`),
    element("p", { class: "text", tabindex: "0", role: "group", "aria-label": "The text" }, letter.text),
    copyButton(letter.text),
  );
}
