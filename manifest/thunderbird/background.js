// @ts-check
/** Thunderbird asks before Send. Collect, ask, show; the service has the opinions. */

import { Client, Unavailable, deadlineIn, within } from "./shared/client.js";
import { collect } from "./collect.js";
import { forget, keyOf, recall, remember } from "./state.js";
import { hear, settings } from "./settings.js";
import * as unreported from "./unreported.js";

/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./shared/client.js").Review} Review */

const RETRY_ALARM = "tell-what-went-unchecked";

/** Addresses and names are at hand in milliseconds; nobody waits longer than this for them. */
const COLLECT_MS = 500;

/** Should anything else hang, the window must come free all the same. */
const LAST_RESORT_MS = 4000;

/** @returns {Promise<Client>} */
async function connect() {
  const { service, token } = await settings();
  if (!token) throw new Unavailable("not-paired");
  const { name, version } = await messenger.runtime.getBrowserInfo();
  return new Client({ service, token, name: name.toLowerCase(), version });
}

/**
 * Ask, with proof of the service and the collecting of the draft side by side. The question
 * itself waits for both.
 *
 * @param {number} tabId
 * @param {any} details
 * @param {"send" | "typing"} purpose
 * @param {import("./state.js").Looked} looked
 * @returns {Promise<{draft: Draft, answer: Review, client: Client}>}
 */
async function ask(tabId, details, purpose, { review, answers }) {
  const deadline = deadlineIn();
  const client = await connect();
  const [draft] = await Promise.all([
    within(collect(tabId, details), deadline),
    client.prove(deadline),
  ]);
  const answer = await client.check({ purpose, draft, review, answers }, deadline);
  return { draft, answer, client };
}

/**
 * @param {{id: number}} tab
 * @param {any} details
 */
async function look(tab, details) {
  const looked = await recall(tab.id);
  const { draft, answer, client } = await ask(tab.id, details, "send", looked);
  unreported.tellAll(client).then(showUnchecked).catch(() => {});

  // Sealing comes with a later version: until then a mail that needs it does not leave.
  const goes = answer.verdict === "allow" && !answer.encryption.required;
  const open = new Set(answer.findings.filter(({ ask }) => ask !== null).map(({ id }) => id));
  const tried = looked.answers.filter(({ finding }) => open.has(finding));
  const asked = goes ? null : { answer, problem: null, tried, round: Date.now() };
  const { review } = answer;
  try {
    await Promise.all([
      hear(answer.unreachable),
      remember(tab.id, { review, answers: [], draft, unchecked: false, asked }),
    ]);
    // Nobody waits for a badge.
    showBadge(tab.id, goes ? quietBadge(answer) : "!").catch(() => {});
    if (asked) await openReview(tab.id);
  } catch {
    // There was an answer, and it stands whether or not it could be shown: a blocked mail must
    // not go by the policy for silence.
  }
  return goes ? {} : { cancel: true };
}

/**
 * No answer, for whatever reason: the organisation has said beforehand what happens then.
 *
 * @param {{id: number}} tab
 * @param {any} details
 * @param {unknown} problem
 */
async function withoutAnAnswer(tab, details, problem) {
  const { unreachable } = await settings();
  if (unreachable === "send-with-notice") {
    // The collecting may be what failed; the mail goes all the same, only its report is poorer.
    const draft = await within(collect(tab.id, details), deadlineIn(COLLECT_MS)).catch(() => null);
    await remember(tab.id, { draft, review: null, answers: [], unchecked: true, asked: null });
    return {};
  }
  const told = problem instanceof Unavailable ? problem.told : {};
  const reason = problem instanceof Unavailable ? problem.reason : "nonsense";
  const shown = { reason, message: told.message ?? "", hint: told.hint ?? "" };
  const asked = { answer: null, problem: shown, tried: [], round: Date.now() };
  await remember(tab.id, { asked });
  showBadge(tab.id, "!").catch(() => {});
  await openReview(tab.id);
  return { cancel: true };
}

/**
 * A listener that throws would lock the compose window for good, so nothing leaves here but an
 * answer. The last resort keeps the mail: it is still there, and Send can be pressed again.
 *
 * @param {{id: number}} tab
 * @param {any} details
 */
async function beforeSend(tab, details) {
  const answered = look(tab, details).catch((problem) => withoutAnAnswer(tab, details, problem));
  return within(answered, deadlineIn(LAST_RESORT_MS)).catch(() => ({ cancel: true }));
}

