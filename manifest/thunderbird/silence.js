// @ts-check
/** What is shown when there was no answer and the organisation wants mail to wait. */

import { Unavailable } from "./shared/client.js";
import { CAUSES, showSilence as show } from "./shared/silence.js";
import { NotSealed } from "./seal.js";

/** @typedef {import("./shared/client.js").Reason} Reason */
/**
 * @typedef {object} Problem
 * @property {Reason} reason
 * @property {string} message what the service said, "" where it said nothing
 * @property {string} hint
 * @property {boolean} sealing it was looked at and could go; only the sealing failed
 */

/** @type {Partial<Record<Reason, string>>} */
const REASONS = {
  ...CAUSES,
  "not-paired": "This Thunderbird has not been introduced to Last Look yet.",
  impostor:
    "What answers could not prove that it is your Last Look, so nothing of your mail was shown " +
    "to it. If Last Look was set up anew, connect this Thunderbird again; otherwise tell your " +
    "helpdesk.",
};

/** @type {Partial<Record<Reason, string>>} */
const SEALING_REASONS = {
  unreachable: "The Last Look service stopped while the mail was being sealed.",
  slow: "Sealing took too long and was given up.",
  refused: "Last Look could not seal this mail.",
};

/**
 * @param {unknown} problem what was thrown
 * @param {boolean} sealing
 * @returns {Problem}
 */
export function problemOf(problem, sealing) {
  const known = problem instanceof Unavailable || problem instanceof NotSealed;
  const { message = "", hint = "" } = known ? problem.told : {};
  const unknown = sealing ? "refused" : "nonsense";
  const reason = problem instanceof Unavailable ? problem.reason : unknown;
  return { reason, message, hint, sealing };
}

/** @param {Problem} problem */
function words({ reason, sealing }) {
  const common = REASONS[reason] ?? CAUSES.nonsense ?? "";
  if (sealing) {
    return {
      title: "This mail could not be sealed",
      cause: SEALING_REASONS[reason] ?? common,
      why: "It must not leave unsealed, so it waits here.",
    };
  }
  return {
    title: reason === "not-paired" ? "Connect to Last Look first" : "Last Look cannot be reached",
    cause: common,
    why: "Mail waits here until it can be looked at: that is what was set up for this case.",
  };
}

/**
 * @param {HTMLElement} root
 * @param {Problem} problem
 * @param {{again: () => void, leave: () => void, connect: () => void}} host
 */
export function showSilence(root, problem, host) {
  const { reason, message, hint } = problem;
  const again = { name: "again-button", label: "Try again", act: host.again, once: true };
  const connect = { name: "connect", label: "Connect to Last Look …", act: host.connect };
  const back = { name: "back", label: "Back to the draft", act: host.leave };
  const ways =
    reason === "not-paired"
      ? [connect, again, back]
      : reason === "impostor"
        ? [again, connect, back]
        : [again, back];
  const lead = "Your mail has not been sent. It is still here, in its window, unchanged.";
  show(root, { reason, lead, message, hint, ...words(problem) }, ways);
}
