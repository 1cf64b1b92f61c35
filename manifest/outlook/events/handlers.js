// @ts-check
// What happens at Send, while a message is written, and when a sealed one is opened.

/**
 * What became of the message, for the sender of one that could not be sealed.
 *
 * @param {any} problem
 */
function notSealed(problem) {
  if (problem.message === "doubts") return doubts(problem.told);
  let why = SEALING.failed;
  if (problem.message === "stays") why = problem.told.message;
  else if (problem.message === "changed") why = WORDS.changed;
  else if (problem.told) why = shown(`${problem.told.message} ${problem.told.hint}`);
  else if (problem.message === "unreachable" || problem.message === "nonsense") why = reason(problem);
  const found = [`${SEALING.mustBe} ${why}`];
  const back = problem.back || { state: "back" };
  if (back.state === "broken") {
    const lost = back.lost.map(function (/** @type {Whole} */ file) {
      return `“${shown(file.name).slice(0, 40)}”`;
    });
    found.push(SEALING.broken);
    if (lost.length > 0) found.push(`Not attached here any more: ${lost.join(", ")}.`);
    if (!back.text) found.push(SEALING.replaced);
    return held(WORDS.notSent, found, SEALING.startAnew);
  }
  if (back.state === "extra") return held(WORDS.notSent, found, SEALING.extra);
  if (problem.message === "ended" || problem.message === "stranger") {
    return toPane(held(WORDS.notSent, [reason(problem)], WORDS.connect));
  }
  return held(WORDS.notSent, found, WORDS.again);
}

/** What is said should Outlook have to be answered in the midst of it. */
function midway() {
  const why = [SEALING.interrupted, SEALING.broken, SEALING.replaced];
  return held(WORDS.notSent, why, SEALING.startAnew);
}

/**
 * @param {Draft} draft as it was checked
 * @param {any} answer of that check
 * @param {string} carry
 * @param {ReturnType<typeof answering>} reply
 */
function sealAndGo(draft, answer, carry, reply) {
  const until = Date.now() + SWAP_UNTIL_MS;
  reply.wait(LAST_SEAL_MS, midway());
  return Promise.resolve()
    .then(function () {
      sealable(draft);
      return notProtected();
    })
    .then(function () {
      return readWhole(draft);
    })
    .then(function (original) {
      return cleared(original, answer, carry, Date.now() + SEAL_MS).then(function (clear) {
        return sealedBy(original, clear)
          .then(function (sealed) {
            return within(CALL_MS, sameDraft(draft)).then(function () {
              return swap(original, sealed, reply.isOpen, until);
            });
          })
          .then(function () {
            return report(clear.draft, clear.answer, Date.now() + REPORT_MS);
          });
      });
    })
    .then(function () {
      return { allowEvent: true };
    })
    .catch(notSealed);
}

/**
 * A message that nothing keeps, unless its readers are others by now.
 *
 * @param {Draft} draft
 * @param {any} answer
 * @param {number} started
 */
function go(draft, answer, started) {
  const last = started + LAST_RESORT_MS;
  return within(last - RECHECKED_MS - Date.now(), sameReaders(draft)).then(
    function () {
      return report(draft, answer, last - REPORTED_MS).then(function () {
        return { allowEvent: true };
      });
    },
    function (problem) {
      if (problem.message !== "changed") return notSeen();
      return held(WORDS.notSent, [WORDS.changed], WORDS.pressAgain);
    }
  );
}

/**
 * @param {Draft} draft
 * @param {any} answer
 * @param {string} carry
 * @param {number} started
 * @param {ReturnType<typeof answering>} reply
 * @returns {Promise<Office.SmartAlertsEventCompletedOptions>}
 */
function decided(draft, answer, carry, started, reply) {
  if (answer.verdict !== "allow") return Promise.resolve(doubts(answer));
  if (answer.encryption.required) return sealAndGo(draft, answer, carry, reply);
  return go(draft, answer, started);
}

/**
 * @param {Draft} draft
 * @param {string} carry
 * @param {number} started
 * @param {ReturnType<typeof answering>} reply
 */
function look(draft, carry, started, reply) {
  const question = { purpose: "send", draft: draft, carry: carry };
  return ask(question, started + ANSWER_MS).then(function (answer) {
    const kept = remember(answer);
    return decided(draft, answer, carry, started, reply).then(function (said) {
      return kept.then(function () {
        return said;
      });
    });
  }, unanswered);
}

/**
 * The mark of a message that was sealed, or was to be; "" for one that was not. What the header
 * says goes: it is part of the message.
 *
 * @param {Traces} found
 */
function markIn(found) {
  if (!isThing(found.header) && !isThing(found.session)) throw new Error("outlook");
  const kept = (isThing(found.header) && found.header) || {};
  if (isThing(found.header)) return String(kept[SEALED_HEADER] || "");
  return String(found.session[SEALED] || "");
}

