// @ts-check
/** The connection to the service that every question goes by. */

import { Client, Unavailable, deadlineIn, within } from "./shared/client.js";
import { mend } from "./mending.js";
import { settings } from "./storage.js";

export { hear, settings } from "./storage.js";

/** What the helper may be able to put right. */
const MENDABLE = ["unreachable", "impostor"];

/** Of the time that a question has: what is left is enough for the question itself. */
const WAIT_MS = 1000;

/** A client that has the service started, or itself introduced anew, where its proof fails. */
class MendingClient extends Client {
  /** @override @param {AbortSignal} deadline */
  async prove(deadline) {
    try {
      await super.prove(deadline);
    } catch (/** @type {any} */ problem) {
      if (!MENDABLE.includes(problem?.reason)) throw problem;
      // It goes on after the deadline: whoever tries again finds a service that runs.
      const mended = await within(mend(), deadline).catch(() => false);
      if (!mended) throw problem;
      const { service, token } = await settings();
      if (!token) throw problem;
      Object.assign(this, { service, token });
      await super.prove(deadline);
    }
  }
}

/** @returns {Promise<Client>} within a second, whatever the helper does */
export async function connect() {
  let now = await settings();
  if (!now.token) {
    await within(mend(), deadlineIn(WAIT_MS)).catch(() => false);
    now = await settings();
  }
  const { service, token } = now;
  if (!token) throw new Unavailable("not-paired");
  const { name, version } = await messenger.runtime.getBrowserInfo();
  return new MendingClient({ service, token, name: name.toLowerCase(), version });
}
