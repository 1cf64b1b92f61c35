// @ts-check
/** The part of the options page that asks whether Last Look may learn, and says what it did. */

import { fillTexts } from "./shared/texts.js";
import { element } from "./shared/words.js";
import { allow, allowed, mayAsk, progress, whenChanged } from "./learning-state.js";
import { learnSoon } from "./learning-alarms.js";
import { mails, state } from "./learn-words.js";

/** @typedef {"sent" | "book"} What */
/** @typedef {import("./learning-state.js").Allowed} Allowed */
/** @typedef {import("./learning-state.js").Progress} Progress */

/** What each of the two is called. */
const NAMES = /** @type {const} */ ({
  sent: { title: "learnSentTitle", about: "learnSentAbout", stop: "learnStop" },
  book: { title: "learnBookTitle", about: "learnBookAbout", stop: "learnForget" },
});

/** @param {HTMLElement} row @param {What} what @param {Allowed} may @param {Progress} now */
function show(row, what, may, now) {
  const part = (/** @type {string} */ name) => /** @type {any} */ (row.querySelector(name));
  part("[role=status]").textContent = state(what, may, now);
  const { seen, total } = mails(now);
  const bar = part("progress");
  bar.hidden = what !== "sent" || !may.sent || now.sentAt !== null || !total;
  Object.assign(bar, { max: Math.max(total, 1), value: seen });
  part(".allow").hidden = may[what];
  part(".stop").hidden = !may[what];
}

/** @param {What} what */
async function begin(what) {
  await allow(what === "book" ? { book: true, forget: false } : { sent: true });
  await learnSoon();
}

/** @param {What} what */
async function end(what) {
  await allow(what === "book" ? { book: false, forget: true } : { sent: false });
  await learnSoon();
}

/** @param {What} what @returns {HTMLElement} */
function rowOf(what) {
  const { title, about, stop } = NAMES[what];
  const ids = { title: `learn-${what}-title`, about: `learn-${what}-about` };
  const described = { type: "button", "aria-describedby": ids.title };
  const row = element(
    "div",
    { class: "learn", "data-what": what, role: "group", "aria-labelledby": ids.title },
    element("h3", { id: ids.title, "data-text": title }),
    element("p", { id: ids.about, class: "advice", "data-text": about }),
    element("p", { role: "status" }),
    element("progress", { hidden: "", "aria-labelledby": ids.title }),
    element(
      "div",
      { class: "controls" },
      element("button", { ...described, class: "allow", "data-text": "learnAllow" }),
      element("button", { ...described, class: "stop", "data-text": stop }),
    ),
  );
  const button = (/** @type {string} */ name) => /** @type {any} */ (row.querySelector(name));
  const press = async (/** @type {(what: What) => Promise<void>} */ act, /** @type {string} */ next) => {
    await act(what);
    await refresh(row, what);
    button(next).focus();
  };
  button(".allow").addEventListener("click", () => press(begin, ".stop"));
  button(".stop").addEventListener("click", () => press(end, ".allow"));
  return row;
}

/** @param {HTMLElement} row @param {What} what */
async function refresh(row, what) {
  const [may, now] = await Promise.all([allowed(), progress()]);
  show(row, what, may, now);
  const sees = document.getElementById("sees-learning");
  if (sees) sees.hidden = !may.sent && !may.book;
}

/**
 * Fill a section of the options page. It stays hidden where the organisation does not want it.
 *
 * @param {HTMLElement} section
 */
export async function mountLearning(section) {
  if (!(await mayAsk())) return;
  const rows = /** @type {What[]} */ (["sent", "book"]).map((what) => [what, rowOf(what)]);
  section.setAttribute("aria-labelledby", "learn-title");
  section.replaceChildren(
    element("h2", { id: "learn-title", "data-text": "learnTitle" }),
    element("p", { class: "advice", "data-text": "learnAbout" }),
    ...rows.map(([, row]) => /** @type {HTMLElement} */ (row)),
  );
  fillTexts(document);
  const all = () => Promise.all(rows.map(([what, row]) =>
    refresh(/** @type {HTMLElement} */ (row), /** @type {What} */ (what))));
  await all();
  section.hidden = false;
  whenChanged(all);
}
