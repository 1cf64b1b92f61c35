// @ts-check
/** Where the service is and who we are to it, as it is kept: the administrator's word first. */

/** @typedef {import("./shared/client.js").Unreachable} Unreachable */
/** @typedef {import("./helper.js").Handed} Handed */
/** @typedef {import("./helper.js").Told} Told */

export const DEFAULT_SERVICE = "http://127.0.0.1:8025";

/** A desk's service; any other address is a department's, and none of the helper's concern. */
const DESK = /^http:\/\/(127\.0\.0\.1|localhost)(:|\/|$)/;

/** Whose token counts before whose. @type {("administrator" | "helper" | "code")[]} */
const BRINGERS = ["administrator", "helper", "code"];

/**
 * @typedef {object} Settings
 * @property {string} service
 * @property {string | null} token
 * @property {Unreachable} unreachable
 * @property {boolean} serviceIsManaged
 * @property {boolean} tokenIsManaged
 * @property {typeof BRINGERS[number] | null} by who brought the token
 * @property {boolean} helperMay the helper of this computer may be asked for a connection
 * @property {boolean} disconnected the user has said so: nothing is asked without being told to
 * @property {Told | null} helperSaid why the helper had none the last time
 * @property {string} helperVersion "" where it was not asked
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
  const [administrator, own, { handed, helperSaid }] = await Promise.all([
    managed(),
    messenger.storage.local.get(["service", "token", "unreachable", "disconnected"]),
    messenger.storage.session.get(["handed", "helperSaid"]),
  ]);
  const heard = [own.unreachable, administrator.unreachable].find(isDirection);
  const isDesk = DESK.test(administrator.service ?? DEFAULT_SERVICE);
  const helperMay = isDesk && !administrator.token;
  // Which port a desk has, no administrator can know where several people share a machine.
  const helped = helperMay ? handed : undefined;
  const brought = { administrator: administrator.token, helper: helped?.token, code: own.token };
  const by = BRINGERS.find((one) => brought[one]) ?? null;
  return {
    service: helped?.service ?? administrator.service ?? own.service ?? DEFAULT_SERVICE,
    token: by && brought[by],
    unreachable: heard ?? "hold",
    serviceIsManaged: Boolean(administrator.service),
    tokenIsManaged: Boolean(administrator.token),
    by,
    helperMay,
    disconnected: Boolean(own.disconnected),
    helperSaid: helperSaid ?? null,
    helperVersion: handed?.version ?? "",
  };
}

/** @param {Unreachable} unreachable what the service said last; it holds when it is silent */
export async function hear(unreachable) {
  const { unreachable: last } = await messenger.storage.local.get("unreachable");
  if (last !== unreachable) await messenger.storage.local.set({ unreachable });
}

/** By a code, which can be used once: it has to outlive Thunderbird. @param {{service: string, token: string}} paired */
export async function savePairing({ service, token }) {
  await messenger.storage.local.set({ service, token });
  await messenger.storage.local.remove("disconnected");
  await messenger.storage.session.remove(["handed", "helperSaid"]);
}

/**
 * By the helper, which can be asked again: nothing secret is written to disk.
 *
 * @param {Handed} handed
 */
export async function saveHanded(handed) {
  await messenger.storage.session.set({ handed });
  await messenger.storage.session.remove("helperSaid");
  await messenger.storage.local.remove(["service", "token", "disconnected"]);
}

/** @param {Told} helperSaid */
export async function saveRefusal(helperSaid) {
  await messenger.storage.session.set({ helperSaid });
}

export async function forgetConnection() {
  await messenger.storage.local.remove(["service", "token"]);
  await messenger.storage.session.remove(["handed", "helperSaid"]);
  await messenger.storage.local.set({ disconnected: true });
}
