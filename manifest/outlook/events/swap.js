// @ts-check
// The sealed file takes the draft's place, or everything goes back to where it was.
//
// The order is the point. The sealed file comes first: from then on nothing can be lost. The body
// goes last. A mark in the message's header says from before the first loss that the draft is not
// whole: whatever is interrupted, by whatever, is not sent later as it stands.

/**
 * How far it went. `begun`: what may have been lost. `doubt`: a change that Outlook did not answer
 * may still come to pass. `turned`: nothing goes forward any more. `abandoned`: nor back.
 *
 * @typedef {"files" | "subject" | "body"} Part
 * @typedef {{original: Original, sealed: Sealed, isOpen: () => boolean, begun: Part[],
 *   marked: boolean, doubt: boolean, extra: boolean, turned: boolean, abandoned: boolean}} Work
 */

/** @param {string} text */
function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** @param {Work} work */
function noticeOf(work) {
  const lines = work.sealed.notice.trim();
  if (work.original.kind === "text") return lines;
  return `<p>${escaped(lines).replace(/\n/g, "<br>")}</p>`;
}

/** @param {string} kind @param {string} body */
function setBody(kind, body) {
  return call(message().body, "setAsync", [body, { coercionType: kind }]);
}

/**
 * A change whose outcome counts: one that Outlook does not answer leaves a doubt.
 *
 * @param {Work} work
 * @param {() => Promise<any>} change
 */
function doubting(work, change) {
  return within(CALL_MS, Promise.resolve().then(change)).catch(function (problem) {
    if (problem.message === "slow") work.doubt = true;
    throw problem;
  });
}

/**
 * A change that loses a part of the draft. Never begun once Outlook has been answered.
 *
 * @param {Work} work
 * @param {Part} part
 * @param {() => Promise<any>} change
 */
function losing(work, part, change) {
  if (work.turned || !work.isOpen()) return Promise.reject(silence("slow"));
  work.begun.push(part);
  return doubting(work, change);
}

/**
 * A change that brings it back.
 *
 * @param {Work} work
 * @param {() => Promise<any>} change
 */
function undoing(work, change) {
  if (work.abandoned) return Promise.reject(silence("slow"));
  return doubting(work, change);
}

/** @param {Work} work @param {any} one as Outlook lists it */
function isSealed(work, one) {
  return one.name === work.sealed.name && isBeside(one);
}

/** @param {Work} work */
function addSealed(work) {
  const given = [work.sealed.base64, work.sealed.name];
  // Whatever Outlook says, or does not say: it may be there, or come.
  work.extra = true;
  return within(CALL_MS * 2, call(message(), "addFileAttachmentFromBase64Async", given))
    .then(function () {
      work.extra = false;
      return within(CALL_MS, listed());
    })
    .then(function (list) {
      const there = list.filter(function (one) {
        return isSealed(work, one) && one.size > 0;
      });
      if (there.length !== 1) throw new Error("outlook");
    });
}

/** @param {Work} work */
function mark(work) {
  work.marked = true;
  return within(CALL_MS, setHeader(SEALED_HEADER, UNFINISHED)).then(function () {
    return note(SEALED, UNFINISHED);
  });
}

/**
 * One by one, and each looked up anew: in some Outlooks an attachment is known by its place, and
 * all places change when one is taken out.
 *
 * @param {Work} work
 * @param {number} left so many there may still be
 * @returns {Promise<void>}
 */
function removeOriginals(work, left) {
  return within(CALL_MS, listed()).then(function (list) {
    const others = list.filter(function (one) {
      return isBeside(one) && !isSealed(work, one);
    });
    if (others.length > left) throw new Error("outlook");
    if (others.length === 0) return undefined;
    const removed = losing(work, "files", function () {
      return call(message(), "removeAttachmentAsync", [others[0].id]);
    });
    return removed.then(function () {
      return removeOriginals(work, others.length - 1);
    });
  });
}

/**
 * Nothing but the sealed file is attached. Pictures of the text go with the text, and Outlook may
 * need a moment for that.
 *
 * @param {Work} work
 * @param {number} tries
 * @returns {Promise<void>}
 */
