// @ts-check
/**
 * The review: all findings of one draft on one page, gravest first. It shows and it gathers; what
 * an answer is worth is decided by the service when the draft is looked at again.
 *
 * One question is open at a time, the others stand below it as one sentence each. Enter acts on the
 * focused control and nothing else; the control focused at first is always the safe one. Nothing
 * answers more than one finding.
 */

import { allowSection } from "./allow.js";
import { cardFor, open } from "./card.js";
import { controlsFor } from "./controls.js";
import { footerFor, sendLabel } from "./footer.js";
import { isSameReview, restore, snapshot } from "./kept.js";
import { canBeAllowed, inLines, INTENDED, isOfSealing, mayChooseSealing, same, sortedOut, subject } from "./order.js";
import { readersList } from "./readers.js";
import { sealSwitch } from "./switch.js";
import { counted, text } from "./texts.js";
import { toldOf, waysOf, waysSection } from "./ways.js";
import { element, visible } from "./words.js";

/** @typedef {import("./client.js").Finding} Finding */
/** @typedef {import("./client.js").Review} Review */
/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {import("./controls.js").Edit} Edit */

/**
 * @typedef {object} Host what the mail program does for the pane
 * @property {(finding: Finding) => Promise<unknown>} replace put the suggestion in the draft
 * @property {(finding: Finding) => Promise<boolean>} [remove] take the recipient out of the draft;
 *   false where nobody is left
 * @property {(finding: Finding) => Promise<unknown>} [toBcc] move those who are exposed
 * @property {(finding: Finding, reason: string) => Promise<void>} [allow] ask the helpdesk
 * @property {(on: boolean) => Promise<void>} [seal] whether it is sealed, where that may be chosen
 * @property {(answers: Answer[]) => Promise<void>} send have it looked at again, and sent
 * @property {() => Promise<void>} [look] have it looked at again, and nothing else
 * @property {() => void} leave back to the draft
 * @property {(way: import("./ways.js").Way, finding: Finding) => Promise<Node | void>} take a way
 *   out that was offered: rejects where it came to nothing
 * @property {() => Promise<void>} useKeys have it looked at again, to be sealed with keys
 *
 * @typedef {object} Situation what the review was about
 * @property {import("./client.js").Chosen} shape how it would be sealed
 * @property {(way: import("./ways.js").Way) => boolean} can whether the mail program is able to
 *   send it in this way
 * @property {boolean} [look] nothing is to be sent: it may be corrected, and is answered at Send
 * @property {boolean} [seal] what the sender chose, where the policy leaves it to them
 * @property {boolean} [draftsOnServer] drafts are saved in clear where others could read them
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

/** Where Enter does no harm: a correction, or a field. */
const SAFE = ".primary, .typed input, .compare input";

/** More people than these are counted. */
const NAMED = 3;

