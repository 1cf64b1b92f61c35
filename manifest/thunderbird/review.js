// @ts-check
/** The review window of one draft: shows what `storage.session` holds for its compose window. */

import { Pane } from "./shared/pane.js";
import { replaceRecipient, sendAgain } from "./apply.js";
import { showSilence } from "./silence.js";
import { keyOf, recall, remember } from "./state.js";

const tabId = Number(new URLSearchParams(location.search).get("tab"));
const root = /** @type {HTMLElement} */ (document.getElementById("review"));

const leave = () => window.close();

/**
 * The background page may be asleep or gone: everything is done from here, and the next look finds
 * the answers in the session's memory.
 *
 * @param {import("./shared/client.js").Answer[]} answers
 */
async function send(answers) {
  await remember(tabId, { answers });
  // Refused, for instance, while Thunderbird shows a question of its own: show ours again.
  sendAgain(tabId).catch(show);
}

/** @param {import("./shared/client.js").Finding} finding */
async function replace({ about, suggestion }) {
  if (about && suggestion) await replaceRecipient(tabId, about, suggestion);
}

const pane = new Pane(root, { replace, send, leave });

async function show() {
  const { asked, answers } = await recall(tabId);
  if (!asked) return leave();
  if (asked.answer) pane.show(asked.answer, asked.tried);
  else if (asked.problem) {
    const connect = () => messenger.runtime.openOptionsPage();
    showSilence(root, asked.problem, { again: () => send(answers), leave, connect });
  }
  document.title = document.getElementById("title")?.textContent ?? "Last Look";
  await fit();
}

/** As tall as its content and wholly on the screen, as far as the screen allows. */
async function fit() {
  const { id, height = 0, top = 0 } = await messenger.windows.getCurrent();
  const frame = height - window.innerHeight;
  const wanted = Math.min(root.scrollHeight + frame, screen.availHeight);
  const { availTop } = /** @type {Screen & {availTop: number}} */ (screen);
  const lowest = availTop + screen.availHeight - wanted;
  if (id) await messenger.windows.update(id, { height: wanted, top: Math.min(top, lowest) });
}

messenger.storage.session.onChanged.addListener((/** @type {Record<string, any>} */ changes) => {
  const change = changes[keyOf(tabId)];
  if (!change) return;
  // A review window that was just opened notes its own number; that shows nothing new.
  const now = change.newValue?.asked?.round;
  if (now === undefined || now !== change.oldValue?.asked?.round) show();
});

messenger.tabs.onRemoved.addListener((/** @type {number} */ removed) => {
  if (removed === tabId) leave();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") leave();
  // Ctrl+Enter is Send in the compose window, and a held key repeats: neither was meant for us.
  const stray = event.repeat || event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && stray) event.preventDefault();
});

show();
