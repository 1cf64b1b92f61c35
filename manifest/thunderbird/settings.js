// @ts-check
/** Where the service is and who we are to it: the administrator's word first, then the user's. */

import { Client, Unavailable } from "./shared/client.js";

/** @typedef {import("./shared/client.js").Unreachable} Unreachable */

export const DEFAULT_SERVICE = "http://127.0.0.1:8025";

/**
 * @typedef {object} Settings
 * @property {string} service
 * @property {string | null} token
 * @property {Unreachable} unreachable
 * @property {boolean} serviceIsManaged
 * @property {boolean} tokenIsManaged
 */

async function managed() {
  try {
    return await messenger.storage.managed.get();
  } catch {
    // Thunderbird rejects where no administrator has set anything.
    return {};
  }
}

/** @param {unknown} value @returns {value is Unreachable} */
const isDirection = (value) => value === "hold" || value === "send-with-notice";

/** @returns {Promise<Settings>} */
export async function settings() {
  const [administrator, own] = await Promise.all([
    managed(),
    messenger.storage.local.get(["service", "token", "unreachable"]),
  ]);
  const heard = [own.unreachable, administrator.unreachable].find(isDirection);
  return {
    service: administrator.service ?? own.service ?? DEFAULT_SERVICE,
    token: administrator.token ?? own.token ?? null,
    unreachable: heard ?? "hold",
    serviceIsManaged: Boolean(administrator.service),
    tokenIsManaged: Boolean(administrator.token),
  };
}

/** @returns {Promise<Client>} */
export async function connect() {
  const { service, token } = await settings();
  if (!token) throw new Unavailable("not-paired");
  const { name, version } = await messenger.runtime.getBrowserInfo();
  return new Client({ service, token, name: name.toLowerCase(), version });
}

/** @param {Unreachable} unreachable what the service said last; it holds when it is silent */
export async function hear(unreachable) {
  const { unreachable: last } = await messenger.storage.local.get("unreachable");
  if (last !== unreachable) await messenger.storage.local.set({ unreachable });
}

/** @param {{service: string, token: string}} paired */
export async function savePairing({ service, token }) {
  await messenger.storage.local.set({ service, token });
}

export async function forgetPairing() {
  await messenger.storage.local.remove(["service", "token"]);
}
