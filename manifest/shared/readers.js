// @ts-check
/** The people who could open a sealed mail, and the comparing of a key with its owner. */

import { text } from "./texts.js";
import { element, visible } from "./words.js";

/** @typedef {import("./client.js").Finding} Finding */
/** @typedef {import("./client.js").Reader} Reader */

const GROUP = 4;
/** Of a whole fingerprint: an OpenPGP key's, and a certificate's. */
const ALL_DIGITS = [40, 64];

/** @type {Record<string, string>} */
const STATES = {
  verified: text("readersStateVerified"),
  tofu: text("readersStateTofu"),
  stale: text("readersStateStale"),
  updated: text("readersStateUpdated"),
  passphrase: text("readersStatePassphrase"),
  none: text("readersStateNone"),
  unverified: text("readersStateUnverified"),
  changed: text("readersStateChanged"),
  conflict: text("readersStateConflict"),
  expired: text("readersStateExpired"),
  revoked: text("readersStateRevoked"),
  rejected: text("readersStateRejected"),
};
const UNUSABLE = text("readersStateUnusable");
const ARCHIVE = text("readersArchiveKey");

/** States of one's own key with which one can read what one sent. */
const READABLE = ["verified", "tofu", "stale", "updated"];

/** What is said where the sender has no key. @type {Record<string, string>} */
const OWN_COPY = {
  mime: text("readersNoOwnKey"),
  smime: text("readersNoOwnCertificate"),
  zip: text("readersOwnZip"),
};

/** How a sender may have compared a key; the words are the answer's. */
const METHODS = [
  ["phone", text("compareByPhone")],
  ["in-person", text("compareInPerson")],
  ["signed-mail", text("compareBySignedMail")],
];

/** Where its owner finds the fingerprint. @type {Record<string, string>} */
const WHERE = {
  mime: text("compareWhereKey"),
  smime: text("compareWhereCertificate"),
};

/** @param {Reader} reader @param {boolean} told whether the address may stand there */
function person({ name, address, organisation, outside, state, archive }, told) {
  const called = name || (archive ? text("readersArchive") : "");
  const key = archive && READABLE.includes(state) ? ARCHIVE : (STATES[state] ?? UNUSABLE);
  const belongs = [organisation, outside ? text("readersOutside") : ""].filter(Boolean);
  return element(
    "li",
    {
      class: `reader${outside ? " outside" : ""}${archive ? " archive" : ""}`,
      "data-state": state,
    },
    element("strong", {}, element("bdi", {}, visible(called || address))),
    belongs.length ? element("span", { class: "belongs" }, visible(belongs.join(", "))) : null,
    called && told ? element("span", { class: "reader-address" }, visible(address)) : null,
    element("span", { class: "state" }, key),
  );
}

/**
 * Everybody who could read it, as people. One's own key is not of interest, only its absence.
 *
 * @param {Reader[]} readers
 * @param {import("./client.js").Chosen} [shape]
 * @param {string[]} untold addresses that are to be typed from elsewhere
 * @param {string} heading
 */
export function readersList(
  readers,
  shape = "mime",
  untold = [],
  heading = text("readersTitle"),
) {
  const others = readers.filter(({ sender }) => !sender);
  if (others.length === 0) return null;
  const people = others.map((one) => person(one, !untold.includes(one.address.toLowerCase())));
  const readable = readers.some(({ sender, state }) => sender && READABLE.includes(state));
  return element(
    "section",
    { class: "readers", "aria-labelledby": "readers" },
    element("h2", { id: "readers" }, heading),
    element("ul", {}, ...people),
    readable ? null : element("p", { class: "quiet own-copy" }, OWN_COPY[shape]),
  );
}

/**
 * @param {Finding} finding
 * @returns {number[]} which groups of the fingerprint are asked for; none where that is not clear
 */
