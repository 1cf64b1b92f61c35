// @ts-check
// The conversation with the service, and what is remembered of it.

/** @param {string} reason @param {any} [told] what the service said */
function silence(reason, told) {
  const problem = /** @type {any} */ (new Error(reason));
  problem.told = told || null;
  return problem;
}

/**
 * @typedef {{status: number, body: any}} Heard
 * @param {string} path
 * @param {object} question
 * @param {string} bearer
 * @param {number} ms
 * @returns {Promise<Heard>}
 */
function post(path, question, bearer, ms) {
  return new Promise(function (resolve, reject) {
    const request = new XMLHttpRequest();
    const lost = function () {
      reject(silence("unreachable"));
    };
    request.open("POST", SERVICE + path, true);
    request.timeout = ms;
    request.onerror = lost;
    request.ontimeout = lost;
    request.onabort = lost;
    request.onload = function () {
      const from = request.responseURL;
      if (from && from.indexOf(`${SERVICE}/`) !== 0) {
        reject(silence("nonsense"));
        return;
      }
      let body = null;
      try {
        body = JSON.parse(request.responseText);
      } catch (garbled) {
        body = null;
      }
      resolve({ status: request.status, body: body });
    };
    request.setRequestHeader("Content-Type", "application/json");
    request.setRequestHeader("Authorization", `Bearer ${bearer}`);
    request.send(JSON.stringify(question));
  });
}

/** @param {number} status */
function isPassing(status) {
  return status === 0 || status === 502 || status === 503 || status === 504;
}

/**
 * Asks again where the first question was lost. Each try gets its share of the time that is left.
 *
 * @param {string} path
 * @param {object} question
 * @param {string} bearer
 * @param {number} until
 * @param {number} tries
 * @returns {Promise<Heard>}
 */
function persist(path, question, bearer, until, tries) {
  const ms = Math.floor((until - Date.now()) / tries);
  if (ms <= 0) return Promise.reject(silence("unreachable"));
  const asked = within(ms, post(path, question, bearer, ms)).then(function (answer) {
    if (isPassing(answer.status)) throw silence("unreachable", saidIn(answer));
    return answer;
  });
  if (tries === 1) return asked;
  return asked.catch(function (problem) {
    if (problem.message === "nonsense") throw problem;
    return persist(path, question, bearer, until, tries - 1);
  });
}

/** @param {any} finding */
function isFinding(finding) {
  return (
    isThing(finding) &&
    isText(finding.code) &&
    isText(finding.message) &&
    isText(finding.advice) &&
    SEVERITIES.indexOf(finding.severity) >= 0 &&
    (finding.about === null || (isThing(finding.about) && isText(finding.about.address))) &&
    (finding.ask === null || isText(finding.ask))
  );
}

/**
 * The answer of `/v1/check`, or nonsense. Strict on purpose: a verdict that is half understood must
 * end with the organisation's policy, not with a guess.
 *
 * @param {any} body
 */
function readAnswer(body) {
  const sound =
    isThing(body) &&
    (body.reference === null || isText(body.reference)) &&
    VERDICTS.indexOf(body.verdict) >= 0 &&
    Array.isArray(body.findings) &&
    body.findings.every(isFinding) &&
    isThing(body.encryption) &&
    typeof body.encryption.required === "boolean" &&
    DIRECTIONS.indexOf(body.unreachable) >= 0;
  if (!sound) throw silence("nonsense");
  if (body.verdict === "confirm" && !body.findings.some(isOpen)) throw silence("nonsense");
  return body;
}

/** @param {any} finding */
function isOpen(finding) {
  return finding.ask !== null;
}

/** @param {Heard} answer @returns {any} in words why not; null where it does not say */
function saidIn(answer) {
  const error = isThing(answer.body) && answer.body.error;
  if (isThing(error) && isText(error.message) && isText(error.hint)) return error;
  return null;
}

/**
 * @template T
 * @param {Heard} answer
 * @param {(body: any) => T} read
 * @returns {T}
 */
function understood(answer, read) {
  if (answer.status === 200) return read(answer.body);
  if (answer.status === 401) throw silence("ended");
  const said = saidIn(answer);
  if (said) throw silence("refused", said);
  throw silence("nonsense");
}

/** Which Outlook this is, where it says so. */
function client() {
  let version = "";
  try {
    version = fitting(Office.context.mailbox.diagnostics.hostVersion, 100);
  } catch (unknown) {
    version = "";
  }
  return { name: "outlook", version: `${version} (${VERSION})` };
}

/** @param {number} until @returns {Promise<string>} */
function bearerBy(until) {
  return within(until - Date.now(), token()).then(function (bearer) {
    if (!bearer) throw silence("stranger");
    return bearer;
  });
}

/**
 * @param {object} question
 * @param {number} until
 * @returns {Promise<any>} the answer of `/v1/check`
 */
function ask(question, until) {
  const whole = Object.assign({ answers: [], client: client() }, question);
  return bearerBy(until)
    .then(function (bearer) {
      return persist("/v1/check", whole, bearer, until, TRIES);
    })
    .then(function (heard) {
      return understood(heard, readAnswer);
    });
}

/**
 * Tells the service that the message goes: from this its history learns, and Outlook says nothing
 * once it has gone. A mail that the policy lets go unchecked is not told: nobody is there to hear.
 *
 * @param {Draft} draft
 * @param {any} answer
 * @param {number} until
 * @returns {Promise<any>} never a failure: it holds no mail
 */
function report(draft, answer, until) {
  const told = { outcome: "handed-over", draft: draft, review: answer.review };
  return attempted(Math.min(REPORT_MS, until - Date.now()), function () {
    return bearerBy(until).then(function (bearer) {
      return persist("/v1/sent", told, bearer, until, 1);
    });
  });
}

/**
 * What the service said last: for this draft in its session, for the next one in the mailbox's own
 * settings. No word and no address is kept. Failing to remember never harms a send.
 *
 * @param {any} answer
 */
function remember(answer) {
  const heard = { unreachable: answer.unreachable, sealing: answer.encryption.required };
  const kept = [note(MEMORY, JSON.stringify(heard))];
  try {
    const settings = Office.context.roamingSettings;
    if (settings.get(MEMORY) !== heard.unreachable) {
      settings.set(MEMORY, heard.unreachable);
      kept.push(call(settings, "saveAsync"));
    }
  } catch (unknown) {
    // What could be kept is kept.
  }
  return within(MEMORY_MS, Promise.all(kept)).catch(function () {});
}

/**
 * What to do without an answer. Rejects where the session cannot be read: then nobody knows whether
 * this draft needs sealing.
 *
 * @returns {Promise<{unreachable: string, sealing: boolean}>}
 */
function recall() {
  const session = call(message().sessionData, "getAllAsync");
  return within(MEMORY_MS, session).then(function (kept) {
    if (isThing(kept) && kept[MEMORY] !== undefined) {
      const heard = JSON.parse(kept[MEMORY]);
      if (DIRECTIONS.indexOf(heard.unreachable) < 0) throw silence("nonsense");
      return { unreachable: heard.unreachable, sealing: heard.sealing !== false };
    }
    const last = Office.context.roamingSettings.get(MEMORY);
    if (DIRECTIONS.indexOf(last) >= 0) return { unreachable: last, sealing: false };
    return { unreachable: NEVER_HEARD, sealing: false };
  });
}
