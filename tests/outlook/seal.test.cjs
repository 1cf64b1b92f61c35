// Sealing at Send: what goes instead of the draft, and what cannot be sealed.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { NOTICE, file, isHeld, isSent, outlook, person, picture, sealed } = require("./standin.cjs");
const { HTML, MAIL, PLAN, REPORT, SECRET, SHOWN, STORIES, TEXT, isSealed, isWhole, judge, serviceOf, setUp } = require("./stories.cjs");

/** The story of this draft: Send is pressed, and the service may answer otherwise. */
function sealing(draft, more = {}) {
  const story = { draft: { subject: "Re K", text: TEXT, attachments: [], ...draft } };
  const opened = [];
  const it = outlook({ ...setUp(story, opened), ...more });
  return { it, story, opened };
}

for (const [name, story] of Object.entries(STORIES).filter(([name]) => name.startsWith("sealed"))) {
  test(`${name}: it goes, as notice and one file, after everything was in the request`, async () => {
    const opened = [];
    const it = outlook(setUp(story, opened));
    assert.deepEqual({ ...(await it.fire()) }, { allowEvent: true });
    assert.ok(isSealed(it.item), JSON.stringify(it.item));
    const [{ draft, attachments }] = opened;
    assert.ok(draft.text.includes(SECRET));
    const given = story.draft.attachments.filter((one) => !one.isInline);
    assert.deepEqual(attachments.map((one) => one.name), given.map((one) => one.name));
    assert.match(it.item.headers["x-last-look-sealed"], /^[0-9a-f]{14}$/);
    assert.equal(it.session["last-look-sealed"], it.item.headers["x-last-look-sealed"]);
    assert.equal(it.reports.length, 1);
    const { outcome, draft: told, review } = it.reports[0].body;
    assert.equal(outcome, "handed-over");
    assert.ok(review.startsWith("true"));
    assert.deepEqual(told.attachments, draft.attachments);
  });
}

test("the draft keeps all that it has until the sealed file is there, and its words until the last", async () => {
  const it = outlook(setUp(STORIES["sealed HTML with a picture and two files"]));
  await it.fire();
  const writes = it.calls.filter((name) => /^(body|subject)\.set|^(add|remove)|Headers\.set/.test(name));
  assert.deepEqual(writes, [
    "internetHeaders.setAsync", "addFileAttachmentFromBase64Async", "internetHeaders.setAsync", "removeAttachmentAsync",
    "removeAttachmentAsync", "subject.setAsync", "body.setAsync", "internetHeaders.setAsync",
  ]);
});

