// @ts-check
/**
 * The helper of this computer, which belongs to the user and is started by Thunderbird: it knows
 * where the service is, has it started, and hands over the token of this profile.
 */

/**
 * @typedef {object} Handed
 * @property {string} service
 * @property {string} token
 * @property {"running" | "started" | "unknown"} state
 * @property {string} version
 *
 * @typedef {{code: string, message: string, hint: string}} Told why it cannot be done
 */

const HOST = "addin_service";

/** The helper has no connection to hand over. */
export class NoConnection extends Error {
  /** @param {Told} told `missing`: there is no helper; `broken`: it ended without an answer */
  constructor(told) {
    super(told.code);
    this.told = told;
  }
}

/** A number that this profile keeps, so that asking again brings the same token. */
async function profileNumber() {
  const { profile } = await messenger.storage.local.get("profile");
  if (profile) return profile;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  await messenger.storage.local.set({ profile: made });
  return made;
}

/** By which one profile is told from another in `addin-service client list`. */
export async function shortNumber() {
  return (await profileNumber()).slice(0, 4);
}

/** @param {unknown} value @returns {value is string} */
const isText = (value) => typeof value === "string";

/** Plain http, and never beyond this computer. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost):\d{1,5}$/;

/**
 * @param {"connection" | "start"} want
 * @param {boolean} anew the user has pressed Connect
 * @returns {Promise<Handed>}
 */
export async function askHelper(want, anew) {
  const question = { want, profile: await profileNumber(), anew };
  let said;
  try {
    said = await messenger.runtime.sendNativeMessage(HOST, question);
  } catch (problem) {
    const isMissing = /No such native application/.test(String(problem));
    throw new NoConnection({ code: isMissing ? "missing" : "broken", message: "", hint: "" });
  }
  const { code, message, hint } = said?.error ?? {};
  if ([code, message, hint].every(isText)) throw new NoConnection({ code, message, hint });
  const { service, token, state, version } = said ?? {};
  if (![service, token, state, version].every(isText) || !LOOPBACK.test(service)) {
    throw new NoConnection({ code: "broken", message: "", hint: "" });
  }
  return { service, token, state, version };
}
