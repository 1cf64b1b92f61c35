// @ts-check
/** One question to the service: who is proven, what stands in the window, and what it says of it. */

import { deadlineIn, within } from "./shared/client.js";
import { collect } from "./collect.js";
import { connect } from "./settings.js";
import { remember } from "./state.js";

/** @typedef {import("./seal.js").Cleared} Cleared a draft that may go, but not in clear */

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
export async function ask(tabId, details, purpose, { review, answers, shape }) {
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
