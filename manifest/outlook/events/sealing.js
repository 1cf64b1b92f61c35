// @ts-check
// A cleared draft, read whole, and sealed by the service. Nothing in the draft is changed here.

/** @param {string} why in the sender's words */
function stays(why) {
  return silence("stays", { message: why, hint: "" });
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * UTF-8, in Base64: the bare engine has neither.
 *
 * @param {string} text
 */
function base64(text) {
  const bytes = encodeURIComponent(fitting(text, text.length)).replace(
    /%([0-9A-F]{2})/g,
    function (whole, hex) {
      return String.fromCharCode(parseInt(hex, 16));
    }
  );
  const found = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const three = bytes.slice(at, at + 3);
    let bits = 0;
    for (let place = 0; place < 3; place += 1) bits = bits * 256 + (three.charCodeAt(place) || 0);
    let four = "";
    for (let shift = 18; shift >= 0; shift -= 6) four += LETTERS.charAt((bits >> shift) & 63);
    found.push(`${four.slice(0, three.length + 1)}${"==".slice(three.length - 1)}`);
  }
  return found.join("");
}

/** @param {string} letters of Base64 @returns {number} bytes; -1 for what is not Base64 */
function bytesIn(letters) {
  if (letters.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(letters)) return -1;
  return (letters.length / 4) * 3 - (letters.length - letters.replace(/=+$/, "").length);
}

/** What each kind of content begins with, in Base64. */
const PICTURES = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
  ["Qk", "image/bmp"],
];

/** @param {string} letters */
function pictureType(letters) {
  const known = PICTURES.filter(function (kind) {
    return letters.indexOf(kind[0]) === 0;
  });
  if (known.length === 0) throw stays(SEALING.picture);
  return known[0][1];
}

/**
 * One attachment with its content. `type` and `backAs` (the name under which it can be put back)
 * differ for a mail or an appointment that is attached: it comes as text.
 *
 * @typedef {{id: string, name: string, inline: boolean, contentId: string, base64: string,
 *   bytes: number, type: string, backAs: string}} Whole
 * @param {any} one as Outlook lists it
 * @param {any} got its content
 * @returns {Whole}
 */
function wholeOf(one, got) {
  const name = String(one.name || "");
  const quoted = `“${shown(name).slice(0, 80)}”`;
  if (!isThing(got) || !isText(got.content)) throw stays(`${quoted} ${SEALING.empty}`);
  let letters = got.content;
  let type = "application/octet-stream";
  let backAs = name;
  if (got.format === "eml" || got.format === "iCalendar") {
    letters = base64(got.content);
    type = "message/rfc822";
    let ending = ".eml";
    if (got.format === "iCalendar") {
      type = "text/calendar";
      ending = ".ics";
    }
    if (name.slice(-4).toLowerCase() !== ending) backAs = name + ending;
  } else if (got.format !== "base64") {
    throw stays(`${quoted} ${SEALING.cloud}`);
  }
  letters = letters.replace(/\s+/g, "");
  const bytes = bytesIn(letters);
  if (bytes <= 0) throw stays(`${quoted} ${SEALING.empty}`);
  return {
    id: one.id,
    name: name,
    inline: !isBeside(one),
    contentId: String(one.contentId || "").replace(/^<|>$/g, ""),
    base64: letters,
    bytes: bytes,
    type: type,
    backAs: backAs,
  };
}

/** @param {any} one as Outlook lists it @returns {Promise<Whole>} */
function whole(one) {
  if (one.attachmentType === "cloud") {
    throw stays(`“${shown(one.name).slice(0, 80)}” ${SEALING.cloud}`);
  }
  const got = call(message(), "getAttachmentContentAsync", [one.id]);
  return within(CALL_MS, got).then(function (content) {
    return wholeOf(one, content);
  });
}

/** A picture in HTML that names an attachment. */
const CITED = /(<img\b[^<>]*?[\s"'/]src\s*=\s*)(["'])cid:([^"'<>]*)\2/gi;

