// @ts-check
/**
 * Quiet help while a mail is written: a mark on the button beside Send, and nothing else. Asked only
 * when recipients, subject, files or the sender are others than before, and never in the way: a
 * newer question ends an older one, and while nobody answers it is asked less and less.
 */

import { deadlineIn, within } from "./shared/client.js";
import { text } from "./shared/texts.js";
import { askAbout } from "./ask.js";
import { showAnswer, showBadge } from "./badge.js";
import { collect } from "./collect.js";
import { draftsOnServer, say } from "./flow.js";
import { connect } from "./settings.js";
import { recall, remember } from "./state.js";

/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./shared/client.js").Review} Review */

/** Nobody waits for it, so a service that is only slow is waited for. */
const EARLY_MS = 10_000;

const SHORTEST_AWAY_MS = 10_000;
const LONGEST_AWAY_MS = 300_000;

/** Questions under way, by compose window. @type {Map<number, AbortController>} */
const asking = new Map();

/** Nobody answered: until when nothing is asked, and for how long the next time. */
const AWAY = "early:away";
const NOT_AWAY = { until: 0, pause: SHORTEST_AWAY_MS };

/** @param {{until: number, pause: number}} away */
const setAway = (away) => messenger.storage.session.set({ [AWAY]: away });

/** @param {Draft} draft what an answer was given about */
const subjectOf = ({ from, to, cc, bcc, subject, attachments }) =>
  JSON.stringify([from, to, cc, bcc, subject, attachments]);

/** @param {number} tabId */
const keyOf = (tabId) => `early:${tabId}`;

/** Send was pressed, or the window closed: what is under way has nothing to say any more. */
export function endEarly(/** @type {number} */ tabId) {
  asking.get(tabId)?.abort();
  asking.delete(tabId);
}

/** @param {number} tabId */
export async function forgetEarly(tabId) {
  endEarly(tabId);
  await messenger.storage.session.remove(keyOf(tabId));
}

/** @param {number} tabId */
export async function helpEarly(tabId) {
  endEarly(tabId);
  const mine = new AbortController();
  asking.set(tabId, mine);
  const { [AWAY]: away = NOT_AWAY } = await messenger.storage.session.get(AWAY);
  if (Date.now() < away.until || mine.signal.aborted) return;
  try {
    await helped(tabId, mine.signal);
    if (away.until) await setAway(NOT_AWAY);
  } catch (/** @type {any} */ problem) {
    if (mine.signal.aborted || problem?.reason === "not-paired") return;
    const pause = Math.min(2 * away.pause, LONGEST_AWAY_MS);
    await setAway({ until: Date.now() + away.pause, pause });
  } finally {
    if (asking.get(tabId) === mine) asking.delete(tabId);
  }
}

/** @param {number} tabId @param {AbortSignal} newer */
async function helped(tabId, newer) {
  const client = await connect();
  const deadline = AbortSignal.any([deadlineIn(EARLY_MS), newer]);
  const read = async () => {
    const details = await messenger.compose.getComposeDetails(tabId);
    return collect(tabId, details);
  };
  const draft = await within(read(), deadline);
  const [looked, { [keyOf(tabId)]: before }] = await Promise.all([
    recall(tabId), messenger.storage.session.get(keyOf(tabId)),
  ]);
  const now = subjectOf(draft);
  if (now === before || newer.aborted) return;
  if (draft.to.length + draft.cc.length + draft.bcc.length === 0) {
    await showBadge(tabId, "", text("buttonNothing"));
  } else {
    await client.prove(deadline);
    const question = { ...looked, answers: [] };
    const { answer } = await askAbout(tabId, draft, "typing", question, client, deadline);
    if (newer.aborted) return;
    showAnswer(tabId, answer);
    await tellMore(tabId, answer, looked);
  }
  await messenger.storage.session.set({ [keyOf(tabId)]: now });
}

/**
 * Whoever looks at the findings meanwhile sees the new ones; and it is said once per window where
 * saved drafts of what will be sealed lie in clear.
 *
 * @param {number} tabId
 * @param {Review} answer
 * @param {import("./state.js").Looked} looked
 */
async function tellMore(tabId, answer, { asked, told, sealing }) {
  const isSealed = answer.encryption.required;
  // Should nobody answer at Send, this is what was said last.
  if (isSealed !== sealing) await remember(tabId, { sealing: isSealed });
  const exposed = isSealed && (await draftsOnServer(tabId));
  if (asked?.look) await remember(tabId, { asked: lookedAt(answer, exposed) });
  if (!exposed || told) return;
  await remember(tabId, { told: true });
  await say(text("buttonDrafts"), tabId);
}

/**
 * What the review window shows where nobody has pressed Send.
 *
 * @param {Review} answer
 * @param {boolean} exposed
 * @returns {import("./state.js").Asked}
 */
export function lookedAt(answer, exposed) {
  const round = Date.now();
  return { answer, problem: null, tried: [], round, look: true, draftsOnServer: exposed };
}