/**
 * A sealed message goes as it is, if it is as it was. It is not sealed again, and its notice is
 * nobody's words.
 *
 * @param {string} mark
 * @param {Draft} draft
 */
function sealedBefore(mark, draft) {
  if (mark !== UNFINISHED && mark === stampOf(draft)) return { allowEvent: true };
  let why = SEALING.altered;
  if (mark === UNFINISHED) why = SEALING.interrupted;
  return held(WORDS.notSent, [why], SEALING.startAnew);
}

/**
 * Where nobody has introduced this Outlook, nobody is asked, and nothing need be seen.
 *
 * @param {Traces} found
 * @returns {Promise<boolean>}
 */
function goesUnasked(found) {
  if (markIn(found) !== "") return Promise.resolve(false);
  return within(TRACES_MS, token()).then(
    function (bearer) {
      return bearer === null;
    },
    function () {
      return false;
    }
  );
}

/** @param {Office.MailboxEvent} event */
function onMessageSendHandler(event) {
  const started = Date.now();
  const reply = answering(event, notSeen());
  Promise.resolve()
    .then(function () {
      const read = traces();
      const seen = within(COLLECT_MS, Promise.all([read, collect(true), draftId(read)]));
      settled(seen);
      return read.then(goesUnasked).then(function (unasked) {
        if (unasked) return unanswered(silence("stranger"));
        return seen.then(function (found) {
          const mark = markIn(found[0]);
          if (mark !== "") return sealedBefore(mark, found[1]);
          const why = obstacle(found[1]);
          if (why) return held(WORDS.notSent, [why], WORDS.pressAgain);
          return look(found[1], found[2], started, reply);
        });
      });
    })
    .catch(notSeen)
    .then(reply.answer);
}

/** @param {any} answer */
function notify(answer) {
  const messages = message().notificationMessages;
  const open = grave(answer).map(point);
  if (open.length === 0) return call(messages, "removeAsync", [NOTICE]);
  const notice = {
    type: "informationalMessage",
    message: cut(open[0], LONGEST_NOTICE),
    icon: "Icon.16",
    persistent: false,
  };
  return call(messages, "replaceAsync", [NOTICE, notice]);
}

/**
 * Early help while writing: names only, no text, and nothing is held. Whatever fails, fails
 * quietly; what counts is said at Send.
 *
 * @param {Office.MailboxEvent} event
 */
function whileTyping(event) {
  const started = Date.now();
  const reply = answering(event, undefined);
  const done = function () {
    reply.answer(undefined);
  };
  token()
    .then(function (bearer) {
      if (!bearer) throw silence("stranger");
      return within(COLLECT_MS, collect(false));
    })
    .then(function (draft) {
      if (obstacle(draft)) throw silence("incomplete");
      return ask({ purpose: "typing", draft: draft }, started + ANSWER_MS);
    })
    .then(function (said) {
      return Promise.all([remember(said), within(MEMORY_MS, notify(said))]);
    })
    .then(done, done);
}

/** @param {any} one an attachment of a received message, with its content */
function handedOn(one) {
  const got = call(/** @type {any} */ (message()), "getAttachmentContentAsync", [one.id]);
  return got.then(function (content) {
    if (!isThing(content) || content.format !== "base64" || bytesIn(content.content) <= 0) {
      throw new Error("outlook");
    }
    return {
      attachmentType: "file",
      name: String(one.name),
      content: content.content,
      isInline: false,
    };
  });
}

/**
 * A sealed message is opened. No secret key is here, nor on the host: the reader is told what it
 * is, and gets the file. Whatever fails, Outlook shows the message as it came.
 *
 * @param {Office.MailboxEvent} event
 */
function onMessageDecryptHandler(event) {
  const reply = answering(event, { allowEvent: false });
  reply.wait(DECRYPT_MS, { allowEvent: false });
  Promise.resolve()
    .then(function () {
      const item = /** @type {any} */ (message());
      return inTurn(item.attachments.filter(isBeside), handedOn);
    })
    .then(function (files) {
      if (files.length === 0) throw new Error("outlook");
      const body = { coercionType: "text", content: SEALING.handedOver };
      return { allowEvent: true, emailBody: body, attachments: files };
    })
    .catch(function () {
      return { allowEvent: false };
    })
    .then(reply.answer);
}

// Classic Outlook finds the handlers by these lines alone, and calls nothing they might wait in.
Office.actions.associate("onNewMessageComposeHandler", whileTyping);
Office.actions.associate("onMessageRecipientsChangedHandler", whileTyping);
Office.actions.associate("onMessageAttachmentsChangedHandler", whileTyping);
Office.actions.associate("onMessageSendHandler", onMessageSendHandler);
Office.actions.associate("onMessageDecryptHandler", onMessageDecryptHandler);
