// @ts-check
// What Outlook's own dialog says, within what it can show.

/**
 * A text may carry characters that are not seen or that turn the line around; the sender must see
 * that they are there.
 *
 * @param {any} text
 */
function shown(text) {
  const line = fitting(text, LIMITS.subject).replace(/\s*\n\s*/g, " ");
  return line.replace(UNSEEN, function (found) {
    const code = found.charCodeAt(0).toString(16).toUpperCase();
    return `‹U+${"0000".slice(code.length)}${code}›`;
  });
}

/** @param {string} text @param {number} limit */
function cut(text, limit) {
  if (text.length <= limit) return text;
  return `${fitting(text, limit - 2).replace(/\uFFFD$/, "")} …`;
}

/**
 * As many points as there is room for, gravest first, and how many more there are.
 *
 * @param {string} head
 * @param {string[]} points
 * @param {string} tail
 * @param {(points: string[]) => string} list
 */
function fitted(head, points, tail, list) {
  for (let count = points.length; count > 0; count -= 1) {
    const some = points.slice(0, count);
    if (count < points.length) some.push(`and ${points.length - count} more`);
    const text = [head, list(some), tail].join("\n\n");
    if (text.length <= LONGEST_TEXT) return text;
  }
  const room = LONGEST_TEXT - head.length - tail.length - 40;
  const some = points.slice(0, 1).map(function (point) {
    return cut(point, room);
  });
  if (points.length > 1) some.push(`and ${points.length - 1} more`);
  return [head, list(some), tail].join("\n\n");
}

/** @param {string[]} points */
function plainList(points) {
  return points
    .map(function (point) {
      return `• ${point}`;
    })
    .join("\n");
}

/** @param {string[]} points */
function markdownList(points) {
  return points
    .map(function (point) {
      return `- ${point}\r`;
    })
    .join("");
}

/**
 * The mail stays, and that is said.
 *
 * @param {string} head
 * @param {string[]} points
 * @param {string} tail
 * @returns {Office.SmartAlertsEventCompletedOptions}
 */
function held(head, points, tail) {
  /** @type {Office.SmartAlertsEventCompletedOptions} */
  const options = { allowEvent: false, errorMessage: fitted(head, points, tail, plainList) };
  // What a name or an address would turn into as Markdown nobody can say: then it stays plain.
  if (supports("1.15") && !/[\\`*_[\]<>#~|]/.test(head + points.join("") + tail)) {
    options.errorMessageMarkdown = fitted(`**${head}**`, points, tail, markdownList);
  }
  if (supports("1.14")) options.cancelLabel = WORDS.toMessage.slice(0, LONGEST_LABEL);
  return options;
}

/**
 * With "Take Action", which opens the pane; at a finding where one is named.
 *
 * @param {Office.SmartAlertsEventCompletedOptions} options
 * @param {string} [finding]
 */
function toPane(options, finding) {
  if (!supports("1.14")) return options;
  options.commandId = PANE_COMMAND;
  options.cancelLabel = WORDS.toPane.slice(0, LONGEST_LABEL);
  // As text: until 2024 classic Outlook handed nothing else over.
  if (finding) options.contextData = JSON.stringify({ finding: finding });
  return options;
}

/**
 * With Outlook's own "Send Anyway", where this Outlook knows it: the message then goes as it
 * stands, and nobody looks again.
 *
 * @param {Office.SmartAlertsEventCompletedOptions} options
 */
function softened(options) {
  const modes = Office.MailboxEnums && Office.MailboxEnums.SendModeOverride;
  if (supports("1.14") && modes) options.sendModeOverride = modes.PromptUser;
  return options;
}

function notSeen() {
  return held(WORDS.notSent, [WORDS.notSeen], WORDS.again);
}

/**
 * A finding in one line. Here no address stands beside it, so it is said which one is meant.
 *
 * @param {any} finding
 */
function point(finding) {
  const text = `${finding.message} ${finding.advice}`.trim();
  const address = (finding.about && finding.about.address) || "";
  if (address === "" || text.indexOf(address) >= 0) return shown(text);
  return shown(`${address}: ${text}`);
}

/** @param {any} answer @returns {any[]} what the sender has to see, gravest first */
function grave(answer) {
  /** @type {any[]} */
  let sorted = [];
  SEVERITIES.forEach(function (severity) {
    const some = answer.findings.filter(function (/** @type {any} */ finding) {
      return finding.severity === severity && (isOpen(finding) || severity === "stop");
    });
    sorted = sorted.concat(some);
  });
  return sorted;
}

/** @param {any} answer */
function quote(answer) {
  if (!answer.reference) return "Your helpdesk can tell you more.";
  return `Reference for your helpdesk: ${shown(answer.reference).slice(0, 40)}`;
}

/**
 * A verdict that is not `allow`, in Outlook's words. Softened only where nothing needs sealing and
 * a click is enough.
 *
 * @param {any} answer
 */
function doubts(answer) {
  const found = grave(answer);
  const listed = found.map(point);
  const sealing = answer.encryption.required;
  if (sealing) listed.push(SEALING.mustBe);
  if (found.length === 0) listed.push(WORDS.notAllowed);
  let first = "";
  if (found.length > 0 && isText(found[0].id)) first = found[0].id;
  if (answer.verdict !== "confirm") {
    return toPane(held(WORDS.notAsItIs, listed, quote(answer)), first);
  }
  const options = toPane(held(WORDS.lookAgain, listed, quote(answer)), first);
  const clickable = answer.findings.filter(isOpen).every(function (/** @type {any} */ finding) {
    return CLICKABLE.indexOf(finding.ask) >= 0;
  });
  if (clickable && !sealing) return softened(options);
  return options;
}

/** @param {any} problem @returns {string} */
function reason(problem) {
  if (problem.message === "stranger") return WORDS.stranger;
  if (problem.message === "ended") return WORDS.ended;
  if (problem.message === "nonsense") return WORDS.nonsense;
  if (problem.message !== "refused") return WORDS.unreachable;
  return shown(`${WORDS.refused} ${problem.told.message} ${problem.told.hint}`);
}

/**
 * No answer, for whatever reason: the organisation has said beforehand what happens then.
 *
 * @param {any} problem
 */
function unanswered(problem) {
  const unpaired = problem.message === "stranger" || problem.message === "ended";
  return recall().then(function (last) {
    const why = [reason(problem)];
    let way = last.unreachable;
    if (unpaired) way = UNPAIRED;
    if (way === "hold" || last.sealing) {
      if (unpaired) return toPane(held(WORDS.notSent, why, WORDS.connect));
      return held(WORDS.notSent, why, WORDS.again);
    }
    if (way === "send" || !supports("1.14")) return { allowEvent: true };
    if (unpaired) why.push(WORDS.connect);
    const options = softened(held(WORDS.unchecked, why, WORDS.goesUnchecked));
    if (unpaired) return toPane(options);
    return options;
  });
}
