// @ts-check
/** When what the user allows is handed over. */

import { allowed, note } from "./learning-state.js";

export const ALARM = "learn";
const AGAIN_MINUTES = 2;
const DAILY_MINUTES = 24 * 60;
export const DAY_MS = DAILY_MINUTES * 60_000;

/** Now, and again until it is done, whatever comes between. */
export async function learnSoon() {
  const times = { when: Date.now(), periodInMinutes: AGAIN_MINUTES };
  await messenger.alarms.create(ALARM, times);
}

/** Another start of Thunderbird: nothing is done while it has so much else to do. */
export async function learnAfterStart() {
  if (await messenger.alarms.get(ALARM)) return;
  const times = { delayInMinutes: 1, periodInMinutes: AGAIN_MINUTES };
  await messenger.alarms.create(ALARM, times);
}

/** The address book has changed: the service hears of it in a moment, with what else changes. */
export async function bookChanged() {
  if (!(await allowed()).book) return;
  await note({ stale: true });
  const times = { delayInMinutes: 0.1, periodInMinutes: AGAIN_MINUTES };
  await messenger.alarms.create(ALARM, times);
}

/** All is done: what is new is asked for once a day. */
export async function learnTomorrow() {
  await messenger.alarms.create(ALARM, { periodInMinutes: DAILY_MINUTES });
}

/** Nothing is allowed. */
export async function learnNoMore() {
  await messenger.alarms.clear(ALARM);
}
