// @ts-check
/** Send was pressed: look, and let go, hold, seal, or wait for as long as it can be taken back. */

import { deadlineIn, within } from "./shared/client.js";
import { ask } from "./ask.js";
import { showAnswer, showHeld } from "./badge.js";
import { collect } from "./collect.js";
import { endEarly } from "./early.js";
import { modeOf } from "./flow.js";
import { sealAndGo } from "./leave.js";
import { openReview } from "./open.js";
import { takePass } from "./pass.js";
import { hear, settings } from "./settings.js";
import { problemOf } from "./silence.js";
import { recall, remember } from "./state.js";
import { noteLook } from "./status.js";
import { showUnchecked } from "./telling.js";
import * as unreported from "./unreported.js";
import { waits } from "./waiting.js";

/** @typedef {import("./seal.js").Cleared} Cleared a draft that may go, but not in clear */
/** @typedef {import("./shared/client.js").Review} Review */

/** Addresses and names are at hand in milliseconds; nobody waits longer than this for them. */
const COLLECT_MS = 500;

/** Should anything else hang, the window must come free all the same. */
const LAST_RESORT_MS = 4000;

/**
 * Nobody waits for a note about it.
 *
 * @param {number} since
 * @param {Review} [answer]
 */
function note(since, answer) {
  const ms = performance.now() - since;
  const { verdict = /** @type {const} */ ("silence"), policy = "" } = answer ?? {};
  noteLook({ at: Date.now(), verdict, policy, ms }).catch(() => {});
}

/**
 * @param {{id: number}} tab
 * @param {any} details
 * @returns {Promise<{cancel?: true, cleared?: Cleared}>}
 */
async function look(tab, details) {
  const since = performance.now();
  const [looked, mode] = await Promise.all([recall(tab.id), modeOf(tab.id)]);
  if (mode !== looked.mode) remember(tab.id, { mode }).catch(() => {});
  const counted = looked.asked?.undo ? await takePass(tab.id) : undefined;
  const { draft, answer, client, shape } = await ask(tab.id, details, "send", looked);
  note(since, answer);
  unreported.tellAll(client).then(showUnchecked).catch(() => {});

  const allowed = answer.verdict === "allow";
  const open = new Set(answer.findings.filter(({ ask }) => ask !== null).map(({ id }) => id));
  const tried = looked.answers.filter(({ finding }) => open.has(finding));
  const asked = { answer, problem: null, tried, round: Date.now() };
  const now = {
    review: answer.review, answers: [], draft, unchecked: false, going: false, lastLine: "",
    sealing: answer.encryption.required,
  };
  try {
    hear(answer.unreachable).catch(() => {});
    if (!allowed) {
      await remember(tab.id, { ...now, asked });
      showAnswer(tab.id, answer);
      await openReview(tab.id);
      return { cancel: true };
    }
    if (await waits(tab.id, details, { draft, answer, shape }, looked, counted, now)) {
      return { cancel: true };
    }
  } catch {
    // There was an answer, and it stands whether or not it could be shown: a blocked mail must
    // not go by the policy for silence.
    return { cancel: true };
  }
  if (answer.encryption.required) {
    // What was asked stays in sight until there is something that can go.
    await remember(tab.id, now).catch(() => {});
    return { cleared: { draft, answer, client, shape } };
  }
  remember(tab.id, { ...now, asked: null, going: true }).catch(() => {});
  return {};
}

/**
 * No answer, for whatever reason: the organisation has said beforehand what happens then.
 *
 * @param {{id: number}} tab
 * @param {any} details
 * @param {unknown} problem
 */
async function withoutAnAnswer(tab, details, problem) {
  note(performance.now());
  const [{ unreachable }, looked] = await Promise.all([settings(), recall(tab.id)]);
  // What was to be sealed, by the sender's choice or by what the service said last, never goes in
  // clear because nobody answers.
  const inClear = looked.shape === "mime" && !looked.seal && !looked.sealing;
  if (unreachable === "send-with-notice" && inClear) {
    // The collecting may be what failed; the mail goes all the same, only its report is poorer.
    const draft = await within(collect(tab.id, details), deadlineIn(COLLECT_MS)).catch(() => null);
    const gone = { review: null, answers: [], unchecked: true, going: true, asked: null };
    await remember(tab.id, { draft, ...gone });
    return {};
  }
  const shown = problemOf(problem, false);
  const asked = { answer: null, problem: shown, tried: [], round: Date.now() };
  await remember(tab.id, { asked, going: false });
  showHeld(tab.id);
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
export async function beforeSend(tab, details) {
  endEarly(tab.id);
  const answered = look(tab, details).catch((problem) => withoutAnAnswer(tab, details, problem));
  /** @type {{cancel?: boolean, cleared?: Cleared}} */
  const said = await within(answered, deadlineIn(LAST_RESORT_MS)).catch(() => ({ cancel: true }));
  const { cleared, ...goes } = said;
  return cleared ? sealAndGo(tab, details, cleared) : goes;
}
