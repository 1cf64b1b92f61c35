// @ts-check
// Outlook as promises with a limit in time, and what it keeps for us.

/** @param {string} version of the set called Mailbox */
function supports(version) {
  try {
    return Office.context.requirements.isSetSupported("Mailbox", version) === true;
  } catch (unknown) {
    return false;
  }
}

/**
 * What is being written.
 *
 * @returns {Office.MessageCompose}
 */
function message() {
  const item = Office.context.mailbox.item;
  if (!item) throw new Error("outlook");
  return item;
}

/**
 * `owner.method(...given, callback)` as a promise. Whatever is not a success is a failure.
 *
 * @template T
 * @param {T} owner
 * @param {keyof T & string} method
 * @param {any[]} [given]
 * @returns {Promise<any>}
 */
function call(owner, method, given) {
  return new Promise(function (resolve, reject) {
    const answered = function (/** @type {any} */ answer) {
      if (answer && answer.status === "succeeded") resolve(answer.value);
      else reject(new Error("outlook"));
    };
    const asked = /** @type {any} */ (owner)[method];
    asked.apply(owner, (given || []).concat([answered]));
  });
}

/** The bare engine is not known to have a clock; without one, the request's own deadline holds. */
const hasClock = typeof setTimeout === "function";

/**
 * @param {number} ms
 * @param {() => void} ring
 * @returns {() => void} stops it
 */
function after(ms, ring) {
  if (!hasClock) return function () {};
  const timer = setTimeout(ring, Math.max(0, ms));
  return function () {
    clearTimeout(timer);
  };
}

/** @param {number} ms @returns {Promise<void>} at once where there is no clock */
function pause(ms) {
  if (!hasClock) return Promise.resolve();
  return new Promise(function (resolve) {
    after(ms, resolve);
  });
}

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
function within(ms, work) {
  return new Promise(function (resolve, reject) {
    const stop = after(ms, function () {
      reject(new Error("slow"));
    });
    work.then(stop, stop);
    work.then(resolve, reject);
  });
}

/**
 * @param {number} ms
 * @param {() => any} work
 * @returns {Promise<any>} what it comes to; null where that is nothing within the time
 */
function attempted(ms, work) {
  return within(ms, Promise.resolve().then(work)).catch(function () {
    return null;
  });
}

/**
 * One after the other, the next only when the one before is done.
 *
 * @template T, R
 * @param {T[]} list
 * @param {(one: T) => Promise<R>} work
 * @returns {Promise<R[]>}
 */
function inTurn(list, work) {
  /** @type {R[]} */
  const done = [];
  const last = list.reduce(function (before, one) {
    return before
      .then(function () {
        return work(one);
      })
      .then(function (value) {
        done.push(value);
      });
  }, Promise.resolve());
  return last.then(function () {
    return done;
  });
}

/**
 * Outlook must be answered exactly once, and in time, whatever happens.
 *
 * @param {any} event
 * @param {object | undefined} lastResort
 */
function answering(event, lastResort) {
  let open = true;
  let stop = function () {};
  const answer = function (/** @type {object | undefined} */ options) {
    if (!open) return;
    open = false;
    stop();
    event.completed(options);
  };
  const wait = function (/** @type {number} */ ms, /** @type {object | undefined} */ instead) {
    stop();
    stop = after(ms, function () {
      answer(instead);
    });
  };
  const isOpen = function () {
    return open;
  };
  wait(LAST_RESORT_MS, lastResort);
  return { answer: answer, wait: wait, isOpen: isOpen };
}

/** @param {any} value @returns {value is string} */
function isText(value) {
  return typeof value === "string";
}

