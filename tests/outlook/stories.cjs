// Drafts that must not leave in clear, a service that knows them, and what must be true afterwards
// however Outlook failed: nothing of them goes unsealed, nothing of them is lost, and what was said
// is so.
"use strict";

const assert = require("node:assert/strict");
const { CIPHERTEXT, NOTICE, answer, file, finding, person, picture, sealed, wordsOf } = require("./standin.cjs");

const SECRET = "Secret: the child lives at 4 Elm Row";
const TEXT = `Hello,\n\n${SECRET}.\nIt is in the attached report as well.\n`;
const HTML = `<html><body><p>Hello,</p><p>${SECRET}.</p><p>It is in the attached report as well.</p></body></html>`;
const REPORT = file("secret report.pdf", `%PDF- ${SECRET}`);
const PLAN = file("plan.txt", `plan: ${SECRET} too`);
const MAIL = file("Forwarded mail", `Subject: x\r\n\r\n${SECRET}\r\n`, { attachmentType: "item" });
MAIL.content = Buffer.from(MAIL.content, "base64").toString();
MAIL.format = "eml";
const SHOWN = '<p><img width="96" src="cid:image001.png@01DC1E6F"></p>';

/** Each: a draft, and what the service thinks of it. */
const STORIES = {
  "plain": { draft: {} },
  "asked": { draft: {}, says: () => answer({ verdict: "confirm", findings: [finding()] }) },
  "a click is enough": { draft: {}, says: () => answer({ verdict: "confirm", findings: [finding({ ask: "acknowledge" })] }) },
  "blocked": { draft: {}, says: () => answer({ verdict: "block" }) },
  "unpaired": { draft: {}, token: null },
  "unpaired, and a click is enough": { draft: {}, token: null, unpaired: "send-with-notice" },
  "unpaired, and mail goes": { draft: {}, token: null, unpaired: "send" },
  "access ended": { draft: {}, status: 401 },
  "unreachable": { draft: {}, status: 503 },
  "unreachable, and mail goes": { draft: {}, status: 503, neverHeard: "send-with-notice" },
  "sealed text": { draft: { text: TEXT, attachments: [] } },
  "sealed text with two files": { draft: { text: TEXT, attachments: [REPORT, PLAN] } },
  "sealed HTML": { draft: { html: HTML, attachments: [] } },
  "sealed HTML with a picture and two files": {
    draft: {
      html: HTML.replace("</body>", `${SHOWN}</body>`),
      attachments: [REPORT, picture("image001.png", "image001.png@01DC1E6F"), PLAN],
    },
  },
  "sealed, files known by their place": { draft: { text: TEXT, attachments: [REPORT, PLAN] }, ids: "index" },
  "sealed with a mail attached": { draft: { text: TEXT, attachments: [MAIL, REPORT] } },
  "to be sealed, and the service refuses": { draft: { text: TEXT, attachments: [REPORT] }, refuses: true },
};
for (const story of Object.values(STORIES)) {
  story.draft.subject ??= "Re K (a child)";
}

/** Whether this draft must be sealed: its text alone decides, so what is half done would pass. */
const isSecret = ({ text }) => text.includes("Secret");

/** The service of a story. What was sealed is kept in `opened`. */
function serviceOf(story, opened = []) {
  return ({ url, body }) => {
    if (story.status) return { status: story.status, body: {} };
    if (url.endsWith("/v1/check")) {
      if (story.says) return { body: story.says() };
      const required = isSecret(body.draft);
      const review = `${isSecret(body.draft)} ${JSON.stringify(body.draft.attachments)}`;
      return { body: answer({ review, encryption: { required, because: [], possible: required, readers: null } }) };
    }
    assert.match(url, /\/v1\/seal$/);
    if (story.refuses) {
      const error = { code: "not-confirmed", message: "The key of a reader is not confirmed.", hint: "Check again." };
      return { status: 409, body: { error } };
    }
    const { draft, review, shape, for: readers, attachments } = body;
    const sizes = attachments.map(({ base64 }) => Buffer.from(base64, "base64").length);
    assert.deepEqual(draft.attachments.map(({ size }) => size), sizes, "sizes are the true ones");
    assert.deepEqual(draft.attachments.map(({ name }) => name), attachments.map(({ name }) => name));
    assert.equal(review, `true ${JSON.stringify(draft.attachments)}`, "what is sealed was cleared");
    assert.deepEqual([shape, readers], ["notice", "visible"]);
    opened.push(body);
    return { body: sealed() };
  };
}