function sealedAlone(work, tries) {
  return within(CALL_MS, listed()).then(function (list) {
    const others = list.filter(function (one) {
      return !isSealed(work, one);
    });
    if (list.length === 1 && others.length === 0 && list[0].size > 0) return undefined;
    if (tries <= 1 || others.some(isBeside)) throw new Error("outlook");
    return pause(500).then(function () {
      return sealedAlone(work, tries - 1);
    });
  });
}

/**
 * Whether the HTML still has words that are now sealed. Short lines prove nothing.
 *
 * @param {Work} work
 * @param {string} html
 */
function keepsWords(work, html) {
  const whole = squashed(html);
  const notice = squashed(work.sealed.notice);
  return work.original.draft.text.split("\n").some(function (line) {
    const words = squashed(line);
    if (words.length < 20 || notice.indexOf(words) >= 0) return false;
    return whole.indexOf(escaped(words)) >= 0;
  });
}

/**
 * Outlook says again what is in the draft: the notice, and nothing else.
 *
 * @param {Work} work
 * @returns {Promise<Draft>}
 */
function readBack(work) {
  const original = work.original;
  const html = within(CALL_MS, call(message().body, "getAsync", [original.kind]));
  return Promise.all([within(CALL_MS, collect(true)), html]).then(function (found) {
    const now = found[0];
    const right =
      isText(found[1]) &&
      now.subject === work.sealed.subject &&
      squashed(now.text) === squashed(work.sealed.notice) &&
      addressed(now) === addressed(original.draft) &&
      !/<img\b/i.test(found[1]) &&
      !keepsWords(work, found[1]);
    if (!right) throw new Error("outlook");
    return now;
  });
}

/**
 * @param {Work} work
 * @returns {Promise<void>}
 */
function forward(work) {
  const beside = work.original.files.filter(function (file) {
    return !file.inline;
  });
  return addSealed(work)
    .then(function () {
      return mark(work);
    })
    .then(function () {
      return removeOriginals(work, beside.length);
    })
    .then(function () {
      return losing(work, "subject", function () {
        return call(message().subject, "setAsync", [work.sealed.subject]);
      });
    })
    .then(function () {
      return losing(work, "body", function () {
        return setBody(work.original.kind, noticeOf(work));
      });
    })
    .then(function () {
      return sealedAlone(work, 6);
    })
    .then(function () {
      return readBack(work);
    })
    .then(function (now) {
      const stamp = stampOf(now);
      return within(CALL_MS, setHeader(SEALED_HEADER, stamp)).then(function () {
        return note(SEALED, stamp);
      });
    })
    .then(function () {
      if (!work.isOpen()) throw silence("slow");
    });
}

/**
 * What of the original is not in this list.
 *
 * @param {Work} work
 * @param {any[]} list
 * @returns {Whole[]}
 */
function missing(work, list) {
  const there = list.slice();
  return work.original.files.filter(function (file) {
    const places = there.map(function (one) {
      return (
        isBeside(one) !== file.inline &&
        one.size > 0 &&
        (one.name === file.name || one.name === file.backAs)
      );
    });
    const at = places.indexOf(true);
    if (at >= 0) there.splice(at, 1);
    return at < 0;
  });
}

/**
 * @param {Work} work
 * @param {Whole[]} files
 */
function addBack(work, files) {
  return inTurn(files, function (file) {
    const given = /** @type {any[]} */ ([file.base64, file.backAs]);
    if (file.inline) given.push({ isInline: true });
    return undoing(work, function () {
      return call(message(), "addFileAttachmentFromBase64Async", given);
    });
  });
}

/**
 * The text as it was; a picture that was added again is known by its name.
 *
 * @param {Work} work
 * @param {Whole[]} again
 */
function originalBody(work, again) {
  const original = work.original;
  if (original.kind === "text") return original.body;
  return original.body.replace(CITED, function (all, before, quoteMark, cid) {
    const file = pictureOf(original.files, cid);
    if (again.indexOf(file) < 0) return all;
    return `${before}${quoteMark}cid:${file.name}${quoteMark}`;
  });
}

/**
 * What is there again, and what is not.
 *
 * @param {Work} work
 * @returns {Promise<{lost: Whole[], text: boolean}>}
 */
