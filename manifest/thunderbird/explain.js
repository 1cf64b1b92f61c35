// @ts-check
/** What went wrong with the connection, and what to do, in words. */

import { text } from "./shared/texts.js";

/** @type {Record<string, string>} */
const PROBLEMS = {
  unreachable: text("optionsProblemUnreachable"),
  slow: text("optionsProblemSlow"),
  nonsense: text("optionsProblemNonsense"),
  impostor: text("optionsProblemImpostor"),
};

/** @type {Record<string, string>} */
const HELPER = {
  missing: text("optionsHelperMissing"),
  broken: text("optionsHelperBroken"),
  "access-ended": text("optionsHelperEnded"),
};

/** @param {{message?: string, hint?: string} | undefined} told */
const said = (told) => [told?.message, told?.hint].filter(Boolean).join(" ");

/** @param {any} problem what was thrown by a question to the service */
export function explain(problem) {
  return said(problem.told) || PROBLEMS[problem.reason] || text("optionsProblemOther");
}

/** @param {import("./helper.js").Told} told */
export function explainHelper(told) {
  return HELPER[told.code] || said(told) || text("optionsProblemOther");
}
