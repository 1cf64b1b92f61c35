// @ts-check
/** The button beside Send, pressed: a look without sending. */

import { ask } from "./ask.js";
import { showAnswer } from "./badge.js";
import { collect } from "./collect.js";
import { endEarly, lookedAt } from "./early.js";
import { draftsOnServer } from "./flow.js";
import { isReviewOpen, openReview } from "./open.js";
import { problemOf } from "./silence.js";
import { recall, remember } from "./state.js";

/**
 * Back to the open question, where the draft is still the one that raised it; else a look without
 * sending, in the same window.
 *
 * @param {{id: number}} tab
 */
export async function lookNow(tab) {
  endEarly(tab.id);
  const details = await messenger.compose.getComposeDetails(tab.id);
  const looked = await recall(tab.id);
  const { asked } = looked;
  if (asked?.undo && (await isReviewOpen(tab.id))) return openReview(tab.id);
  if (asked && !asked.look && !asked.undo) {
    const now = JSON.stringify(await collect(tab.id, details));
    if (now === JSON.stringify(looked.draft)) return openReview(tab.id);
  }
  try {
    const { draft, answer } = await ask(tab.id, details, "typing", looked);
    showAnswer(tab.id, answer);
    const exposed = answer.encryption.required && (await draftsOnServer(tab.id));
    // What was looked at for a send is what `afterSend` and the record speak of.
    const kept = looked.review ? {} : { draft };
    await remember(tab.id, { ...kept, asked: lookedAt(answer, exposed) });
  } catch (problem) {
    const shown = problemOf(problem, false);
    const round = Date.now();
    await remember(tab.id, { asked: { answer: null, problem: shown, tried: [], round, look: true } });
  }
  return openReview(tab.id);
}
