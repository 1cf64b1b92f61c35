// @ts-check
/** Thunderbird asks before Send. Collect, ask, show; the service has the opinions. */

import { deadlineIn, within } from "./shared/client.js";
import { collect } from "./collect.js";
import { letGo, putBack } from "./instead.js";
import { seal } from "./seal.js";
import { connect, hear, settings } from "./settings.js";
import { problemOf } from "./silence.js";
import { forget, memoryOf, recall, remember } from "./state.js";
import * as unreported from "./unreported.js";
import { identityOf, sendZips } from "./zip.js";

/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./shared/client.js").Review} Review */
/** @typedef {import("./seal.js").Cleared} Cleared a draft that may go, but not in clear */

const RETRY_ALARM = "tell-what-went-unchecked";

/** Addresses and names are at hand in milliseconds; nobody waits longer than this for them. */
const COLLECT_MS = 500;

/** Thunderbird's own limit for pages that do nothing is thirty seconds. */
const AWAKE_MS = 10_000;

/** Sealing, and sending the hidden copies, which takes as long as the mail server takes. */
const SEND_MS = 180_000;

/** Should anything else hang, the window must come free all the same. */
const LAST_RESORT_MS = 4000;

/**
 * Ask, with proof of the service and the collecting of the draft side by side. The question
 * itself waits for both.
 *
 * @param {number} tabId
 * @param {any} details
 * @param {"send" | "typing"} purpose
 * @param {import("./state.js").Looked} looked
 * @returns {Promise<Cleared>}
 */
async function ask(tabId, details, purpose, { review, answers, shape }) {
  const deadline = deadlineIn();
  const client = await connect();
  const [draft] = await Promise.all([
    within(collect(tabId, details), deadline),
    client.prove(deadline),
  ]);
  const question = { purpose, draft, review, answers };
  try {
    const answer = await client.check({ ...question, shape }, deadline);
    return { draft, answer, client, shape };
  } catch (/** @type {any} */ problem) {
    // The organisation offers this way no more: it is asked about as if it had not been chosen.
    if (shape === "mime" || problem?.told?.code !== "not-offered") throw problem;
    await remember(tabId, { shape: "mime" });
    return { draft, answer: await client.check(question, deadline), client, shape: "mime" };
  }
}

/**
 * @param {{id: number}} tab
 * @param {any} details
 * @returns {Promise<{cancel?: true, cleared?: Cleared}>}
 */
async function look(tab, details) {
  const looked = await recall(tab.id);
  const { draft, answer, client, shape } = await ask(tab.id, details, "send", looked);
  unreported.tellAll(client).then(showUnchecked).catch(() => {});

  const allowed = answer.verdict === "allow";
  const sealing = allowed && answer.encryption.required;
  const open = new Set(answer.findings.filter(({ ask }) => ask !== null).map(({ id }) => id));
  const tried = looked.answers.filter(({ finding }) => open.has(finding));
  const asked = allowed ? null : { answer, problem: null, tried, round: Date.now() };
  const { review } = answer;
  try {
    await Promise.all([
      hear(answer.unreachable),
      remember(tab.id, {
        review,
        answers: [],
        draft,
        unchecked: false,
        lastLine: "",
        // What was asked stays in sight until there is something that can go.
        ...(!sealing && { asked }),
      }),
    ]);
    // Nobody waits for a badge.
    if (!sealing) showBadge(tab.id, allowed ? quietBadge(answer) : "!").catch(() => {});
    if (asked) await openReview(tab.id);
  } catch {
    // There was an answer, and it stands whether or not it could be shown: a blocked mail must
    // not go by the policy for silence.
  }
  if (sealing) return { cleared: { draft, answer, client, shape } };
  return allowed ? {} : { cancel: true };
}

/**
 * The service has spoken, so no policy for silence applies any more: it leaves sealed or stays.
 *
 * @param {{id: number}} tab
 * @param {any} details
 * @param {Cleared} cleared
 */
async function sealAndGo(tab, details, cleared) {
  // Thunderbird would put this page to sleep with the compose window locked.
  const awake = setInterval(() => messenger.runtime.getPlatformInfo(), AWAKE_MS);
  try {
    const deadline = deadlineIn(SEND_MS);
    const leaving = cleared.shape === "zip" ? zipped : sealed;
    const gone = await within(leaving(tab, details, cleared), deadline);
    if (!gone) return { cancel: true };
    await remember(tab.id, { asked: null, ...gone });
    showBadge(tab.id, "✓", gone.lastLine).catch(() => {});
    return {};
  } catch (problem) {
    await holdUnsealed(tab, problem).catch(() => {});
    return { cancel: true };
  } finally {
    clearInterval(awake);
  }
}

