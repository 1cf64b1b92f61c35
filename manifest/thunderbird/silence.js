// @ts-check
/** What is shown when there was no answer and the organisation wants mail to wait. */

import { Unavailable } from "./shared/client.js";
import { element, visible } from "./shared/words.js";
import { NotSealed } from "./seal.js";

/** @typedef {import("./shared/client.js").Reason} Reason */
/**
 * @typedef {object} Problem
 * @property {Reason} reason
 * @property {string} message what the service said, "" where it said nothing
 * @property {string} hint
 * @property {boolean} sealing it was looked at and could go; only the sealing failed
 */

const REASONS = {
  "not-paired": "This Thunderbird has not been introduced to Last Look yet.",
  unreachable: "The Last Look service is not running, or is out of reach.",
  slow: "The Last Look service did not answer in time.",
  nonsense: "What answered was not understood. It may be another version.",
  impostor:
    "What answers could not prove that it is your Last Look, so nothing of your mail was shown " +
    "to it. If Last Look was set up anew, connect this Thunderbird again; otherwise tell your " +
    "helpdesk.",
  refused: "Last Look answered, but could not look at this mail.",
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
  const common = REASONS[reason] ?? REASONS.nonsense;
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
  const stranger = reason === "not-paired";
  const primary = (/** @type {boolean} */ is) => (is ? "primary " : "");
  const again = element(
    "button",
    { type: "button", class: `${primary(!stranger)}again-button` },
    "Try again",
  );
  again.addEventListener("click", () => {
    /** @type {HTMLButtonElement} */ (again).disabled = true;
    host.again();
  });
  const connect = element(
    "button",
    { type: "button", class: `${primary(stranger)}connect` },
    "Connect to Last Look …",
  );
  connect.addEventListener("click", host.connect);
  connect.hidden = !stranger && reason !== "impostor";
  const back = element("button", { type: "button", class: "back" }, "Back to the draft");
  back.addEventListener("click", host.leave);
  const { title, cause, why } = words(problem);
  const controls = stranger ? [connect, again] : [again, connect];
  root.replaceChildren(
    element(
      "header",
      {},
      element("h1", { id: "title" }, title),
      element("p", {}, "Your mail has not been sent. It is still here, in its window, unchanged."),
    ),
    element(
      "section",
      { class: "card stop", "data-reason": reason },
      element("h2", {}, cause),
      message ? element("p", {}, visible(message)) : null,
      hint ? element("p", { class: "advice" }, visible(hint)) : null,
      element("p", { class: "advice" }, why),
    ),
    element("footer", {}, element("div", { class: "controls" }, ...controls, back)),
  );
  controls[0].focus();
}
