// A sealed message is opened in Outlook, which has no key: the reader gets the file and is told.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { CIPHERTEXT, file, outlook, picture } = require("./standin.cjs");

const SEALED = { ...file("encrypted.asc", ""), content: CIPHERTEXT, size: 64 };
const opened = (attachments, more = {}) => outlook({ received: true, draft: { attachments }, ...more });
const EVENT = "onMessageDecryptHandler";

test("the reader is told what it is, and gets the sealed file", async () => {
  const it = opened([SEALED]);
  const said = await it.fire(EVENT);
  assert.equal(said.allowEvent, true);
  assert.match(said.emailBody.content, /Save the attached file encrypted\.asc.*addin-service open encrypted\.asc/);
  assert.deepEqual(Array.from(said.attachments, (one) => ({ ...one })),
    [{ attachmentType: "file", name: "encrypted.asc", content: CIPHERTEXT, isInline: false }]);
  assert.equal(it.requests.length, 0);
});

test("every file is handed on, and pictures of a signature are not files", async () => {
  const said = await opened([SEALED, file("disclaimer.txt", "from a gateway"), picture("logo.png")]).fire(EVENT);
  assert.deepEqual(Array.from(said.attachments, ({ name }) => name), ["encrypted.asc", "disclaimer.txt"]);
});

test("whatever fails, Outlook shows the message as it came, in time", async () => {
  for (const way of ["fail", "throw", "hang", "nothing", "empty", "late"]) {
    const it = opened([SEALED, SEALED], { broken: { getAttachmentContentAsync: way } });
    assert.deepEqual({ ...(await it.fire(EVENT)) }, { allowEvent: false });
    assert.ok(it.took <= 30_000);
  }
  for (const attachments of [[], [{ ...SEALED, content: "" }], [{ ...SEALED, format: "url" }], [picture("logo.png")]]) {
    assert.deepEqual({ ...(await opened(attachments).fire(EVENT)) }, { allowEvent: false });
  }
});