const squash = (text) => text.replace(/\s+/g, " ").trim();
const words = (item) => squash(item.html === undefined ? item.text : wordsOf(item.html));
const contentOf = (one) =>
  one.format === "eml" ? Buffer.from(one.content).toString("base64") : one.content;
const holds = (item, one) =>
  item.attachments.some(({ name, content, isInline, format }) =>
    (name === one.name || name === `${one.name}.eml`) && isInline === one.isInline
      && contentOf({ content, format }) === contentOf(one));

/** Everything that the sender wrote is in the item. */
function isWhole(item, draft) {
  const before = { text: "Hello,\n\nhere are the minutes.\n", attachments: [], ...draft };
  return item.subject === before.subject && words(item) === words(before)
    && before.attachments.every((one) => holds(item, one));
}

/** It is as if Send had never been pressed. */
function isUntouched(item, draft) {
  return isWhole(item, draft) && item.headers["x-last-look-sealed"] === undefined
    && !item.attachments.some(({ name }) => name === "encrypted.asc");
}

const isCiphertext = ({ name, content }) => name === "encrypted.asc" && content === CIPHERTEXT;

/** Nothing but the notice and the sealed file. */
function isSealed(item) {
  return item.subject === "[...]" && words(item) === squash(NOTICE)
    && item.attachments.length === 1 && isCiphertext(item.attachments[0]);
}

/** Whether anything of the secret could be read in what stands in the item. */
function isReadable(item) {
  const shown = [item.text && item.html === undefined ? item.text : "", item.html ?? "", item.subject].join("\n");
  return /Secret|child/.test(shown)
    || item.attachments.some((one) => !isCiphertext(one) && Buffer.from(contentOf(one), "base64").includes("Secret"))
    || item.attachments.some((one) => one.isInline && !isCiphertext(one));
}

/**
 * What must hold after a Send, whatever failed.
 *
 * @param {any} item as it is now
 * @param {any} story
 * @param {any} said to Outlook
 * @param {string} where for the one who reads a failure
 * @param {boolean} [before] whether the sealed file was there before this Send
 */
function judge(item, story, said, where, before = false) {
  const secret = isSecret({ text: words({ text: "", ...story.draft }) });
  const told = `${where}: ${JSON.stringify(said)}\n${JSON.stringify({ ...item, html: item.html })}`;
  if (said.allowEvent) {
    if (secret) assert.ok(isSealed(item), `went unsealed, ${told}`);
    assert.ok(!secret || !isReadable(item), `readable, ${told}`);
    return;
  }
  if (said.sendModeOverride) {
    assert.ok(!secret, `softened, ${told}`);
    return;
  }
  const there = item.attachments.some(isCiphertext);
  assert.ok(isWhole(item, story.draft) || there, `lost, ${told}`);
  if (/unchanged|as you wrote it/.test(said.errorMessage)) {
    assert.ok(isWhole(item, story.draft), `said to be whole, ${told}`);
  }
  if (/still here, unchanged/.test(said.errorMessage)) {
    assert.ok(!there || before, `said to be unchanged, ${told}`);
  }
  if (/The whole message is in encrypted\.asc/.test(said.errorMessage)) {
    assert.ok(there, `said to be attached, ${told}`);
  }
}

/** How the stand-in is set up for a story. */
function setUp(story, opened) {
  const { draft, token, unpaired = "hold", neverHeard, ids } = story;
  return {
    draft, ids, unpaired, neverHeard, http: serviceOf(story, opened),
    ...(token === undefined ? {} : { token }),
    ...(draft.to ? {} : { draft: { ...draft, to: [person("p.tann@chambers.example")] } }),
  };
}

module.exports = { HTML, MAIL, PLAN, REPORT, SECRET, SHOWN, STORIES, TEXT, isCiphertext, isSealed, isUntouched, isWhole, judge, serviceOf, setUp };
