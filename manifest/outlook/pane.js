// @ts-check
/**
 * The pane beside a message that is being written: what would be asked at Send, asked here, where
 * it can be answered. It looks, it gathers answers, and leaves sending to Outlook's own button.
 *
 * `events.js` stands before it on the page, so that both see the same draft and are the same to
 * the service. Who answers is proven by TLS, on the origin that this page itself came from:
 * a further proof, as on a desk's open port, would add nothing.
 */
/* global Office, SERVICE, call, client, collect, draftId, keepToken, obstacle, within */
/* global markIn, storedToken, traces */

import { Client, Unavailable, deadlineIn } from "./shared/client.js";
import { isSameReview } from "./shared/kept.js";
import { Pane } from "./shared/pane.js";
import { element } from "./shared/words.js";
import { showConnect } from "./pane-connect.js";
import { openedFor, replaceRecipient, watch } from "./pane-item.js";
import { showLetter } from "./pane-letter.js";
import { showSealed, showSettled } from "./pane-settled.js";
import { showObstacle, showProblem } from "./pane-silence.js";
import { followTheme } from "./pane-theme.js";
import { bearer } from "./pane-token.js";

/** @typedef {import("./shared/client.js").Answer} Answer */
/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./shared/client.js").Finding} Finding */
/** @typedef {import("./shared/client.js").Review} Review */

/** Here nobody waits with a finger on Send. */
const COLLECT_MS = 5000;
const ANSWER_MS = 10_000;

const SAYS = {
  send: "Continue",
  seal: "Continue",
  unsealed: "Continue unsealed",
  use: "",
  again: "Check again",
  back: "",
  unable: "Your organisation offers other ways too, but not from Outlook. Ask your helpdesk.",
};

/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);
const root = /** @type {HTMLElement} */ (part("review"));

/**
 * What this pane has seen of this message.
 *
 * @typedef {object} Looked
 * @property {Review | null} review the last answer, whose token the next question brings along
 * @property {Draft | null} draft what it was about
 * @property {"questions" | "settled" | "other"} page
 */

/** @type {Looked} */
let looked = { review: null, draft: null, page: "other" };

/** One question after the other: each brings what the one before it was answered. */
let queue = Promise.resolve();
let waiting = false;

/** @param {string} text for those who listen */
function say(text) {
  part("said").textContent = text;
}

/** @param {Looked["page"]} page */
function turnTo(page) {
  looked.page = page;
  const title = part("title")?.textContent ?? "Last Look";
  document.title = title;
  part("again").hidden = page === "other";
}

/** Another program may have the focus, and somebody may be typing there. @param {() => void} show */
function inPlace(show) {
  const elsewhere = !document.hasFocus();
  show();
  if (elsewhere) /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
}

/** @returns {Promise<Client | null>} null where nobody has introduced this Outlook */
async function connect() {
  const brought = await bearer();
  part("connection").hidden = !(await storedToken());
  return brought ? new Client({ service: SERVICE, token: brought, ...client() }) : null;
}

/** @param {boolean} lost */
function askToConnect(lost) {
  part("connection").hidden = true;
  showConnect(root, { lost, connected: () => look([]) });
  turnTo("other");
}

/**
 * How a look came about.
 *
 * @typedef {object} How
 * @property {boolean} quietly nobody asked for it
 * @property {boolean} again somebody asked for it, and has answered nothing by it
 * @property {string} first id of the finding to begin with
 */

/**
 * @param {Review} review
 * @param {Answer[]} answers that were just given
 * @param {How} how
 */
function show(review, answers, { quietly, again, first }) {
  const before = looked;
  looked = { ...looked, review };
  if (review.verdict === "allow") {
    if (quietly && before.page === "settled" && isSameReview(review, before.review ?? undefined)) return;
    const title = showSettled(root, review);
    turnTo("settled");
    if (quietly) say("All set. Press Send.");
    else title.focus();
    return;
  }
  if ((quietly || again) && before.page === "questions") {
    if (!pane.refresh(review)) return again ? say("Nothing has changed.") : undefined;
  } else {
    const open = new Set(review.findings.filter(({ ask }) => ask !== null).map(({ id }) => id));
    const tried = answers.filter(({ finding }) => open.has(finding));
    pane.show(review, tried, { shape: "mime", can: (way) => way === "ask" }, first);
  }
  turnTo("questions");
  if (quietly) say(`The message has changed. ${document.title}.`);
}

