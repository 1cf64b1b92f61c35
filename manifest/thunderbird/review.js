// @ts-check
/** The review window of one draft: shows what `storage.session` holds for its compose window. */

import { deadlineIn } from "./shared/client.js";
import { exposedIn } from "./shared/order.js";
import { Pane } from "./shared/pane.js";
import { showPassphrases } from "./shared/passphrases.js";
import { text } from "./shared/texts.js";
import { element } from "./shared/words.js";
import { openLetter, replaceRecipient, sendAgain } from "./apply.js";
import { ask } from "./ask.js";
import { collect } from "./collect.js";
import { moveToBcc, removeRecipient } from "./edits.js";
import { draftsOnServer } from "./flow.js";
import { canCarry } from "./seal.js";
import { connect } from "./settings.js";
import { problemOf, showSilence } from "./silence.js";
import { keyOf, memoryOf, recall, remember } from "./state.js";
import { countDown } from "./undo.js";
import { identityOf, makeZips } from "./zip.js";

const tabId = Number(new URLSearchParams(location.search).get("tab"));
const root = /** @type {HTMLElement} */ (document.getElementById("review"));

const leave = () => window.close();

/**
 * The background page may be asleep or gone: everything is done from here, and the next look finds
 * the answers in the session's memory.
 *
 * @param {import("./shared/client.js").Answer[]} answers
 */
async function send(answers) {
  await remember(tabId, { answers });
  // Refused, for instance, while Thunderbird shows a question of its own: show ours again.
  sendAgain(tabId).catch(show);
}

/** @param {import("./shared/client.js").Finding} finding */
async function replace({ about, suggestion }) {
  if (about && suggestion) await replaceRecipient(tabId, about, suggestion);
}

/**
 * Nothing of it happens without a look: the draft is asked about again, to be sealed in this way.
 *
 * @param {import("./shared/client.js").Chosen} shape
 */
async function useShape(shape) {
  await remember(tabId, { shape });
  await send([]);
}

/**
 * @param {import("./shared/ways.js").Way} way
 * @param {import("./shared/client.js").Finding} finding
 */
async function take(way, { about, facts }) {
  if (way !== "ask") return useShape(way);
  const { draft } = await recall(tabId);
  if (!about || !draft) return;
  const deadline = deadlineIn();
  const client = await connect();
  await client.prove(deadline);
  const { address } = about;
  const letter = await client.askForKey({ address, from: draft.from }, deadline);
  await openLetter(tabId, { address, name: String(facts.name ?? "") }, letter);
}

const useKeys = () => useShape("mime");

/** @param {import("./shared/client.js").Finding} finding @param {string} reason */
async function allow({ about }, reason) {
  if (!about) return;
  const details = await messenger.compose.getComposeDetails(tabId);
  const { from } = await collect(tabId, details);
  const deadline = deadlineIn();
  const client = await connect();
  await client.prove(deadline);
  await client.askToAllow({ address: about.address, from: from.address, reason }, deadline);
}

/** What would be asked at Send, by what stands in the draft now. Nothing is sent. */
async function look() {
  try {
    const details = await messenger.compose.getComposeDetails(tabId);
    const looked = await recall(tabId);
    const { answer } = await ask(tabId, details, "typing", { ...looked, answers: [] });
    const exposed = answer.encryption.required && (await draftsOnServer(tabId));
    const asked = { answer, problem: null, tried: [], round: Date.now(), look: true };
    await remember(tabId, { asked: { ...asked, draftsOnServer: exposed } });
  } catch (problem) {
    showProblem(problemOf(problem, false), look);
  }
}

const pane = new Pane(root, {
  replace,
  remove: async ({ about }) => about === null || removeRecipient(tabId, about.address),
  toBcc: (finding) => moveToBcc(tabId, exposedIn(finding)),
  allow,
  seal: (on) => remember(tabId, { seal: on }),
  send,
  look,
  leave,
  take,
  useKeys,
});

/**
 * Protected ZIPs of this draft, and their words: here, in memory, until this window closes.
 *
 * @typedef {object} Held
 * @property {string} identity of the draft that they are made of
 * @property {import("./zip.js").Going | null} going null while they are being made
 * @property {boolean} released the sender has the words, and said Send
 */

/** @type {Held | null} */
let held = null;

