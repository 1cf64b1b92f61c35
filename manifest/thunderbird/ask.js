// @ts-check
/** One question to the service: who is proven, what stands in the window, and what it says of it. */

import { deadlineIn, within } from "./shared/client.js";
import { collect } from "./collect.js";
import { connect } from "./settings.js";
import { remember } from "./state.js";

/** @typedef {import("./shared/client.js").Client} Client */
/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./seal.js").Cleared} Cleared a draft that may go, but not in clear */
/** @typedef {import("./state.js").Looked} Looked */

/**
 * Ask, with proof of the service and the collecting of the draft side by side. The question
 * itself waits for both.
 *
 * @param {number} tabId
 * @param {any} details
 * @param {"send" | "typing"} purpose
 * @param {Looked} looked
 * @returns {Promise<Cleared>}
 */
export async function ask(tabId, details, purpose, looked) {
  const deadline = deadlineIn();
  const client = await connect();
  const [draft] = await Promise.all([
    within(collect(tabId, details), deadline),
    client.prove(deadline),
  ]);
  return askAbout(tabId, draft, purpose, looked, client, deadline);
}

/**
 * Only after the service has proved who it is.
 *
 * @param {number} tabId
 * @param {Draft} draft
 * @param {"send" | "typing"} purpose
 * @param {Looked} looked
 * @param {Client} client
 * @param {AbortSignal} deadline
 * @returns {Promise<Cleared>}
 */
export async function askAbout(tabId, draft, purpose, looked, client, deadline) {
  const { review, answers, shape, seal } = looked;
  const question = { purpose, draft, review, answers, seal };
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
