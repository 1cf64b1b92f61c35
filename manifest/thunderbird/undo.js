// @ts-check
/**
 * The review window counts the seconds in which a send can be taken back, and then presses Send
 * again. Nothing is held meanwhile: whatever happens to either window, the mail stays unless all of
 * the seconds passed here.
 */

import { showCountdown } from "./shared/countdown.js";
import { sendAgain } from "./apply.js";
import { countdown, readClocks } from "./clock.js";
import { collect } from "./collect.js";
import { digestOf, leavePass, takePass, takeTicket } from "./pass.js";
import { remember } from "./state.js";

/** @typedef {import("./state.js").Looked} Looked */
/** @typedef {import("./state.js").Undo} Undo */

const TICK_MS = 200;

/** How often it is looked whether somebody goes on writing. */
const LOOK_MS = 1000;

/** @param {number} tabId */
async function digestNow(tabId) {
  const details = await messenger.compose.getComposeDetails(tabId);
  return digestOf(await collect(tabId, details), details);
}

/** @param {Looked["draft"]} draft */
function namesOf(draft) {
  const people = draft ? [...draft.to, ...draft.cc, ...draft.bcc] : [];
  return people.map(({ name, address }) => name || address);
}

/**
 * @param {HTMLElement} root
 * @param {number} tabId
 * @param {{round: number, undo: Undo, draft: Looked["draft"], leave: () => void}} send
 * @returns {Promise<() => void>} ends the counting, without a word and without a send
 */
export async function countDown(root, tabId, { round, undo, draft, leave }) {
  const { seconds, digest } = undo;
  let over = false;
  const end = () => {
    over = true;
  };

  // This window was closed before, which stopped it: to open it again does not send.
  if (!(await takeTicket(tabId, round))) {
    leave();
    return end;
  }

  const stop = async () => {
    end();
    await remember(tabId, { asked: null });
    leave();
  };
  /** @param {import("./silence.js").Stopped} reason */
  const keep = async (reason) => {
    end();
    // With its compose window there would be nobody to tell.
    await messenger.tabs.get(tabId);
    const problem = { reason, message: "", hint: "", sealing: false };
    await remember(tabId, { asked: { answer: null, problem, tried: [], round: Date.now() } });
  };

  const shown = showCountdown(root, { seconds, names: namesOf(draft), stop });
  const count = countdown(seconds, readClocks());
  let looked = performance.now();

  const counting = async () => {
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      if (over) return;
      const { state, left } = count(readClocks());
      if (state === "lost") return keep("slept");
      if (state === "over") return go();
      shown.show(left);
      if (performance.now() - looked < LOOK_MS) continue;
      looked = performance.now();
      // Waited for: while Thunderbird itself stands still, nobody can press Stop.
      const now = await digestNow(tabId);
      if (!over && now !== digest) return keep("changed");
    }
  };

  async function go() {
    end();
    shown.going();
    if ((await digestNow(tabId)) !== digest) return keep("changed");
    // What took this long was not the reading of a draft.
    if (count(readClocks()).state === "lost") return keep("slept");
    await leavePass(tabId, digest);
    sendAgain(tabId).catch(async () => {
      // It did not even begin, while Thunderbird shows a question of its own, say.
      if (await takePass(tabId)) await keep("not-begun");
    });
  }

  counting().catch(() => keep("changed")).catch(leave);
  return end;
}