test("HTML is sealed with its pictures in it, whatever names them", async () => {
  const cid = "image001.png@01DC1E6F";
  for (const [shown, contentId] of [
    [SHOWN, cid], [SHOWN, `<${cid}>`], [SHOWN, ""], ["<img src='cid:image001.png'>", ""], [SHOWN + SHOWN, cid],
    [`<!--[if gte vml 1]><v:imagedata src="cid:${cid}"/><![endif]--><![if !vml]>${SHOWN}<![endif]>`, cid],
  ]) {
    const html = HTML.replace("</body>", `${shown}</body>`);
    const { it, opened } = sealing({ html, attachments: [picture("image001.png", contentId)] });
    assert.ok(isSent(await it.fire()), shown);
    const { draft } = opened[0];
    assert.match(draft.html, /src=["']data:image\/png;base64,iVBORw0KGgo[A-Za-z0-9+/=]*["']/);
    assert.doesNotMatch(draft.html, /cid:/);
    assert.deepEqual(draft.attachments, []);
    assert.ok(isSealed(it.item));
  }
});

test("a picture that nobody else could see is not sealed away", async () => {
  const one = picture("image001.png", "image001.png@01DC1E6F");
  for (const [shown, attachments] of [
    [SHOWN, []], ["", [one]], ['<img src="blob:https://x.example/1">', []], ["<img src=file:///C:/x.png>", []],
    [SHOWN, [one, one]], ['<td background="cid:image001.png@01DC1E6F">', [one]],
    [SHOWN, [{ ...one, content: Buffer.from("not a picture").toString("base64") }]],
  ]) {
    const { it, story } = sealing({ html: HTML.replace("</body>", `${shown}</body>`), attachments });
    const said = await it.fire();
    assert.ok(isHeld(said), shown);
    assert.match(said.errorMessage, /A picture in the text cannot be read/);
    judge(it.item, story, said, shown);
    assert.ok(isWhole(it.item, story.draft));
  }
});

test("an attached mail is sealed as one", async () => {
  const appointment = { ...MAIL, name: "Hearing", format: "iCalendar", content: "BEGIN:VCALENDAR\r\nSUMMARY:é\u{1F600}\r\n" };
  const { it, opened } = sealing({ attachments: [MAIL, appointment] });
  assert.ok(isSent(await it.fire()));
  assert.deepEqual(opened[0].attachments.map(({ name, type }) => [name, type]),
    [["Forwarded mail", "message/rfc822"], ["Hearing", "text/calendar"]]);
  assert.equal(Buffer.from(opened[0].attachments[1].base64, "base64").toString(), appointment.content);
});

test("what cannot be sealed is said before anything is changed", async () => {
  const CASES = {
    "hidden recipients": [{ bcc: [person("b@council.example")] }, /cannot have hidden recipients.*message of their own/],
    "a link to a file": [{ attachments: [{ ...PLAN, attachmentType: "cloud" }] }, /“plan\.txt” is a link to a file/],
    "content that is a link": [{ attachments: [{ ...PLAN, format: "url" }] }, /“plan\.txt” is a link to a file/],
    "no content": [{ attachments: [{ ...PLAN, content: "" }] }, /“plan\.txt” came without its content/],
    "content that is none": [{ attachments: [{ ...PLAN, content: "a===" }] }, /“plan\.txt” came without its content/],
    "content that is nothing": [{ attachments: [{ ...PLAN, content: undefined }] }, /“plan\.txt” came without its content/],
    "large files": [{ attachments: [{ ...PLAN, size: 14_000_000 }] }, /too large to be sealed in Outlook/],
    "a long text": [{ text: TEXT + "x".repeat(1_000_000) }, /too long to be sealed in Outlook/],
    "a long body": [{ html: `${HTML}<!--${"x".repeat(1_000_000)}-->` }, /too long to be sealed in Outlook/],
    "S/MIME": [{ itemClass: "IPM.Note.SMIME" }, /already encrypted or signed in another way/],
    "a file of that name": [{ attachments: [file("encrypted.asc", "mine")] }, /has the name of the sealed one/],
  };
  for (const [what, [draft, told]] of Object.entries(CASES)) {
    const { it, story } = sealing(draft);
    const before = structuredClone(it.item);
    const said = await it.fire();
    assert.ok(isHeld(said), what);
    assert.match(said.errorMessage, told);
    assert.match(said.errorMessage, /still here, unchanged/);
    assert.ok(isWhole(it.item, story.draft), what);
    assert.deepEqual(it.item.attachments.map(({ name }) => name), before.attachments.map(({ name }) => name));
    assert.equal(it.item.headers["x-last-look-sealed"], undefined);
  }
});

test("a file larger than it said is sealed only after the check of its true size", async () => {
  const { it, opened } = sealing({ attachments: [{ ...PLAN, size: 5 }] });
  assert.ok(isSent(await it.fire()));
  const [first, second, third] = it.requests.map(({ url, body }) => [url.split("/v1/")[1], body.draft.attachments[0].size]);
  const size = Buffer.from(PLAN.content, "base64").length;
  assert.deepEqual([first, second, third], [["check", 5], ["check", size], ["seal", size]]);
  assert.match(it.requests[1].body.review, /"size":5/);
  assert.equal(it.requests[1].body.carry, it.requests[0].body.carry);
  assert.equal(opened.length, 1);
});

test("doubts about the true size are told like any others", async () => {
  let asked = 0;
  const set = serviceOf({});
  const http = (request) => {
    asked += 1;
    if (asked !== 2) return set(request);
    const reply = set(request);
    return { body: { ...reply.body, verdict: "block" } };
  };
  const { it, story } = sealing({ attachments: [{ ...PLAN, size: 5 }] }, { http });
  const said = await it.fire();
  assert.ok(isHeld(said));
  assert.match(said.errorMessage, /cannot go as it is/);
  assert.ok(isWhole(it.item, story.draft));
});

test("a message that has changed while it was sealed stays as it is", async () => {
  for (const change of [
    (item) => { item.to = [person("eve@elsewhere.example")]; },
    (item) => { item.text += "One more line.\n"; },
    (item) => { item.subject = "Another"; },
    (item) => { item.attachments = [...item.attachments, { ...PLAN, id: "new" }]; },
  ]) {
    const set = serviceOf({});
    const { it } = sealing({ attachments: [REPORT] }, { http: (asked) => {
      if (asked.url.endsWith("/seal")) change(it.item);
      return set(asked);
    } });
    const said = await it.fire();
    assert.ok(isHeld(said));
    assert.match(said.errorMessage, /was changed while Last Look was looking at it/);
    assert.ok(it.item.text.includes(SECRET));
    assert.ok(!it.item.attachments.some(({ name }) => name === "encrypted.asc"));
  }
});

test("nothing takes the draft's place but one sealed file", async () => {
  const one = sealed().attachments[0];
  for (const body of [
    sealed({ attachments: [] }), sealed({ attachments: [one, one] }), sealed({ attachments: null }), sealed({ text: "" }),
    sealed({ text: "caf\u00e9" }), sealed({ outer: {} }), sealed({ outer: { subject: "x".repeat(256) } }), [], null, "x",
    sealed({ attachments: [{ ...one, name: "../encrypted.asc" }] }), sealed({ attachments: [{ ...one, name: "e.exe" }] }),
    sealed({ attachments: [{ ...one, base64: REPORT.content }] }), sealed({ attachments: [{ ...one, base64: `${one.base64}=` }] }),
    sealed({ attachments: [{ ...one, base64: one.base64.slice(0, 34) }] }),
  ]) {
    const set = serviceOf({});
    const { it, story } = sealing({ attachments: [REPORT] }, { http: (asked) => (asked.url.endsWith("/seal") ? { body } : set(asked)) });
    const said = await it.fire();
    assert.ok(isHeld(said), JSON.stringify(body));
    assert.match(said.errorMessage, /was not understood/);
    assert.ok(isWhole(it.item, story.draft));
    assert.equal(it.item.attachments.length, 1);
  }
});

test("a lost request for sealing is repeated, word for word, and a refusal is told", async () => {
  const lost = ["error"];
  const set = serviceOf({});
  const { it } = sealing({}, { http: (asked) => (asked.url.endsWith("/seal") && lost.pop()) || set(asked) });
  assert.ok(isSent(await it.fire()));
  assert.deepEqual(it.requests[1].body, it.requests[2].body);
  const refused = outlook(setUp(STORIES["to be sealed, and the service refuses"]));
  assert.match((await refused.fire()).errorMessage, /The key of a reader is not confirmed\. Check again\./);
  const busy = { status: 503, body: { error: { code: "not-sealed", message: "It could not be sealed.", hint: "Try again." } } };
  const other = sealing({}, { http: (asked) => (asked.url.endsWith("/seal") ? busy : set(asked)) });
  assert.match((await other.it.fire()).errorMessage, /It could not be sealed\. Try again\./);
});

test("sealing may take longer than a check, and Outlook is told nothing meanwhile", async () => {
  const set = serviceOf({});
  const { it } = sealing({}, { http: (asked) => (asked.url.endsWith("/seal") ? { ...set(asked), after: 25_000 } : set(asked)) });
  assert.ok(isSent(await it.fire()));
  assert.ok(it.took > 25_000);
});

test("however long Outlook takes, it is answered before it gives up", async () => {
  const late = ["getAttachmentContentAsync", "removeAttachmentAsync", "body.setAsync", "getAttachmentsAsync"];
  for (const name of late) {
    const it = outlook({ ...setUp(STORIES["sealed HTML with a picture and two files"]), broken: { [name]: "hang" } });
    assert.ok(isHeld(await it.fire()), name);
    assert.ok(it.took <= 240_000, `${it.took} ms`);
  }
});

test("without a clock it is sealed all the same", async () => {
  const it = outlook({ ...setUp(STORIES["sealed HTML with a picture and two files"]), clock: false });
  assert.ok(isSent(await it.fire()));
  assert.ok(isSealed(it.item));
});

test("a sealed message that Outlook kept goes as it is, without another look", async () => {
  for (const name of ["sealed text", "sealed HTML with a picture and two files"]) {
    const first = outlook(setUp(STORIES[name]));
    await first.fire();
    for (const more of [{}, { broken: { "internetHeaders.getAsync": "fail" } }, { broken: { "sessionData.getAllAsync": "hang" } },
      { token: null, unpaired: "hold" }]) {
      const again = outlook({ item: first.item, http: [], ...more });
      assert.ok(isSent(await again.fire()), JSON.stringify(more));
      assert.equal(again.requests.length, 0);
    }
  }
});

test("a sealed message that was changed does not go, and it is said what to do", async () => {
  for (const change of [
    (item) => { item.to = [...item.to, person("eve@elsewhere.example")]; },
    (item) => { item.bcc = [person("eve@elsewhere.example")]; },
    (item) => { item.text += SECRET; },
    (item) => { item.subject = "Re K (a child)"; },
    (item) => { item.attachments = []; },
    (item) => { item.attachments = [...item.attachments, { ...PLAN, id: "new" }]; },
  ]) {
    const { it } = sealing({});
    await it.fire();
    change(it.item);
    for (const more of [{}, { token: null, unpaired: "send" }]) {
      const said = await outlook({ item: it.item, http: serviceOf({}), ...more }).fire();
      assert.ok(isHeld(said));
      assert.match(said.errorMessage, /was sealed, and then changed.*\n\nStart a new message/);
    }
  }
});

test("of one draft another is never made: stamps differ where the message differs", async () => {
  const stamps = new Set();
  for (const draft of [{}, { to: [person("other@chambers.example")] }, { cc: [person("other@chambers.example")] }]) {
    const { it } = sealing(draft);
    await it.fire();
    stamps.add(it.item.headers["x-last-look-sealed"]);
  }
  assert.equal(stamps.size, 3);
});

test("Outlook's own way with a text, its line ends and spaces, is no change", async () => {
  const { it } = sealing({});
  await it.fire();
  it.item.text = NOTICE.replace(/\n/g, "\r\n").replace("in the", "in\u00A0the") + "\r\n";
  assert.ok(isSent(await outlook({ item: it.item, http: [] }).fire()));
});

test("nothing is taken out before the sealed file is seen to be there", async () => {
  const it = outlook({ ...setUp(STORIES["sealed text with two files"]), broken: { addFileAttachmentFromBase64Async: "empty" } });
  assert.ok(isHeld(await it.fire()));
  const changes = it.calls.filter((name) => /^removeAttachment|^(body|subject)\.set/.test(name));
  assert.deepEqual(changes, []);
});

test("what was given up is not gone on with: nothing is taken out while things are put back", async () => {
  const attachments = Array.from({ length: 8 }, (_, at) => file(`plan ${at}.txt`, `plan ${at}: ${SECRET}`));
  const draft = { subject: "Re K", text: TEXT, attachments };
  const sound = outlook(setUp({ draft }));
  await sound.fire();
  const from = sound.calls.indexOf("addFileAttachmentFromBase64Async") + 1;
  const it = outlook({ ...setUp({ draft }), dead: { from, way: 14_000 } });
  const said = await it.fire();
  judge(it.item, { draft }, said, "slow");
  assert.ok(isHeld(said));
  const changes = it.calls.filter((name) => /^(add|remove)Attachment|^addFile/.test(name));
  const back = changes.lastIndexOf("removeAttachmentAsync") + 1;
  assert.ok(back > 2, "some were taken out");
  assert.deepEqual([...new Set(changes.slice(1, back))], ["removeAttachmentAsync"]);
  assert.ok(changes.length > back, "and some put back");
});
