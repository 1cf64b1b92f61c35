// @ts-check
/** What is said in the pane where there is no answer, or no message that can be looked at. */

import { Unavailable } from "./shared/client.js";
import { CAUSES, showSilence } from "./shared/silence.js";

/** @typedef {import("./shared/client.js").Reason} Reason */

const LEAD = "Nothing has been sent. Your message is here, unchanged.";
const THEN =
  "Try again, or press Send: Outlook then does what your organisation has set up for this case.";

/** @param {HTMLElement} root @param {unknown} problem @param {() => void} again */
export function showProblem(root, problem, again) {
  const known = problem instanceof Unavailable;
  const { message = "", hint = "" } = known ? problem.told : {};
  // Whatever else was thrown came from Outlook: of Last Look nothing is known then.
  const reason = known ? problem.reason : "refused";
  const cause = known ? CAUSES[reason] : "Outlook did not let Last Look see this message.";
  const title = reason === "refused" ? "This message was not looked at" : "Last Look cannot be reached";
  const why = reason === "refused" ? "" : THEN;
  const shown = { reason, title, lead: LEAD, cause: cause ?? "", why, message, hint };
  showSilence(root, shown, [{ name: "again-button", label: "Try again", act: again, once: true }]);
}

/**
 * @param {HTMLElement} root
 * @param {string} why what keeps us from seeing everybody who would read it
 * @param {() => void} again
 */
export function showObstacle(root, why, again) {
  const shown = {
    reason: /** @type {Reason} */ ("refused"),
    title: "Not everything can be seen yet",
    lead: "Last Look looks at a message when it sees everybody who would read it.",
    cause: why,
    why: "",
    message: "",
    hint: "",
  };
  showSilence(root, shown, [{ name: "again-button", label: "Check again", act: again, once: true }]);
}