/** What only Word reads; it names the pictures a second time. */
const FOR_WORD = /<!--\[if[^]*?<!\[endif\]-->/gi;

/** Pictures, and names of attachments, that nobody else could follow. */
const NOT_LOADED = /<img\b[^<>]*?[\s"'/]src\s*=\s*["']?(?:blob|file|cid):|<[^<>]*["'(=]cid:/i;

/** @param {Whole[]} files @param {string} cid */
function pictureOf(files, cid) {
  const inline = files.filter(function (file) {
    return file.inline;
  });
  const exact = inline.filter(function (file) {
    return file.contentId !== "" && file.contentId === cid;
  });
  if (exact.length === 1) return exact[0];
  const named = inline.filter(function (file) {
    return file.name === cid || file.name === cid.split("@")[0];
  });
  if (exact.length > 1 || named.length !== 1) throw stays(SEALING.picture);
  return named[0];
}

/**
 * The HTML with its pictures in it, so that the sealed message shows what this one shows.
 *
 * @param {string} html
 * @param {Whole[]} files
 */
function illustrated(html, files) {
  const plain = html.replace(FOR_WORD, "");
  if (NOT_LOADED.test(plain.replace(CITED, ""))) throw stays(SEALING.picture);
  /** @type {Whole[]} */
  const used = [];
  const filled = plain.replace(CITED, function (all, before, mark, cid) {
    const file = pictureOf(files, cid);
    used.push(file);
    return `${before}${mark}data:${pictureType(file.base64)};base64,${file.base64}${mark}`;
  });
  files.forEach(function (file) {
    if (file.inline && used.indexOf(file) < 0) throw stays(SEALING.picture);
  });
  return filled;
}

/** A message that is protected in another way cannot be sealed. Not every Outlook can tell. */
function notProtected() {
  return attempted(MEMORY_MS, function () {
    return call(message(), "getItemClassAsync");
  }).then(function (kind) {
    if (isText(kind) && /smime|rpmsg|secure/i.test(kind)) throw stays(SEALING.foreign);
  });
}

/** @param {Draft} draft what can be told before anything is read; throws */
function sealable(draft) {
  if (draft.bcc.length > 0) throw stays(SEALING.blind);
  if (draft.text.length >= LIMITS.text) throw stays(SEALING.tooLong);
  const bytes = draft.attachments.reduce(function (sum, one) {
    return sum + one.size;
  }, 0);
  if (bytes > MOST_BYTES) throw stays(SEALING.tooLarge);
}

/**
 * Everything that stands in the draft, to be sealed, and to be put back should that fail.
 *
 * @typedef {{draft: Draft, kind: string, body: string, subject: string, files: Whole[]}} Original
 * @param {Draft} draft
 * @returns {Promise<Original>}
 */
function readWhole(draft) {
  const item = message();
  const texts = within(
    CALL_MS,
    Promise.all([call(item.body, "getTypeAsync"), call(item.subject, "getAsync"), listed()])
  );
  return texts.then(function (found) {
    const kind = found[0];
    if (kind !== "html" && kind !== "text") throw new Error("outlook");
    const body = within(CALL_MS, call(item.body, "getAsync", [kind]));
    return Promise.all([body, inTurn(found[2], whole)]).then(function (read) {
      if (!isText(read[0])) throw new Error("outlook");
      if (read[0].length > LONGEST_BODY) throw stays(SEALING.tooLong);
      return {
        draft: draft,
        kind: kind,
        body: read[0],
        subject: String(found[1] || ""),
        files: read[1],
      };
    });
  });
}

/**
 * The draft with the sizes that its files really have: what is sealed must be what was checked.
 *
 * @param {Original} original
 * @returns {Draft}
 */
function weighed(original) {
  const beside = original.files.filter(function (file) {
    return !file.inline;
  });
  const sized = beside.map(function (file) {
    return { name: fitting(file.name, LIMITS.name), size: file.bytes, type: file.type };
  });
  return Object.assign({}, original.draft, { attachments: sized });
}

/**
 * @param {Original} original
 * @param {any} answer of the check that cleared it
 * @param {string} carry
 * @param {number} until
 * @returns {Promise<{draft: Draft, answer: any}>} what is sealed, and what cleared exactly that
 */
function cleared(original, answer, carry, until) {
  const draft = weighed(original);
  if (JSON.stringify(draft) === JSON.stringify(original.draft)) {
    return Promise.resolve({ draft: draft, answer: answer });
  }
  const question = { purpose: "send", draft: draft, review: answer.review, carry: carry };
  return ask(question, until).then(function (second) {
    if (second.verdict !== "allow") throw silence("doubts", second);
    return { draft: draft, answer: second };
  });
}

/** "-----BEGIN PGP MESSAGE-----" in Base64: nothing else is put in the place of a message. */
const ARMOUR = "LS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0t";

/**
 * What takes the draft's place, or nonsense.
 *
 * @typedef {{subject: string, notice: string, name: string, base64: string}} Sealed
 * @param {any} body the answer of `/v1/seal`
 * @returns {Sealed}
 */
function readSealed(body) {
  const one = isThing(body) && Array.isArray(body.attachments) && body.attachments[0];
  const sound =
    isThing(one) &&
    body.attachments.length === 1 &&
    isThing(body.outer) &&
    isText(body.outer.subject) &&
    body.outer.subject.length <= LONGEST_SUBJECT &&
    isText(body.text) &&
    /^[\n -~]{1,5000}$/.test(body.text) &&
    isText(one.name) &&
    /^[a-z][a-z.-]{0,50}\.asc$/.test(one.name) &&
    isText(one.base64) &&
    one.base64.indexOf(ARMOUR) === 0 &&
    bytesIn(one.base64) > 0;
  if (!sound) throw silence("nonsense");
  if (one.base64.length > LARGEST_FILE) throw stays(SEALING.tooLarge);
  return { subject: body.outer.subject, notice: body.text, name: one.name, base64: one.base64 };
}

/**
 * @param {Original} original
 * @param {{draft: Draft, answer: any}} clear
 * @returns {Promise<Sealed>}
 */
function sealedBy(original, clear) {
  const draft = Object.assign({}, clear.draft);
  if (original.kind === "html") {
    Object.assign(draft, { html: illustrated(original.body, original.files) });
  }
  const beside = original.files.filter(function (file) {
    return !file.inline;
  });
  const question = {
    draft: draft,
    review: clear.answer.review,
    shape: "notice",
    for: "visible",
    attachments: beside.map(function (file) {
      return { name: fitting(file.name, LIMITS.name), type: file.type, base64: file.base64 };
    }),
  };
  const until = Date.now() + SEAL_MS;
  return bearerBy(until)
    .then(function (bearer) {
      return persist("/v1/seal", question, bearer, until, TRIES);
    })
    .then(function (heard) {
      const sealed = understood(heard, readSealed);
      original.files.forEach(function (file) {
        if (file.name === sealed.name) throw stays(SEALING.sameName);
      });
      return sealed;
    });
}
