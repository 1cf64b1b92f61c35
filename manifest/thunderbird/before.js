// @ts-check
/** Send was pressed: look, and let go, hold, or seal. */

import { deadlineIn, within } from "./shared/client.js";
import { ask } from "./ask.js";
import { quietBadge, showBadge } from "./badge.js";
import { collect } from "./collect.js";
import { sealAndGo } from "./leave.js";
import { openReview } from "./open.js";
import { hear, settings } from "./settings.js";
import { problemOf } from "./silence.js";
import { recall, remember } from "./state.js";
import { showUnchecked } from "./telling.js";
import * as unreported from "./unreported.js";

/** @typedef {import("./seal.js").Cleared} Cleared a draft that may go, but not in clear */

/** Addresses and names are at hand in milliseconds; nobody waits longer than this for them. */
const COLLECT_MS = 500;

/** Should anything else hang, the window must come free all the same. */
const LAST_RESORT_MS = 4000;

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
export async function beforeSend(tab, details) {
  const answered = look(tab, details).catch((problem) => withoutAnAnswer(tab, details, problem));
  /** @type {{cancel?: boolean, cleared?: Cleared}} */
  const said = await within(answered, deadlineIn(LAST_RESORT_MS)).catch(() => ({ cancel: true }));
  const { cleared, ...goes } = said;
  return cleared ? sealAndGo(tab, details, cleared) : goes;
}
