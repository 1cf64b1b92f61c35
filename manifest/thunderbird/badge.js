// @ts-check
/** The button beside Send: what it shows without a word. */

/** @typedef {import("./shared/client.js").Review} Review */

/** @param {Review} answer */
export function quietBadge({ findings }) {
  const noted = findings.filter(({ severity }) => severity === "note").length;
  return noted === 0 ? "✓" : String(noted);
}

/** @type {Record<string, string>} */
const TITLES = { "✓": "Last Look: nothing to say", "!": "Last Look has a question" };

/** @param {number} tabId @param {string} text @param {string} [title] */
export async function showBadge(tabId, text, title = TITLES[text] ?? `Last Look: ${text} noted`) {
  await messenger.composeAction.setBadgeText({ tabId, text });
  await messenger.composeAction.setTitle({ tabId, title });
}
