// @ts-check
/**
 * What a user would otherwise do by hand where the service is not running, or is not known yet: ask
 * the helper of this computer. Never for a department's service, nor where the user has disconnected.
 */

import { NoConnection, askHelper } from "./helper.js";
import { saveHanded, saveRefusal, settings } from "./storage.js";

/** A helper that could not help is not asked again for every draft. */
const PAUSE_MS = 20_000;

/** Nobody asks twice at once. @type {Promise<boolean> | null} */
let underWay = null;

let askAgainAt = 0;

/** @param {boolean} anew */
async function ask(anew) {
  const { helperMay, disconnected } = await settings();
  if (!helperMay || (disconnected && !anew)) return false;
  try {
    await saveHanded(await askHelper("start", anew));
    return true;
  } catch (problem) {
    askAgainAt = performance.now() + PAUSE_MS;
    if (problem instanceof NoConnection) await saveRefusal(problem.told);
    return false;
  }
}

/**
 * @param {boolean} [anew] the user has pressed Connect
 * @returns {Promise<boolean>} whether there is a connection now, to a service that runs
 */
export function mend(anew = false) {
  if (!anew && !underWay && performance.now() < askAgainAt) return Promise.resolve(false);
  underWay ??= ask(anew).finally(() => { underWay = null; });
  return underWay;
}