/** @typedef {{draft: Draft, review: string | null, lastLine: string}} Gone what the record gets */

/**
 * @param {{id: number}} tab
 * @param {any} details
 * @param {Cleared} cleared
 * @returns {Promise<Gone>}
 */
async function sealed(tab, details, cleared) {
  const { draft, answer } = await seal(tab.id, details, cleared, memoryOf(tab.id));
  return { draft, review: answer.review, lastLine: `Sealed for ${namesOf(answer)}` };
}

/**
 * The review window makes the ZIPs, shows their words, and hands over the files, not the words,
 * when the sender has said Send there.
 *
 * @param {{id: number}} tab
 * @param {any} details
 * @param {Cleared} cleared
 * @returns {Promise<Gone | null>} null: the words have to be shown first
 */
async function zipped(tab, details, { draft, answer }) {
  const question = { zipsOf: tab.id, identity: identityOf(draft, details) };
  // Nobody listens where no review window is open.
  const held = await messenger.runtime.sendMessage(question).catch(() => null);
  if (held?.going) {
    await sendZips(tab.id, details, held.going, memoryOf(tab.id));
    const lastLine = `Protected ZIP sent. Read its words out on the phone to ${namesOf(answer)}`;
    return { draft: held.going.draft, review: held.going.review, lastLine };
  }
  if (!held?.waits) {
    const asked = { answer, problem: null, tried: [], round: Date.now(), zip: true };
    await remember(tab.id, { asked });
  }
  showBadge(tab.id, "!").catch(() => {});
  await openReview(tab.id);
  return null;
}

/** @param {{id: number}} tab @param {unknown} problem */
async function holdUnsealed(tab, problem) {
  // Closed meanwhile: there is nobody to tell, and nothing was sent.
  await messenger.tabs.get(tab.id);
  const shown = problemOf(problem, true);
  await remember(tab.id, { asked: { answer: null, problem: shown, tried: [], round: Date.now() } });
  showBadge(tab.id, "!").catch(() => {});
  await openReview(tab.id);
}

/** @param {Review} answer whom it was sealed for, as they are called */
function namesOf({ encryption }) {
  const others = (encryption.readers ?? []).filter(({ sender }) => !sender);
  return others.map(({ name, address }) => name || address).join(", ");
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
  const { shape } = await recall(tab.id);
  // Whoever has chosen how it is sealed does not want it to go in clear.
  if (unreachable === "send-with-notice" && shape === "mime") {
    // The collecting may be what failed; the mail goes all the same, only its report is poorer.
    const draft = await within(collect(tab.id, details), deadlineIn(COLLECT_MS)).catch(() => null);
    await remember(tab.id, { draft, review: null, answers: [], unchecked: true, asked: null });
    return {};
  }
  const shown = problemOf(problem, false);
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
  /** @type {{cancel?: boolean, cleared?: Cleared}} */
  const said = await within(answered, deadlineIn(LAST_RESORT_MS)).catch(() => ({ cancel: true }));
  const { cleared, ...goes } = said;
  return cleared ? sealAndGo(tab, details, cleared) : goes;
}

/** @param {Review} answer */
function quietBadge({ findings }) {
  const noted = findings.filter(({ severity }) => severity === "note").length;
  return noted === 0 ? "✓" : String(noted);
}

/** @type {Record<string, string>} */
const TITLES = { "✓": "Last Look: nothing to say", "!": "Last Look has a question" };

/** @param {number} tabId @param {string} text @param {string} [title] */
async function showBadge(tabId, text, title = TITLES[text] ?? `Last Look: ${text} noted`) {
  await messenger.composeAction.setBadgeText({ tabId, text });
  await messenger.composeAction.setTitle({ tabId, title });
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
  const { draft, review, unchecked, asked, original, lastLine } = await recall(tab.id);
  // A failed send carries no error, only no message id.
  const failed = mode === "sendNow" && !headerMessageId;
  if (failed && original) {
    await putBack(tab.id, original);
    await remember(tab.id, { original: null });
  }
  // Thunderbird calls a send that we stopped a failed one.
  if (asked) return;
  letGo(tab.id);
  const outcome = failed ? "failed" : "sent";
  if (draft) await unreported.keep({ outcome, draft, review: unchecked ? null : review });
  if (failed) await remember(tab.id, { draft: null });
  else await forget(tab.id);
  if (unchecked && !failed) await notice().catch(() => {});
  await tellTheService();
  if (!failed && lastLine) await showLast(lastLine);
}

/**
 * The words beside the main window's button, until there are others.
 *
 * @param {string} title
 */
async function showLast(title) {
  if ((await unreported.uncheckedCount()) > 0) return;
  await messenger.action.setTitle({ title });
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
  letGo(tabId);
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