/** @param {string[]} addresses */
function peopleLine(addresses) {
  const more = addresses.length - NAMED;
  const named = addresses.slice(0, NAMED).join(", ");
  return element("p", {}, more > 0 ? `${named}, ${counted("undoMore", more, more)}` : named);
}

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
    this.situation = USUAL;
    /** @type {Finding[]} */
    this.asked = [];
    /** @type {Map<string, Answer>} */
    this.answers = new Map();
    /** @type {Map<string, string>} findings that a change of the draft settled, and how that reads */
    this.corrected = new Map();
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
    this.waiting = false;
    this.tried = new Set(tried.map(({ finding }) => finding));
    this.answers.clear();
    this.corrected.clear();
    const { asked, notes, blocked, blind } = sortedOut(review, Boolean(situation.look));
    this.asked = asked;
    this.blocked = blocked;
    const { readers } = review.encryption;
    const untold = asked
      .filter(({ ask }) => ask === "retype")
      .map(({ about }) => about?.address.toLowerCase() ?? "");
    this.root.replaceChildren(
      element("header", {}, element("h1", { id: "title" }, this.#title()), this.#lead()),
      element(
        "main",
        {},
        ...asked.map((finding) => this.#card(finding)),
        readers && !blind ? readersList(readers, situation.shape, untold) : null,
        this.#notes(notes),
        this.#sealing(),
      ),
      footerFor({
        reference: review.reference,
        says: this.says,
        sends: !blocked && !situation.look,
        keys: situation.shape !== "mime" && !situation.look,
        send: () => this.#send(),
        useKeys: () => {
          this.wait();
          this.host.useKeys();
        },
        leave: () => this.host.leave(),
      }),
    );
    for (const finding of asked) open(this.#cardOf(finding), finding.id === first);
    this.#update();
    this.#focusSafely(first);
  }

  /**
   * The draft has changed while this is open. What was typed and chosen stays where its question
   * stays; where nothing is asked anew, nothing moves.
   *
   * @param {Review} review
   * @param {Situation} [situation]
   * @returns {boolean} whether anything else is shown now
   */
  refresh(review, situation = this.situation) {
    const code = this.root.querySelector(".reference code");
    if (code && !this.waiting && isSameReview(review, this.review)) {
      this.review = review;
      code.textContent = visible(review.reference);
      return false;
    }
    const kept = snapshot(this.root);
    const tried = [...(this.tried ?? [])].map((finding) => ({ finding, choice: "", value: null }));
    this.show(review, tried, situation);
    restore(this.root, kept);
    return true;
  }

  #title() {
    if (this.blocked) return text("reviewTitleBlocked");
    const [first] = this.asked;
    const count = this.asked.length;
    if (count === 0) return text("reviewLookNothing");
    if (count === 1 && first.suggestion && subject(first)) return text("reviewTitleAddress");
    if (count === 1 && first.code === INTENDED) return text("reviewTitleSealed");
    if (first.ask === "confirm-key") return counted("reviewTitleKeys", count);
    const { look } = this.situation;
    return counted(look ? "reviewLookTitle" : "reviewTitleQuestions", count, count);
  }

  #lead() {
    const { required, possible } = this.review?.encryption ?? {};
    const { look, shape, draftsOnServer } = this.situation;
    const chosen = toldOf(shape) ?? text("reviewLeadSealed");
    const looked = [
      text("reviewLookLead"),
      this.asked.length ? text("reviewLookAnswers") : "",
      required ? text("reviewLookSealed") : "",
      required && draftsOnServer ? text("reviewDraftsOnServer") : "",
    ];
    const words = this.blocked
      ? [text(required && !possible ? "reviewLeadCannotSeal" : "reviewLeadBlocked")]
      : look
        ? looked
        : [text("reviewNotSentYet"), required ? chosen : ""];
    return element("p", { class: "quiet lead" }, words.filter(Boolean).join(" "));
  }

  /** @param {Finding} finding */
  #card(finding) {
    const words = `words-${this.asked.indexOf(finding)}`;
    const { look, shape } = this.situation;
    const { remove, toBcc, allow } = this.host;
    /** @type {Edit[]} */
    const able = ["use"];
    if (toBcc) able.push("bcc");
    if (remove) able.push("remove");
    const answerable = !this.blocked && !look;
    const controls = controlsFor({
      finding, words, able, shape, answerable,
      sends: look ? "" : this.says.use,
      edit: (edit) => this.#edit(finding, edit),
      answer: (value) => this.#answer(finding, value),
    });
    const ask = async (/** @type {string} */ reason) => allow?.(finding, reason);
    return cardFor(finding, {
      words,
      folds: this.asked.length > 1,
      again: Boolean(this.tried?.has(finding.id)),
      parts: [
        controls,
        this.#ways(finding, words),
        allow && canBeAllowed(finding) ? allowSection(words, ask) : null,
      ],
    });
  }

  /** Whether it would leave sealed, as far as is known. */
  #seals() {
    const { encryption } = /** @type {Review} */ (this.review);
    const { seal = encryption.required } = this.situation;
    return this.#mayChoose() ? seal : encryption.required;
  }

  #mayChoose() {
    const { encryption } = /** @type {Review} */ (this.review);
    return Boolean(this.host.seal) && this.situation.shape === "mime" && mayChooseSealing(encryption);
  }

  /**
   * Another way is for the whole mail, so it is offered once; each person is asked by themselves.
   *
   * @param {Finding} finding
   * @param {string} words
   */
  #ways(finding, words) {
    if (this.situation.look) return null;
    const first = this.asked.find((one) => waysOf(one).some((way) => way !== "ask"));
    const ways = waysOf(finding).filter((way) => way === "ask" || finding === first);
    const go = async (/** @type {import("./ways.js").Way} */ way) => {
      if (way !== "ask") this.wait();
      return this.host.take(way, finding);
    };
    return waysSection(ways, words, { go, can: this.situation.can, unable: this.says.unable });
  }

  /** @param {Finding[]} notes */
  #notes(notes) {
    if (notes.length === 0) return null;
    const lines = inLines(notes).map(({ message, about }) =>
      element("li", {}, visible(message), about.length ? peopleLine(about) : null),
    );
    return element(
      "section",
      { class: "notes quiet" },
      element("h2", {}, text("reviewNoted")),
      element("ul", {}, ...lines),
    );
  }

  #sealing() {
    // Where it cannot go for another reason, there is nothing to choose yet.
    if (!this.#mayChoose() || (this.blocked && !this.#seals())) return null;
    return sealSwitch(this.#seals(), async (on) => {
      this.situation = { ...this.situation, seal: on };
      this.#update();
      await this.host.seal?.(on);
      if (this.situation.look) await this.#lookAgain();
    });
  }

  /** @param {Finding} finding @param {string | null | undefined} value undefined: not any more */
  #answer({ id, ask }, value) {
    const choice = ask === "choose" ? "keep" : (ask ?? "");
    if (value === undefined) this.answers.delete(id);
    else this.answers.set(id, { finding: id, choice, value });
    this.#update();
  }

  /** @param {Finding} finding */
  #isOpen({ id, code }) {
    // What was asked for the sake of sealing is not asked where it is not sealed.
    const moot = this.#isSwitched() && !this.#seals() && isOfSealing(code);
    return !this.answers.has(id) && !this.corrected.has(id) && !moot;
  }

  /** Whether the sender chose otherwise than it was looked at. */
  #isSwitched() {
    return this.#seals() !== this.review?.encryption.required;
  }

  #openFindings() {
    return this.asked.filter((finding) => this.#isOpen(finding));
  }

  #update() {
    const left = this.#openFindings();
    for (const finding of this.asked) {
      const card = this.#cardOf(finding);
      const told = this.corrected.get(finding.id);
      card.classList.toggle("done", !this.#isOpen(finding));
      for (const control of card.querySelectorAll(".body button, .body input")) {
        /** @type {HTMLButtonElement} */ (control).disabled = told !== undefined;
      }
      const others = left.some(({ id }) => id !== finding.id);
      for (const note of card.querySelectorAll(".sends")) note.toggleAttribute("hidden", others);
      for (const bcc of card.querySelectorAll(".bcc")) bcc.toggleAttribute("hidden", this.#seals());
      const settled = /** @type {HTMLElement} */ (card.querySelector(".settled"));
      settled.textContent = told ?? "";
    }
    // Nothing is folded away by itself: what was answered stays where the hand is.
    if (left.length) open(this.#cardOf(left[0]), true);
    const send = /** @type {HTMLButtonElement} */ (this.root.querySelector(".send"));
    send.disabled = left.length > 0;
    send.textContent = this.#isSwitched()
      ? this.says[this.#seals() ? "seal" : "send"]
      : sendLabel(this.#seals(), this.asked, this.says, this.situation);
    const recheck = /** @type {HTMLElement} */ (this.root.querySelector(".recheck"));
    recheck.hidden = !(this.blocked && (this.corrected.size > 0 || this.#isSwitched()));
    const line = /** @type {HTMLElement} */ (this.root.querySelector(".open"));
    // Of one question, the title says so.
    const quiet = this.blocked || this.situation.look || left.length === 0 || this.asked.length === 1;
    line.textContent = quiet ? "" : counted("reviewOpen", left.length, left.length);
  }

  /** @param {Finding} finding @returns {HTMLElement} */
  #cardOf(finding) {
    const cards = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(".card")]);
    return /** @type {HTMLElement} */ (cards.find((card) => card.dataset.finding === finding.id));
  }

  /** @param {string} [wanted] id of a finding */
  #focusSafely(wanted = "") {
    const named = this.asked.find(({ id }) => id === wanted);
    const first = named ?? this.asked[0];
    const card = first && this.#cardOf(first);
    const safe = card?.querySelector(SAFE);
    // On the card, or the button that changes nothing, Enter does no harm.
    const target = safe ?? (named || !this.says.back ? card : this.root.querySelector(".back"));
    /** @type {HTMLElement | null | undefined} */ (target)?.focus();
  }

  /** @param {Finding} finding @param {Edit} edit */
  async #edit(finding, edit) {
    for (const [id, told] of this.#settledBy(finding, edit)) {
      this.answers.delete(id);
      this.corrected.set(id, told);
    }
    const nothingElse = this.#openFindings().length === 0;
    this.#update();
    let somebody;
    try {
      const { replace, remove, toBcc } = this.host;
      somebody = await { use: replace, remove, bcc: toBcc }[edit]?.(finding);
    } catch (problem) {
      // The draft is as it was, so the question is as well.
      if (this.review) this.show(this.review, [], this.situation, finding.id);
      this.#notDone(finding, /** @type {any} */ (problem)?.told?.message);
      return;
    }
    if (edit === "remove" && somebody === false) this.host.leave();
    else if (this.situation.look) await this.#lookAgain();
    else if (nothingElse) await this.#send();
    else this.#focusNext();
  }

  /**
   * What is about the same person is settled with it: they are not there any more.
   *
   * @param {Finding} finding
   * @param {Edit} edit
   * @returns {[string, string][]} ids, and what is said of them
   */
  #settledBy(finding, edit) {
    const { about, suggestion } = finding;
    const told = {
      use: () => text("reviewChanged", visible(suggestion?.address ?? "")),
      remove: () => text("reviewRemoved"),
      bcc: () => text("reviewMoved"),
    }[edit]();
    if (edit === "bcc" || !about) return [[finding.id, told]];
    const gone = this.asked.filter(
      (one) =>
        one === finding ||
        (one.about !== null &&
          same(one.about.address, about.address) &&
          (edit === "remove" || one.about.field === about.field)),
    );
    return gone.map(({ id }) => [id, id === finding.id ? told : text("reviewCorrected")]);
  }

  /** @param {Finding} finding @param {unknown} message why it could not be put in the draft */
  #notDone(finding, message) {
    const words = typeof message === "string" ? message : text("waysFailed");
    const told = element("p", { class: "again", role: "alert" }, words);
    this.#cardOf(finding).querySelector(".controls")?.before(told);
  }

  #focusNext() {
    const [next] = this.#openFindings();
    const card = next && this.#cardOf(next);
    // The card itself, not its button: a second Enter must not keep or acknowledge anything.
    const target = card?.querySelector(SAFE) ?? card ?? this.root.querySelector(".back");
    /** @type {HTMLElement} */ (target).focus();
  }

  async #send() {
    this.wait();
    await this.host.send([...this.answers.values()]);
  }

  async #lookAgain() {
    this.wait(text("reviewLookAgain"));
    await this.host.look?.();
  }

  /**
   * While it is looked at again nothing can be pressed twice. Leaving stays possible.
   *
   * @param {string} [words]
   */
  wait(words = text("reviewLooking")) {
    this.waiting = true;
    for (const control of this.root.querySelectorAll("button:not(.back), input")) {
      /** @type {HTMLButtonElement} */ (control).disabled = true;
    }
    const line = /** @type {HTMLElement} */ (this.root.querySelector(".open"));
    line.textContent = words;
  }
}