/** @param {any} value */
function isThing(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * What this message has kept: in its headers, and in its session. null for what cannot be read.
 *
 * @typedef {{header: any, session: any}} Traces
 * @returns {Promise<Traces>}
 */
function traces() {
  const header = attempted(TRACES_MS, function () {
    return call(message().internetHeaders, "getAsync", [[DRAFT_HEADER, SEALED_HEADER]]);
  });
  const session = attempted(TRACES_MS, function () {
    return call(message().sessionData, "getAllAsync");
  });
  return Promise.all([header, session]).then(function (found) {
    return { header: found[0], session: found[1] };
  });
}

/** @param {string} name @param {string} value */
function setHeader(name, value) {
  /** @type {Record<string, string>} */
  const header = {};
  header[name] = value;
  return call(message().internetHeaders, "setAsync", [header]);
}

/** @param {string} key @param {string} value what the session has, if it can; never a failure */
function note(key, value) {
  return attempted(MEMORY_MS, function () {
    return call(message().sessionData, "setAsync", [key, value]);
  });
}

/** 32 hexadecimal digits. They need not be secret: the service looks for them under one client. */
function newDraftId() {
  let id = "";
  while (id.length < 32) id += Math.floor(Math.random() * 16).toString(16);
  return id;
}

/** @param {any} kept @param {string} key */
function draftIdIn(kept, key) {
  const id = isThing(kept) && kept[key];
  if (isText(id) && /^[0-9a-f]{32}$/.test(id)) return id;
  return "";
}

/**
 * The same for the pane and for Send, whichever comes first: under it the service finds what was
 * answered. The two are different programs, and of what one keeps in the session the other may see
 * nothing; the message's own header both can read.
 *
 * @param {Promise<Traces>} [read] where it was read already
 * @returns {Promise<string>}
 */
function draftId(read) {
  return (read || traces()).then(function (found) {
    const known = draftIdIn(found.header, DRAFT_HEADER) || draftIdIn(found.session, DRAFT_ID);
    if (known) return known;
    const id = newDraftId();
    const header = attempted(MEMORY_MS, function () {
      return setHeader(DRAFT_HEADER, id);
    });
    return Promise.all([header, note(DRAFT_ID, id)]).then(function () {
      return id;
    });
  });
}

/** What Outlook keeps for all of the add-in's programs on this computer; null where it does not. */
function localStore() {
  if (typeof OfficeRuntime === "undefined") return null;
  return OfficeRuntime.storage || null;
}

/** @param {any} value @returns {string | null} */
function tokenOrNull(value) {
  if (isText(value) && value !== "") return value;
  return null;
}

/** @returns {string | null} */
function roamingToken() {
  return tokenOrNull(Office.context.roamingSettings.get(TOKEN));
}

/** @returns {Promise<string | null>} */
function storedToken() {
  const local = localStore();
  if (!local) return Promise.resolve().then(roamingToken);
  return attempted(MEMORY_MS, function () {
    return local.getItem(TOKEN);
  }).then(function (kept) {
    return tokenOrNull(kept) || roamingToken();
  });
}

/**
 * Who we are to the service; null while nobody has introduced this Outlook to it. The one place
 * that knows where a token comes from. One that somebody brought by a code goes first: where
 * Outlook signs people in by itself, a code is needed only because that did not work.
 *
 * @returns {Promise<string | null>}
 */
function token() {
  return storedToken().then(function (kept) {
    if (kept || ENTRA === "") return kept;
    const options = { allowSignInPrompt: false, allowConsentPrompt: false };
    return attempted(ENTRA_MS, function () {
      return OfficeRuntime.auth.getAccessToken(options);
    }).then(tokenOrNull);
  });
}

/**
 * Keeps what the service gave this Outlook, or forgets it (null). Rejects where no place took it,
 * or where a place still has what was to be forgotten.
 *
 * @param {string | null} kept
 * @returns {Promise<void>}
 */
function keepToken(kept) {
  const local = localStore();
  const places = [
    function () {
      const settings = Office.context.roamingSettings;
      if (kept === null) settings.remove(TOKEN);
      else settings.set(TOKEN, kept);
      return call(settings, "saveAsync");
    },
  ];
  if (local) {
    places.push(function () {
      if (kept === null) return local.removeItem(TOKEN);
      return local.setItem(TOKEN, kept);
    });
  }
  const taken = places.map(function (place) {
    return Promise.resolve()
      .then(place)
      .then(
        function () {
          return true;
        },
        function () {
          return false;
        }
      );
  });
  return Promise.all(taken).then(function (done) {
    let enough = done.indexOf(true) >= 0;
    if (kept === null) enough = done.indexOf(false) < 0;
    if (!enough) throw new Error("outlook");
  });
}
