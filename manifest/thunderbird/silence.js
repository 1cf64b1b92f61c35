// @ts-check
/** What is shown when there was no answer and the organisation wants mail to wait. */

import { Unavailable } from "./shared/client.js";
import { CAUSES, showSilence as show } from "./shared/silence.js";
import { text } from "./shared/texts.js";
import { NotSealed } from "./seal.js";

/**
 * @typedef {"slept" | "changed" | "not-begun"} Stopped why the seconds before a send came to nothing
 * @typedef {import("./shared/client.js").Reason | Stopped} Reason
 */
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
  "not-paired": text("silenceNotPaired"),
  impostor: text("silenceImpostor"),
};

/** @type {Partial<Record<Reason, string>>} */
const SEALING_REASONS = {
  unreachable: text("silenceSealingStopped"),
  slow: text("silenceSealingSlow"),
  refused: text("silenceSealingRefused"),
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

/** @type {Record<string, string>} */
const STOPPED = {
  slept: text("silenceSlept"),
  changed: text("silenceChanged"),
  "not-begun": text("silenceNotBegun"),
};

/** @param {Problem} problem */
function words({ reason, sealing }) {
  if (reason in STOPPED) {
    const cause = STOPPED[reason];
    return { title: text("silenceTitleStopped"), cause, why: text("silenceWhyStopped") };
  }
  const common = REASONS[reason] ?? CAUSES.nonsense ?? "";
  if (sealing) {
    return {
      title: text("silenceTitleSealing"),
      cause: SEALING_REASONS[reason] ?? common,
      why: text("silenceWhySealing"),
    };
  }
  return {
    title: text(reason === "not-paired" ? "silenceTitleNotPaired" : "silenceTitle"),
    cause: common,
    why: text("silenceWhy"),
  };
}

/**
 * @param {HTMLElement} root
 * @param {Problem} problem
 * @param {{again: () => void, leave: () => void, connect: () => void}} host
 */
export function showSilence(root, problem, host) {
  const { reason, message, hint } = problem;
  const again = { name: "again-button", label: text("silenceAgain"), act: host.again, once: true };
  const connect = { name: "connect", label: text("silenceConnect"), act: host.connect };
  const back = { name: "back", label: text("reviewBack"), act: host.leave };
  const ways =
    reason === "not-paired"
      ? [connect, again, back]
      : reason === "impostor"
        ? [again, connect, back]
        : reason in STOPPED
          ? [back]
          : [again, back];
  const lead = reason in STOPPED ? text("silenceLeadStopped") : text("silenceLead");
  show(root, { reason, lead, message, hint, ...words(problem) }, ways);
}
