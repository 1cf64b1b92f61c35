// Early help while somebody writes: never in the way, never more than it needs.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { answer, finding, isHeld, outlook, person } = require("./standin.cjs");

const EVENTS = [
  "onNewMessageComposeHandler", "onMessageRecipientsChangedHandler", "onMessageAttachmentsChangedHandler",
];
const doubt = (more) => ({ body: answer({ reference: null, review: null, verdict: "confirm", findings: [finding(more)] }) });

for (const event of EVENTS) {
  test(`${event} asks about the people and not about the text`, async () => {
    const it = outlook({ http: [{ body: answer({ reference: null, review: null }) }] });
    assert.equal(await it.fire(event), undefined);
    assert.equal(it.requests.length, 1);
    const { purpose, draft } = it.requests[0].body;
    assert.equal(purpose, "typing");
    assert.equal(draft.text, "");
    assert.ok(!it.calls.includes("body.getAsync"));
    assert.deepEqual(it.notices, [null]);
  });

  test(`${event} asks nothing where there is nobody yet, or no token`, async () => {
    for (const how of [{ draft: { to: [] } }, { token: null }, { draft: { to: [person("")] } }]) {
      const it = outlook(how);
      assert.equal(await it.fire(event), undefined);
      assert.equal(it.requests.length, 0);
    }
  });
}

test("a doubt is one quiet line", async () => {
  const it = outlook({ http: [doubt()] });
  await it.fire(EVENTS[1]);
  assert.equal(it.notices.length, 1);
  assert.equal(it.notices[0].type, "informationalMessage");
  assert.match(it.notices[0].message, /^You have not written to p\.tan@chambers\.example before\./);
});

test("a long line is cut to what Outlook takes", async () => {
  for (const message of ["x".repeat(400), "\u{1F600}".repeat(200)]) {
    const it = outlook({ http: [doubt({ message })] });
    await it.fire(EVENTS[1]);
    assert.ok(it.notices[0].message.length <= 150);
    assert.ok(!/[\uD800-\uDFFF]/u.test(it.notices[0].message));
  }
});

test("whatever fails, the event ends in time and says nothing", async () => {
  const calls = [
    "from.getAsync", "to.getAsync", "cc.getAsync", "bcc.getAsync", "subject.getAsync", "getAttachmentsAsync",
    "sessionData.setAsync", "notificationMessages.replaceAsync", "roamingSettings.saveAsync", "roamingSettings.get",
  ];
  for (const name of calls) {
    for (const way of ["fail", "throw", "hang", "nothing", "empty"]) {
      const it = outlook({ broken: { [name]: way }, http: [doubt()] });
      assert.equal(await it.fire(EVENTS[1]), undefined);
      assert.ok(it.took <= 4000);
    }
  }
  for (const http of [["error", "error"], ["deaf", "deaf"], [{ text: "<html>" }], [{ status: 401, body: {} }]]) {
    const it = outlook({ http });
    assert.equal(await it.fire(EVENTS[1]), undefined);
    assert.ok(it.took <= 4000);
    assert.deepEqual(it.notices, []);
  }
});

test("what was heard while writing counts at Send", async () => {
  const said = answer({ unreachable: "send-with-notice", encryption: { required: true, because: [], possible: false, readers: null } });
  const it = outlook({ http: [{ body: said }] });
  await it.fire(EVENTS[1]);
  it.outage();
  assert.ok(isHeld(await it.fire()));
});
