// @ts-check
/** Nothing is done beside a send that can be done later. */

const LOOK_AGAIN_MS = 100;

let sends = 0;

/**
 * @template T
 * @param {Promise<T>} send the answer to Thunderbird, which holds the window until then
 * @returns {Promise<T>}
 */
export async function during(send) {
  sends += 1;
  try {
    return await send;
  } finally {
    sends -= 1;
  }
}

/** Until no send is under way. */
export async function untilQuiet() {
  while (sends > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}