function compared(work) {
  const now = [listed(), collect(true)];
  return within(CALL_MS, Promise.all(now)).then(function (found) {
    const list = /** @type {any} */ (found[0]);
    const draft = /** @type {any} */ (found[1]);
    const text =
      squashed(draft.text) === squashed(work.original.draft.text) &&
      draft.subject === work.original.draft.subject;
    return { lost: missing(work, list), text: text };
  });
}

/** @param {Promise<any>} work @returns {Promise<any>} its end, whether it went well or not */
function settled(work) {
  return work.catch(function () {
    return null;
  });
}

/** @param {Work} work what was lost comes back: files, then text, then subject */
function restore(work) {
  /** @type {Whole[]} */
  let again = [];
  const files = within(CALL_MS, listed()).then(function (list) {
    again = missing(work, list);
    return addBack(work, again);
  });
  return settled(files)
    .then(function () {
      if (work.begun.indexOf("body") < 0) return undefined;
      const body = undoing(work, function () {
        return setBody(work.original.kind, originalBody(work, again));
      });
      return settled(body);
    })
    .then(function () {
      if (work.begun.indexOf("subject") < 0) return undefined;
      const subject = undoing(work, function () {
        return call(message().subject, "setAsync", [work.original.subject]);
      });
      return settled(subject);
    });
}

/**
 * Everything is back: the sealed file goes, and the mark.
 *
 * @param {Work} work
 * @returns {Promise<string>} `back`, or `extra` where one of them may still be there
 */
function cleanUp(work) {
  const removed = within(CALL_MS, listed()).then(function (list) {
    const ours = list.filter(function (one) {
      return isSealed(work, one);
    });
    if (ours.length === 0 || work.abandoned) return undefined;
    return within(CALL_MS, call(message(), "removeAttachmentAsync", [ours[0].id]));
  });
  return removed
    .then(function () {
      return within(CALL_MS, listed());
    })
    .then(function (list) {
      if (list.some(isSealed.bind(null, work))) throw new Error("outlook");
      if (!work.marked) return undefined;
      const headers = message().internetHeaders;
      return within(CALL_MS, call(headers, "removeAsync", [[SEALED_HEADER]])).then(function () {
        return note(SEALED, "");
      });
    })
    .then(
      function () {
        if (work.extra) return "extra";
        return "back";
      },
      function () {
        return "extra";
      }
    );
}

/**
 * Undoes what was done. Where it is not certain that all of it came back, the sealed file stays,
 * and so does the mark, which keeps the draft from being sent as it stands.
 *
 * @typedef {{state: string, lost: Whole[], text: boolean}} Back `state`: `back`, `extra` or `broken`
 * @param {Work} work
 * @returns {Promise<Back>}
 */
function putBack(work) {
  work.turned = true;
  if (work.begun.length === 0) {
    return cleanUp(work).then(function (state) {
      return { state: state, lost: [], text: true };
    });
  }
  return restore(work)
    .then(function () {
      return compared(work);
    })
    .then(function (now) {
      if (work.doubt || !now.text || now.lost.length > 0) {
        return { state: "broken", lost: now.lost, text: now.text };
      }
      return cleanUp(work).then(function (state) {
        return { state: state, lost: [], text: true };
      });
    });
}

/**
 * @param {Original} original
 * @param {Sealed} sealed
 * @param {() => boolean} isOpen whether Outlook still waits for our answer
 * @param {number} until
 * @returns {Promise<void>} rejects with `problem.back`: how the draft stands now
 */
function swap(original, sealed, isOpen, until) {
  /** @type {Work} */
  const work = {
    original: original,
    sealed: sealed,
    isOpen: isOpen,
    begun: [],
    marked: false,
    doubt: false,
    extra: false,
    turned: false,
    abandoned: false,
  };
  return within(until - Date.now(), forward(work)).catch(function (problem) {
    // Whatever is still on its way may come to pass.
    if (problem.message === "slow" && work.begun.length > 0) work.doubt = true;
    return within(PUT_BACK_MS, putBack(work))
      .catch(function () {
        work.abandoned = true;
        return { state: "broken", lost: [], text: false };
      })
      .then(function (back) {
        problem.back = back;
        throw problem;
      });
  });
}
