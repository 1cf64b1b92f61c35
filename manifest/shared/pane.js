// @ts-check
/**
 * The review: all findings of one draft on one page, gravest first. It shows and it gathers; what
 * an answer is worth is decided by the service when the draft is looked at again.
 *
 * Enter acts on the focused control and nothing else; the control focused at first is always the
 * safe one. Nothing answers more than one finding.
 */

import { isSameReview, restore, snapshot } from "./kept.js";
import { keyForm, positionsOf, readersList } from "./readers.js";
import { counted, text } from "./texts.js";
import { toldOf, waysOf, waysSection } from "./ways.js";
import { addressPair, element, visible } from "./words.js";

/** @typedef {import("./client.js").Finding} Finding */
/** @typedef {import("./client.js").Review} Review */
/** @typedef {import("./client.js").Answer} Answer */

/**
 * @typedef {object} Host what the mail program does for the pane
 * @property {(finding: Finding) => Promise<void>} replace put the suggestion in the draft
 * @property {(answers: Answer[]) => Promise<void>} send have it looked at again, and sent
 * @property {() => void} leave back to the draft
 * @property {(way: import("./ways.js").Way, finding: Finding) => Promise<Node | void>} take a way
 *   out that was offered: rejects where it came to nothing
 * @property {() => Promise<void>} useKeys have it looked at again, to be sealed with keys
 *
 * @typedef {object} Situation what the review was about
 * @property {import("./client.js").Chosen} shape how it would be sealed
 * @property {(way: import("./ways.js").Way) => boolean} can whether the mail program is able to
 *   send it in this way
 *
 * @typedef {object} Says what the mail program's own buttons are called
 * @property {string} send
 * @property {string} seal
 * @property {string} unsealed
 * @property {string} use what happens beside the correction, "" for nothing
 * @property {string} again
 * @property {string} back "" where the mail program has its own way to leave
 * @property {string} unable what is said of ways that the mail program cannot go
 */

/** Where the pane itself sends. @type {Says} */
const SENDS = {
  send: text("reviewSend"),
  seal: text("reviewSeal"),
  unsealed: text("reviewUnsealed"),
  use: text("reviewAndSend"),
  again: text("reviewAgain"),
  back: text("reviewBack"),
  unable: text("reviewUnable"),
};

/** @type {Situation} */
const USUAL = { shape: "mime", can: () => true };

const GRAVITY = { stop: 0, warn: 1, note: 2 };
const ASKS = ["choose", "acknowledge", "retype", "reason", "name", "confirm-key"];

/** "Whom is it for?", asked before anybody is shown who would read it. */
const INTENDED = "recipient.intended";

/** @param {Finding} finding */
const isReplaceable = ({ about, suggestion }) =>
  suggestion !== null && about !== null && ["to", "cc", "bcc"].includes(about.field);

/** Whether there is a way to put this question. @param {Finding} finding */
const canAsk = (finding) =>
  !finding.ask ||
  (ASKS.includes(finding.ask) &&
    (finding.ask !== "confirm-key" || positionsOf(finding).length > 0));

/** @param {Finding} finding */
const subject = ({ about }) => (about?.address ? visible(about.address) : null);

