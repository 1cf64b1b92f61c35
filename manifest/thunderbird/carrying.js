// @ts-check
/** Whether this Thunderbird lets us send a whole sealed message; it is tried, never guessed. */

/**
 * @typedef {object} Carrying
 * @property {boolean} whole
 * @property {boolean} experiments whether the part that this needs is there at all
 */

/** @returns {Promise<Carrying>} */
export async function canCarry() {
  const experiments = typeof messenger.sealedSend?.able === "function";
  try {
    return { experiments, whole: experiments && (await messenger.sealedSend.able()) === true };
  } catch {
    return { experiments, whole: false };
  }
}