/** @param {Review} answer */
function quietBadge({ findings }) {
  const noted = findings.filter(({ severity }) => severity === "note").length;
  return noted === 0 ? "✓" : String(noted);
}

/** @param {number} tabId @param {string} text */
async function showBadge(tabId, text) {
  const title = { "✓": "Last Look: nothing to say", "!": "Last Look has a question" }[text];
  await messenger.composeAction.setBadgeText({ tabId, text });
  await messenger.composeAction.setTitle({ tabId, title: title ?? `Last Look: ${text} noted` });
}

/**
 * One window per draft: a second Send while it is open renews what it shows.
 *
 * @param {number} tabId
 */
async function openReview(tabId) {
  const { windowId } = await recall(tabId);
  if (windowId !== null) {
    try {
      await messenger.windows.update(windowId, { focused: true });
      return;
    } catch {
      // It was closed; a new one follows.
    }
  }
  const opened = await messenger.windows.create({
    type: "popup",
    url: `review.html?tab=${tabId}`,
    width: 660,
    height: 560,
    allowScriptsToClose: true,
  });
  await remember(tabId, { windowId: opened.id });
}

/**
 * @param {{id: number}} tab
 * @param {{mode: string, headerMessageId?: string | null}} sendInfo
 */
async function afterSend(tab, { mode, headerMessageId }) {
  const { draft, review, unchecked, asked } = await recall(tab.id);
  // Thunderbird calls a send that we stopped a failed one.
  if (asked) return;
  // A failed send carries no error, only no message id.
  const failed = mode === "sendNow" && !headerMessageId;
  const outcome = failed ? "failed" : "sent";
  if (draft) await unreported.keep({ outcome, draft, review: unchecked ? null : review });
  if (failed) await remember(tab.id, { draft: null });
  else await forget(tab.id);
  if (unchecked && !failed) await notice().catch(() => {});
  await tellTheService();
}

async function notice() {
  await showUnchecked();
  await messenger.notifications.create("unchecked", {
    type: "basic",
    iconUrl: "icons/look.svg",
    title: "This mail was sent without a last look",
    message:
      "Last Look could not be reached, and your organisation lets mail go in that case. " +
      "It will be reported as not checked.",
  });
}

async function showUnchecked() {
  const count = await unreported.uncheckedCount();
  await messenger.action.setBadgeText({ text: count ? String(count) : "" });
  await messenger.action.setTitle({
    title: count ? `Last Look: ${count} sent without being checked` : "Last Look",
  });
  if (count) await messenger.alarms.create(RETRY_ALARM, { periodInMinutes: 1 });
  else await messenger.alarms.clear(RETRY_ALARM);
}

/** Best effort: what cannot be told now is told before the next review, or by the alarm. */
async function tellTheService() {
  try {
    await unreported.tellAll(await connect());
  } catch {
    // It stays listed.
  }
  await showUnchecked();
}

/** @param {number} tabId */
async function composeWindowGone(tabId) {
  const { draft, review, asked } = await recall(tabId);
  if (draft && !asked) return; // It is being sent: `afterSend` has the last word.
  await forget(tabId);
  if (!draft || !review) return;
  await unreported.keep({ outcome: "cancelled", draft, review });
  await tellTheService();
}

/**
 * The button beside Send: back to the open question, where the draft is still the one that raised
 * it; else a look without sending.
 *
 * @param {{id: number}} tab
 */
async function lookNow(tab) {
  try {
    const details = await messenger.compose.getComposeDetails(tab.id);
    const looked = await recall(tab.id);
    const now = JSON.stringify(await collect(tab.id, details));
    if (looked.asked && now === JSON.stringify(looked.draft)) return await openReview(tab.id);
    const { answer } = await ask(tab.id, details, "typing", looked);
    await showBadge(tab.id, answer.verdict === "allow" ? quietBadge(answer) : "!");
  } catch {
    await messenger.composeAction.setBadgeText({ tabId: tab.id, text: "?" });
    await messenger.composeAction.setTitle({
      tabId: tab.id,
      title: "Last Look cannot be reached just now",
    });
  }
}

messenger.compose.onBeforeSend.addListener(beforeSend);
messenger.compose.onAfterSend.addListener(afterSend);
messenger.tabs.onRemoved.addListener(composeWindowGone);
messenger.composeAction.onClicked.addListener(lookNow);
messenger.action.onClicked.addListener(() => messenger.runtime.openOptionsPage());
messenger.alarms.onAlarm.addListener(tellTheService);
messenger.runtime.onStartup.addListener(tellTheService);