export class Pane {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Says} [says]
   */
  constructor(root, host, says = SENDS) {
    this.root = root;
    this.host = host;
    this.says = says;
    /** @type {Map<string, Answer>} */
    this.answers = new Map();
    /** @type {Set<string>} findings whose suggestion was taken */
    this.replaced = new Set();
  }

  /**
   * @param {Review} review
   * @param {Answer[]} tried answers that did not settle their finding
   * @param {Situation} [situation]
   * @param {string} [first] id of the finding to begin with, where it is asked about
   */
  show(review, tried, situation = USUAL, first = "") {
    this.review = review;
    this.situation = situation;
    this.tried = new Set(tried.map(({ finding }) => finding));
    this.answers.clear();
    this.replaced.clear();
    const graded = [...review.findings].sort((a, b) => GRAVITY[a.severity] - GRAVITY[b.severity]);
    // Where something may still be answered, a finding that asks nothing is settled already.
    const isQuiet = (/** @type {Finding} */ { ask, severity }) =>
      !ask && (severity !== "stop" || review.verdict === "confirm");
    this.asked = graded.filter((finding) => !isQuiet(finding));
    this.blocked = review.verdict !== "confirm" || !this.asked.every(canAsk);

    const { readers } = review.encryption;
    const blind = this.asked.some(({ code }) => code === INTENDED);
    // While it is asked whom it is for, nothing on the page may tell. Answered questions of sealing
    // are told by the list of readers.
    const isTold = (/** @type {Finding} */ { code }) =>
      blind || code === INTENDED || code.startsWith("key.");
    const notes = graded.filter((finding) => isQuiet(finding) && !isTold(finding));
    const untold = this.asked
      .filter(({ ask }) => ask === "retype")
      .map(({ about }) => about?.address.toLowerCase() ?? "");
    this.root.replaceChildren(
      element("header", {}, element("h1", { id: "title" }, this.#title()), this.#lead()),
      element(
        "main",
        {},
        readers && !blind ? readersList(readers, situation.shape, untold) : null,
        ...this.asked.map((finding) => this.#card(finding)),
        this.#notes(notes),
      ),
      this.#footer(review),
    );
    this.#update();
    this.#focusSafely(first);
  }

  /**
   * The draft has changed while this is open. What was typed and chosen stays where its question
   * stays; where nothing is asked anew, nothing moves.
   *
   * @param {Review} review
   * @returns {boolean} whether anything else is shown now
   */
  refresh(review) {
    if (isSameReview(review, this.review)) {
      this.review = review;
      const code = this.root.querySelector(".reference code");
      if (code) code.textContent = visible(review.reference);
      return false;
    }
    const kept = snapshot(this.root);
    const tried = [...(this.tried ?? [])].map((finding) => ({ finding, choice: "", value: null }));
    this.show(review, tried, this.situation);
    restore(this.root, kept);
    return true;
  }

  #title() {
    if (this.blocked) return text("reviewTitleBlocked");
    const [first] = this.asked ?? [];
    const one = this.asked?.length === 1;
    if (one && first.suggestion && subject(first)) return text("reviewTitleAddress");
    if (one && first.code === INTENDED) return text("reviewTitleSealed");
    if (first?.ask === "confirm-key") return counted("reviewTitleKeys", this.asked?.length ?? 0);
    const count = this.asked?.length ?? 0;
    return counted("reviewTitleQuestions", count, count);
  }

  #lead() {
    const { required, possible } = this.review?.encryption ?? {};
    const chosen = toldOf(this.situation?.shape ?? "mime");
    const words = this.blocked
      ? [text(required && !possible ? "reviewLeadCannotSeal" : "reviewLeadBlocked")]
      : [text("reviewNotSentYet"), required ? (chosen ?? text("reviewLeadSealed")) : ""];
    return element("p", { class: "quiet" }, words.filter(Boolean).join(" "));
  }

  /** @param {Finding} finding */
  #card(finding) {
    const { id, severity, message, advice, suggestion } = finding;
    const words = `words-${this.asked?.indexOf(finding)}`;
    const paired = suggestion && subject(finding);
    return element(
      "section",
      {
        class: `card ${severity}`,
        "data-finding": id,
        "data-ask": finding.ask ?? "",
        "aria-labelledby": words,
        tabindex: "-1",
      },
      element("h2", { id: words }, visible(message)),
      paired ? addressPair(finding) : null,
      advice ? element("p", { class: "advice" }, visible(advice)) : null,
      this.tried?.has(id) ? this.#again(finding) : null,
      this.#controls(finding, words),
      this.#ways(finding, words),
      element("p", { class: "settled", role: "status" }),
    );
  }

  /** @param {Finding} finding */
  #again({ ask, code }) {
    /** @type {Record<string, string>} */
    const texts = {
      retype: text("reviewAgainRetype"),
      name: text("reviewAgainName"),
      "confirm-key": text("reviewAgainKey"),
      reason: code === INTENDED ? text("reviewAgainIntended") : "",
    };
    const words = texts[ask ?? ""] || text("reviewAgainOther");
    return element("p", { class: "again", role: "alert" }, words);
  }

  /**
   * @param {Finding} finding
   * @param {string} words id of the sentence that the controls are about
   */
  #controls(finding, words) {
    const controls = element("div", { class: "controls" });
    if (isReplaceable(finding)) controls.append(this.#useButton(finding, words));
    if (this.blocked) return controls;
    const make = {
      choose: () => this.#toggle(finding, words, "keep", this.#keepLabel(finding)),
      acknowledge: () => this.#toggle(finding, words, "acknowledge", text("reviewAcknowledge")),
      retype: () => this.#typed(finding, words, text("reviewRetype")),
      reason: () => this.#typed(finding, words, this.#reasonLabel(finding)),
      name: () => this.#typed(finding, words, text("reviewName")),
      "confirm-key": () => this.#compared(finding, words),
    }[finding.ask ?? ""];
    if (make) controls.append(make());
    return controls;
  }

  /**
   * Another way is for the whole mail, so it is offered once; each person is asked by themselves.
   *
   * @param {Finding} finding
   * @param {string} words
   */
  #ways(finding, words) {
    const first = this.asked?.find((one) => waysOf(one).some((way) => way !== "ask"));
    const ways = waysOf(finding).filter((way) => way === "ask" || finding === first);
    const go = async (/** @type {import("./ways.js").Way} */ way) => {
      if (way !== "ask") this.wait();
      return this.host.take(way, finding);
    };
    const { can } = this.situation ?? USUAL;
    return waysSection(ways, words, { go, can, unable: this.says.unable });
  }

  /** @param {Finding} finding */
  #keepLabel(finding) {
    return subject(finding) ? text("reviewKeep", subject(finding) ?? "") : text("reviewLeave");
  }

  /** A reason instead of a key lets it go without one. @param {Finding} finding */
  #reasonLabel({ code }) {
    return text(code.startsWith("key.") ? "reviewReasonUnsealed" : "reviewReason");
  }

  /** @param {Finding} finding @param {string} words */
  #useButton(finding, words) {
    const label = text("reviewUse", visible(finding.suggestion?.address ?? ""));
    const attributes = { type: "button", class: "primary use", "aria-describedby": words };
    const { use } = this.says;
    const sends = use ? element("small", { class: "sends", hidden: "" }, use) : null;
    const button = element("button", attributes, label, sends);
    button.addEventListener("click", () => this.#use(finding));
    return button;
  }

  /** @param {Finding} finding @param {string} words @param {string} choice @param {string} label */
  #toggle(finding, words, choice, label) {
    const attributes = { type: "button", "aria-pressed": "false", "aria-describedby": words };
    const button = element("button", { ...attributes, class: choice }, label);
    button.addEventListener("click", () => {
      const on = !this.answers.has(finding.id);
      if (on) this.answers.set(finding.id, { finding: finding.id, choice, value: null });
      else this.answers.delete(finding.id);
      button.setAttribute("aria-pressed", String(on));
      this.#update();
    });
    return button;
  }

  /** @param {Finding} finding @param {string} words @param {string} label */
  #typed(finding, words, label) {
    const id = `typed-${words}`;
    const isAddress = finding.ask === "retype";
    const input = /** @type {HTMLInputElement} */ (
      element("input", {
        id,
        type: "text",
        class: isAddress ? "address" : (finding.ask ?? ""),
        autocomplete: "off",
        autocapitalize: "off",
        maxlength: "1000",
        spellcheck: isAddress ? "false" : "true",
        "aria-describedby": words,
      })
    );
    input.addEventListener("input", () => {
      const value = input.value.trim();
      const choice = finding.ask ?? "";
      if (value) this.answers.set(finding.id, { finding: finding.id, choice, value });
      else this.answers.delete(finding.id);
      this.#update();
    });
    return element("div", { class: "typed" }, element("label", { for: id }, label), input);
  }

  /** @param {Finding} finding @param {string} words */
  #compared(finding, words) {
    const change = (/** @type {string | null} */ value) => {
      const choice = "confirm-key";
      if (value) this.answers.set(finding.id, { finding: finding.id, choice, value });
      else this.answers.delete(finding.id);
      this.#update();
    };
    return keyForm(finding, words, change, this.situation?.shape);
  }

  /** @param {Finding[]} notes */
  #notes(notes) {
    if (notes.length === 0) return null;
    const lines = notes.map(({ message }) => element("li", {}, visible(message)));
    return element(
      "section",
      { class: "notes quiet" },
      element("h2", {}, text("reviewNoted")),
      element("ul", {}, ...lines),
    );
  }

  /** @param {Review["encryption"]} encryption */
  #sendLabel({ required }) {
    if (!required) return this.says.send;
    const asked = /** @type {Finding[]} */ (this.asked ?? []);
    if (asked.some(({ code, ask }) => ask === "reason" && code.startsWith("key."))) {
      return this.says.unsealed;
    }
    // The words of a ZIP are shown before it goes.
    const more = this.situation?.shape === "zip" || asked.some(({ ask }) => ask === "name");
    return more ? text("reviewContinue") : this.says.seal;
  }

  /** @param {Review} review */
  #footer({ reference, encryption }) {
    const send = element("button", { type: "button", class: "send" }, this.#sendLabel(encryption));
    send.addEventListener("click", () => this.#send());
    send.hidden = Boolean(this.blocked);
    const keys = element("button", { type: "button", class: "keys" }, text("reviewUseKeys"));
    keys.addEventListener("click", () => {
      this.wait();
      this.host.useKeys();
    });
    keys.hidden = this.situation?.shape === "mime";
    const attributes = { type: "button", class: "recheck", hidden: "" };
    const again = element("button", attributes, this.says.again);
    again.addEventListener("click", () => this.#send());
    const back = element("button", { type: "button", class: "back" }, this.says.back);
    back.addEventListener("click", () => this.host.leave());
    back.hidden = !this.says.back;
    return element(
      "footer",
      {},
      element("p", { class: "open quiet", role: "status" }),
      element("div", { class: "controls" }, send, again, keys, back),
      element(
        "p",
        { class: "reference quiet" },
        text("reviewReference"),
        " ",
        element("code", {}, visible(reference)),
      ),
    );
  }

  /** @param {Finding} finding */
  #isOpen({ id }) {
    return !this.answers.has(id) && !this.replaced.has(id);
  }

  #openFindings() {
    return (this.asked ?? []).filter((finding) => this.#isOpen(finding));
  }

  #update() {
    const open = this.#openFindings();
    for (const finding of this.asked ?? []) {
      const card = this.#cardOf(finding);
      const isReplaced = this.replaced.has(finding.id);
      card.classList.toggle("done", !this.#isOpen(finding));
      for (const control of card.querySelectorAll("button, input")) {
        /** @type {HTMLButtonElement} */ (control).disabled = isReplaced;
      }
      const others = open.some(({ id }) => id !== finding.id);
      card.querySelector(".sends")?.toggleAttribute("hidden", others);
      const settled = /** @type {HTMLElement} */ (card.querySelector(".settled"));
      const instead = visible(finding.suggestion?.address ?? "");
      settled.textContent = isReplaced ? text("reviewChanged", instead) : "";
    }
    const send = /** @type {HTMLButtonElement} */ (this.root.querySelector(".send"));
    send.disabled = open.length > 0;
    const recheck = /** @type {HTMLElement} */ (this.root.querySelector(".recheck"));
    recheck.hidden = !(this.blocked && this.replaced.size > 0);
    const line = /** @type {HTMLElement} */ (this.root.querySelector(".open"));
    line.textContent =
      this.blocked || open.length === 0 ? "" : counted("reviewOpen", open.length, open.length);
  }

  /** @param {Finding} finding @returns {HTMLElement} */
  #cardOf(finding) {
    const cards = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(".card")]);
    return /** @type {HTMLElement} */ (cards.find((card) => card.dataset.finding === finding.id));
  }

  /** @param {string} [wanted] id of a finding */
  #focusSafely(wanted = "") {
    const named = this.asked?.find(({ id }) => id === wanted);
    const first = named ?? this.asked?.[0];
    const safe = first && this.#cardOf(first).querySelector(".use, input");
    const card = first && this.#cardOf(first);
    // On the card, or the button that changes nothing, Enter does no harm.
    const target = safe ?? (named || !this.says.back ? card : this.root.querySelector(".back"));
    /** @type {HTMLElement | null | undefined} */ (target)?.focus();
  }

  /** @param {Finding} finding */
  async #use(finding) {
    this.answers.delete(finding.id);
    this.replaced.add(finding.id);
    const nothingElse = this.#openFindings().length === 0;
    this.#update();
    try {
      await this.host.replace(finding);
    } catch (problem) {
      // The draft is as it was, so the question is as well.
      if (this.review) this.show(this.review, [], this.situation, finding.id);
      this.#notDone(finding, /** @type {any} */ (problem)?.told?.message);
      return;
    }
    if (nothingElse) await this.#send();
    else this.#focusNext();
  }

  /** @param {Finding} finding @param {unknown} message why it could not be put in the draft */
  #notDone(finding, message) {
    if (typeof message !== "string") return;
    const told = element("p", { class: "again", role: "alert" }, message);
    this.#cardOf(finding).querySelector(".controls")?.before(told);
  }

  #focusNext() {
    const [next] = this.#openFindings();
    const card = next && this.#cardOf(next);
    // The card itself, not its button: a second Enter must not keep or acknowledge anything.
    const target = card?.querySelector(".use, input") ?? card ?? this.root.querySelector(".back");
    /** @type {HTMLElement} */ (target).focus();
  }

  async #send() {
    this.wait();
    await this.host.send([...this.answers.values()]);
  }

  /** While it is looked at again nothing can be pressed twice. Leaving stays possible. */
  wait() {
    for (const control of this.root.querySelectorAll("button:not(.back), input")) {
      /** @type {HTMLButtonElement} */ (control).disabled = true;
    }
    const line = /** @type {HTMLElement} */ (this.root.querySelector(".open"));
    line.textContent = text("reviewLooking");
  }
}