export function positionsOf({ facts }) {
  const { positions } = facts;
  const sound = (/** @type {unknown} */ n) => Number.isInteger(n) && Number(n) >= 1;
  return Array.isArray(positions) && positions.every(sound) ? positions : [];
}

/**
 * The ways of comparing that count for this message, as the service says.
 *
 * @param {Finding} finding
 */
function methodsFor({ facts: { methods } }) {
  return METHODS.filter(([value]) => !Array.isArray(methods) || methods.includes(value));
}

/**
 * What was pasted, as groups: five of them, or a whole fingerprint, from which those are taken that
 * are asked for.
 *
 * @param {string} pasted
 * @param {number[]} positions
 */
function groupsIn(pasted, positions) {
  const digits = pasted.replace(/[\s\-:.,]/g, "").toUpperCase();
  if (!/^[0-9A-F]+$/.test(digits)) return [];
  const groups = digits.match(/.{1,4}/g) ?? [];
  return ALL_DIGITS.includes(digits.length) ? positions.map((n) => groups[n - 1] ?? "") : groups;
}

/**
 * How it was compared, and the five groups that the owner read aloud.
 *
 * @param {Finding} finding
 * @param {string} words id of the sentence that this is about
 * @param {(value: string | null) => void} change told the answer, or null while it is not complete
 * @param {import("./client.js").Chosen} [shape]
 */
export function keyForm(finding, words, change, shape = "mime") {
  const positions = positionsOf(finding);
  /** @type {HTMLInputElement[]} */
  const methods = [];
  const tell = () => {
    const method = methods.find(({ checked }) => checked)?.value;
    const typed = groups.map(({ value }) => value.trim().toUpperCase());
    const whole = typed.length > 0 && typed.every((group) => /^[0-9A-F]{4}$/.test(group));
    change(method && whole ? `${method} ${typed.join(" ")}` : null);
  };
  const choices = methodsFor(finding).map(([value, label]) => {
    const attributes = { type: "radio", name: `method-${words}`, value, id: `${value}-${words}` };
    const radio = /** @type {HTMLInputElement} */ (element("input", attributes));
    radio.addEventListener("change", tell);
    methods.push(radio);
    return element("label", { class: "choice", for: attributes.id }, radio, label);
  });
  const groups = positions.map((position, place) => groupField(position, `${words}-${place}`));
  groups.forEach((field, place) => {
    field.addEventListener("input", () => {
      const full = field.value.trim().length === GROUP && field.selectionEnd === field.value.length;
      if (full) groups[place + 1]?.focus();
      tell();
    });
    field.addEventListener("paste", (event) => {
      const pasted = groupsIn(event.clipboardData?.getData("text") ?? "", positions);
      if (pasted.length < 2) return;
      event.preventDefault();
      const first = pasted.length === positions.length ? 0 : place;
      pasted.forEach((group, n) => {
        if (groups[first + n]) groups[first + n].value = group;
      });
      groups[Math.min(first + pasted.length, groups.length) - 1].focus();
      tell();
    });
  });
  return element(
    "div",
    { class: "compare" },
    element("fieldset", {}, element("legend", {}, text("compareHow")), ...choices),
    element(
      "fieldset",
      { class: "groups" },
      element("legend", {}, text(shape === "smime" ? "compareReadCertificate" : "compareReadKey")),
      ...groups.map((field, place) =>
        element(
          "label",
          { class: "group", for: field.id },
          element("span", {}, text("compareGroup", positions[place])),
          field,
        ),
      ),
    ),
    element(
      "p",
      { class: "advice" },
      `${WHERE[shape] ?? WHERE.mime} ${text("compareNotByMail")}`,
    ),
  );
}

/** @param {number} position @param {string} id */
function groupField(position, id) {
  return /** @type {HTMLInputElement} */ (
    element("input", {
      id: `group-${id}`,
      type: "text",
      class: "address",
      maxlength: String(GROUP),
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      "aria-label": text("compareGroupLabel", position),
    })
  );
}