/** @param {import("./state.js").Asked} asked @param {Looked} looked */
async function showZip({ answer }, { draft }) {
  /** @type {Held | null} */
  let mine = null;
  root.replaceChildren(
    element("h1", { id: "title" }, text("wordsMaking")),
    element("p", { class: "quiet", role: "status" }, text("reviewNotSentYet")),
  );
  try {
    const details = await messenger.compose.getComposeDetails(tabId);
    const now = await collect(tabId, details);
    if (!draft || !answer) return;
    const identity = identityOf(draft, details);
    // Somebody has gone on writing: what is there now has not been looked at.
    if (identityOf(now, details) !== identity) return await send([]);
    held = mine = { identity, going: null, released: false };
    const { going, spoken } = await makeZips(tabId, details, { draft, answer }, memoryOf(tabId));
    // Something else is shown by now.
    if (held !== mine) return;
    mine.going = going;
    showWords(spoken);
  } catch (problem) {
    if (held !== mine) return;
    held = null;
    showProblem(problemOf(problem, true), () => send([]));
  }
}

/** @param {import("./shared/passphrases.js").Spoken[]} spoken */
function showWords(spoken) {
  showPassphrases(root, spoken, { send: () => release(spoken), keys: useKeys, leave });
}

/** @param {import("./shared/passphrases.js").Spoken[]} spoken */
async function release(spoken) {
  if (held) held.released = true;
  await remember(tabId, { answers: [] });
  sendAgain(tabId).catch(() => {
    if (!held) return show();
    // It did not even begin. The words that were written down are still the right ones.
    held.released = false;
    showWords(spoken);
  });
}

messenger.runtime.onMessage.addListener((/** @type {any} */ question) => {
  if (question?.zipsOf !== tabId) return undefined;
  if (held?.identity !== question.identity) return Promise.resolve({});
  if (!held?.released) return Promise.resolve({ waits: true });
  // Handed over once: should it come back, there are other words.
  const { going } = held;
  held = null;
  return Promise.resolve({ going });
});

/**
 * @param {import("./silence.js").Problem} problem
 * @param {() => void} again
 */
function showProblem(problem, again) {
  const options = () => messenger.runtime.openOptionsPage();
  showSilence(root, problem, { again, leave, connect: options });
}

/** @typedef {import("./state.js").Looked} Looked */

/** The seconds that are being counted; what ends it. @type {Promise<() => void> | null} */
let counting = null;

/** Which look it belongs to: shown once more it goes on. */
let counted = 0;

/** @param {number} round @param {import("./state.js").Undo} undo @param {Looked["draft"]} draft */
async function count(round, undo, draft) {
  counted = round;
  counting = countDown(root, tabId, { round, undo, draft, leave });
  await counting;
}

async function show() {
  const looked = await recall(tabId);
  const { asked, answers, shape, seal } = looked;
  if (asked?.undo && asked.round === counted) return;
  held = null;
  counting?.then((end) => end(), leave);
  counting = null;
  if (!asked) return leave();
  if (asked.undo) await count(asked.round, asked.undo, looked.draft);
  else if (asked.zip) await showZip(asked, looked);
  else if (asked.answer) {
    const carries = await canCarry(tabId);
    const can = (/** @type {string} */ way) => way !== "smime" || carries;
    const { answer, tried } = asked;
    const situation = { shape, can, seal, look: asked.look, draftsOnServer: asked.draftsOnServer };
    // Somebody is writing, and may be in the middle of something here as well.
    if (asked.look && pane.situation.look) pane.refresh(answer, situation);
    else pane.show(answer, tried, situation);
  } else if (asked.problem) {
    showProblem(asked.problem, asked.look ? look : () => send(answers));
  }
  document.title = document.getElementById("title")?.textContent ?? text("extensionName");
  await fit();
}

/** As tall as its content and wholly on the screen, as far as the screen allows. */
async function fit() {
  const { id, height = 0, top = 0 } = await messenger.windows.getCurrent();
  const frame = height - window.innerHeight;
  const wanted = Math.min(root.scrollHeight + frame, screen.availHeight);
  const { availTop } = /** @type {Screen & {availTop: number}} */ (screen);
  const lowest = availTop + screen.availHeight - wanted;
  if (id) await messenger.windows.update(id, { height: wanted, top: Math.min(top, lowest) });
}

messenger.storage.session.onChanged.addListener((/** @type {Record<string, any>} */ changes) => {
  const change = changes[keyOf(tabId)];
  if (!change) return;
  // A review window that was just opened notes its own number; that shows nothing new.
  const now = change.newValue?.asked?.round;
  if (now === undefined || now !== change.oldValue?.asked?.round) show();
});

messenger.tabs.onRemoved.addListener((/** @type {number} */ removed) => {
  if (removed === tabId) leave();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") leave();
  // Ctrl+Enter is Send in the compose window, and a held key repeats: neither was meant for us.
  const stray = event.repeat || event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && stray) event.preventDefault();
});

show();
