// @ts-check
// What stands in the compose window, as a Draft. All of it or nothing.

/** Outlook shows so many recipients of a field: where there are as many, some may be hidden. */
function mostRecipients() {
  if (supports("1.16")) return 1000;
  return 500;
}

/**
 * As much as the service takes, and without halves of characters, which are not UTF-8.
 *
 * @param {any} text
 * @param {number} limit
 */
function fitting(text, limit) {
  const whole = /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g;
  return String(text || "").slice(0, limit).replace(whole, function (found) {
    if (found.length === 2) return found;
    return "\uFFFD";
  });
}

/** @param {any} person */
function mailbox(person) {
  const address = fitting(person.emailAddress, LIMITS.name).trim();
  return { address: address, name: fitting(person.displayName, LIMITS.name) };
}

/** @param {"to" | "cc" | "bcc"} field */
function recipients(field) {
  return call(message()[field], "getAsync").then(function (people) {
    return people.map(mailbox);
  });
}

/** @returns {Promise<any[]>} everything that is attached, pictures in the text as well */
function listed() {
  return call(message(), "getAttachmentsAsync").then(function (list) {
    if (!Array.isArray(list)) throw new Error("outlook");
    return list;
  });
}

/** @param {any} one */
function isBeside(one) {
  return one.isInline !== true;
}

/** @param {any} one an attachment, as the service knows it */
function described(one) {
  return {
    name: fitting(one.name, LIMITS.name),
    size: Math.max(0, Math.round(one.size) || 0),
    type: "application/octet-stream",
  };
}

/**
 * A field that could not be read is not an empty one. Pictures in the text are part of the text.
 *
 * @typedef {{address: string, name: string}} Mailbox
 * @typedef {{name: string, size: number, type: string}} Described
 * @typedef {{from: Mailbox, to: Mailbox[], cc: Mailbox[], bcc: Mailbox[], subject: string,
 *   text: string, attachments: Described[]}} Draft
 * @param {boolean} withText
 * @returns {Promise<Draft>}
 */
function collect(withText) {
  const item = message();
  let text = Promise.resolve("");
  if (withText) text = call(item.body, "getAsync", ["text"]);
  const asked = [call(item.from, "getAsync"), call(item.subject, "getAsync"), listed(), text];
  FIELDS.forEach(function (field) {
    asked.push(recipients(field));
  });
  return Promise.all(asked).then(function (found) {
    if (!isText(found[3])) throw new Error("outlook");
    return {
      from: mailbox(found[0]),
      subject: fitting(found[1], LIMITS.subject),
      attachments: found[2].filter(isBeside).map(described),
      text: fitting(found[3], LIMITS.text),
      to: found[4],
      cc: found[5],
      bcc: found[6],
    };
  });
}

/** @param {Draft} draft */
function readers(draft) {
  return draft.to.concat(draft.cc, draft.bcc);
}

/**
 * What keeps us from seeing everybody who would read this; "" for nothing.
 *
 * @param {Draft} draft
 */
function obstacle(draft) {
  const all = readers(draft);
  if (draft.from.address === "") return WORDS.noSender;
  if (all.length === 0) return WORDS.noRecipients;
  const hidden = all.filter(function (reader) {
    return reader.address === "";
  });
  if (hidden.length > 0) {
    const name = shown(hidden[0].name).slice(0, 80);
    return `The address behind “${name}” cannot be seen. ${WORDS.openTheList}`;
  }
  const full = FIELDS.filter(function (field) {
    return draft[field].length >= mostRecipients();
  });
  if (full.length > 0) return WORDS.tooMany;
  return "";
}

/** @param {Draft} draft */
function addressed(draft) {
  return JSON.stringify([draft.to, draft.cc, draft.bcc]);
}

/**
 * The last thing before a message goes: it still goes to the people who were looked at.
 *
 * @param {Draft} draft
 * @returns {Promise<void>}
 */
function sameReaders(draft) {
  return Promise.all(FIELDS.map(recipients)).then(function (found) {
    const now = { to: found[0], cc: found[1], bcc: found[2] };
    if (addressed(/** @type {any} */ (now)) !== addressed(draft)) throw silence("changed");
  });
}

/** @param {Draft} draft @returns {Promise<void>} */
function sameDraft(draft) {
  return collect(true).then(function (now) {
    if (JSON.stringify(now) !== JSON.stringify(draft)) throw silence("changed");
  });
}

/**
 * Words without their line ends and spaces, which every Outlook sets in its own way.
 *
 * @param {string} text
 */
function squashed(text) {
  return text.replace(/[\s\u00A0\u200B\uFEFF]+/g, " ").trim();
}

/**
 * A fingerprint of 52 bits: against accidents, not against anybody who means to forge it.
 *
 * @param {string} text
 */
function fingerprint(text) {
  let one = 17;
  let other = 71;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at) + 1;
    one = (one * 65599 + code) % 67108859;
    other = (other * 31337 + code) % 67108837;
  }
  return `${`0000000${one.toString(16)}`.slice(-7)}${`0000000${other.toString(16)}`.slice(-7)}`;
}

/**
 * What a sealed message consists of, in one short word: readers, subject, text and files.
 *
 * @param {Draft} draft
 */
function stampOf(draft) {
  const files = draft.attachments.map(function (one) {
    return [one.name, one.size];
  });
  const whole = [addressed(draft), draft.subject, squashed(draft.text), files];
  return fingerprint(JSON.stringify(whole));
}