/** @param {Answer[]} answers @param {How} how */
async function lookNow(answers, how) {
  const { quietly } = how;
  try {
    const service = await connect();
    if (!service) return askToConnect(false);
    const read = traces();
    const seen = Promise.all([read, collect(true), draftId(read)]);
    const [kept, draft, carry] = await within(COLLECT_MS, seen);
    const mark = markIn(kept);
    if (mark) {
      inPlace(() => showSealed(root, mark, draft));
      return turnTo("other");
    }
    const why = obstacle(draft);
    if (why) {
      inPlace(() => showObstacle(root, why, () => look([])));
      return turnTo("other");
    }
    const review = looked.review?.review ?? null;
    const question = /** @type {const} */ ({ purpose: "send", draft, review, answers, carry });
    const answer = await service.check(question, deadlineIn(ANSWER_MS));
    looked.draft = draft;
    if (quietly) inPlace(() => show(answer, answers, how));
    else show(answer, answers, how);
  } catch (problem) {
    if (problem instanceof Unavailable && problem.told.status === 401) return askToConnect(true);
    // What is on the page was true a moment ago, and Send asks by itself.
    if (quietly && looked.page !== "other") return;
    showProblem(root, problem, () => look(answers));
    turnTo("other");
  }
}

/** @param {Answer[]} answers @param {Partial<How>} [how] */
function look(answers, { quietly = false, again = false, first = "" } = {}) {
  if (quietly && waiting) return queue;
  waiting = quietly;
  queue = queue.then(() => {
    waiting = false;
    return lookNow(answers, { quietly, again, first });
  });
  return queue;
}

/** "Check again", which shows that it is at work: often nothing else changes. */
async function lookAgain() {
  const button = part("again");
  if (button.ariaDisabled === "true") return;
  say("");
  button.ariaDisabled = "true";
  button.textContent = "Looking …";
  await look([], { again: true });
  button.ariaDisabled = "false";
  button.textContent = "Check again";
}

/** @param {Finding} finding */
async function replace({ about, suggestion }) {
  if (about && suggestion) await replaceRecipient(about, suggestion);
}

/** @param {import("./shared/ways.js").Way} _way the one that Outlook can go @param {Finding} finding */
async function take(_way, { about }) {
  const service = await connect();
  if (!service || !about || !looked.draft) throw new Unavailable("not-paired");
  const { address } = about;
  const letter = await service.askForKey({ address, from: looked.draft.from }, deadlineIn(ANSWER_MS));
  return showLetter(address, letter);
}

/** Outlook has its own button for that. */
const leave = () => {};

const pane = new Pane(
  root,
  { replace, send: (answers) => look(answers), leave, take, useKeys: () => look([]) },
  SAYS,
);

function begin() {
  looked = { review: null, draft: null, page: "other" };
  root.replaceChildren(
    element("h1", { id: "title" }, "Last Look"),
    element("p", { class: "quiet", role: "status" }, "Looking at your message …"),
  );
  turnTo("other");
  part("connection").hidden = true;
  if (!Office.context.mailbox.item) {
    root.append(element("p", {}, "Open a message that you are writing; it is looked at here."));
    return;
  }
  watch(() => look([], { quietly: true }));
  openedFor().then((first) => look([], { first }));
}

async function start() {
  await Office.onReady();
  followTheme();
  // A pane that is kept open goes on to the next message.
  call(Office.context.mailbox, "addHandlerAsync", [Office.EventType.ItemChanged, begin]).catch(() => {});
  part("again").addEventListener("click", lookAgain);
  part("disconnect").addEventListener("click", () => {
    keepToken(null).then(
      () => {
        part("connection").open = false;
        askToConnect(false);
      },
      () => say("Outlook did not let go of the connection. Please try again."),
    );
  });
  document.addEventListener("keydown", (event) => {
    // A held key repeats, and Ctrl+Enter is Send in Outlook: neither was meant for us.
    const stray = event.repeat || event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && stray) event.preventDefault();
  });
  begin();
}

start().catch(() => {
  root.replaceChildren(
    element("h1", { id: "title" }, "Last Look could not start"),
    element("p", {}, "Close this pane and open it again. If that does not help, tell your helpdesk."),
  );
});
