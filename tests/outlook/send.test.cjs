// What happens when somebody presses Send in Outlook.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { SERVICE, answer, finding, isHeld, isSent, isSoft, outlook, person } = require("./standin.cjs");

const READS = [
  "from.getAsync", "to.getAsync", "cc.getAsync", "bcc.getAsync", "subject.getAsync", "body.getAsync",
  "getAttachmentsAsync",
];
const WAYS = ["fail", "throw", "hang", "nothing", "empty"];
const POLICIES = ["hold", "send-with-notice"];
const heard = (unreachable, sealing = false) => ({ "last-look": JSON.stringify({ unreachable, sealing }) });
const confirm = (...findings) => ({ body: answer({ verdict: "confirm", findings }) });
const required = (more) => answer({ ...more, encryption: { required: true, because: [], possible: false, readers: null } });

test("it loads where there is nothing but the language of 2016 and Office", () => {
  assert.deepEqual(Object.keys(outlook().handlers).sort(), [
    "onMessageAttachmentsChangedHandler", "onMessageDecryptHandler", "onMessageRecipientsChangedHandler",
    "onMessageSendHandler", "onNewMessageComposeHandler",
  ]);
});

test("an ordinary mail goes, after one question that holds the draft", async () => {
  const it = outlook();
  assert.deepEqual({ ...(await it.fire()) }, { allowEvent: true });
  assert.equal(it.requests.length, 1);
  const [{ method, url, headers, body }] = it.requests;
  assert.equal(`${method} ${url}`, `POST ${SERVICE}/v1/check`);
  assert.deepEqual(headers, { "Content-Type": "application/json", Authorization: "Bearer desk.s3cret" });
  assert.deepEqual(body, {
    purpose: "send",
    draft: {
      from: { address: "ann.lee@council.example", name: "Ann Lee" },
      subject: "Minutes",
      attachments: [{ name: "report.pdf", size: 18231, type: "application/octet-stream" }],
      text: "Hello,\n\nhere are the minutes.\n",
      to: [{ address: "p.tan@chambers.example", name: "" }],
      cc: [],
      bcc: [],
    },
    carry: it.item.headers["x-last-look-draft"],
    answers: [],
    client: { name: "outlook", version: "16.0.1 (1.1.0.2)" },
  });
  assert.match(body.carry, /^[0-9a-f]{32}$/);
  assert.equal(it.session["last-look-draft"], body.carry);
  const [told] = it.reports;
  assert.equal(it.reports.length, 1);
  assert.deepEqual(told.body, { outcome: "handed-over", draft: body.draft, review: "opaque" });
  assert.ok(it.took < 100, `${it.took} ms`);
});

test("all three fields are asked about", async () => {
  const it = outlook({ draft: { cc: [person("c@council.example")], bcc: [person("b@council.example")] } });
  await it.fire();
  const { to, cc, bcc } = it.requests[0].body.draft;
  assert.deepEqual([to, cc, bcc].map(([one]) => one.address),
    ["p.tan@chambers.example", "c@council.example", "b@council.example"]);
});

for (const policy of POLICIES) {
  for (const read of READS) {
    for (const way of WAYS) {
      test(`${read}: ${way}, policy ${policy}: what cannot be seen is held`, async () => {
        const it = outlook({ broken: { [read]: way }, session: heard(policy), settings: { "last-look": policy } });
        const said = await it.fire();
        // A message need not have a subject: none reads as an empty one, and is asked about so.
        const asEmpty = way === "empty" && read === "subject.getAsync";
        if (asEmpty) assert.ok(isSent(said));
        else assert.ok(isHeld(said), JSON.stringify(said));
        assert.equal(it.requests.length, asEmpty ? 1 : 0);
        assert.ok(it.took <= 4000);
      });
    }
  }
}

test("a callback that comes twice changes nothing", async () => {
  const it = outlook({ broken: Object.fromEntries(READS.map((read) => [read, "twice"])) });
  assert.ok(isSent(await it.fire()));
  assert.equal(it.requests.length, 1);
});

const SILENT = {
  "no network": ["error", "error"],
  aborted: ["abort", "abort"],
  "a request that throws": ["throw", "throw"],
  "no answer": ["hang", "hang"],
  "not even a timeout": ["deaf", "deaf"],
  "an answer too late": [{ body: answer(), after: 9000 }, { body: answer(), after: 9000 }],
  "503 twice": [{ status: 503, body: {} }, { status: 503, body: {} }],
  "a gateway's page": [{ status: 502, text: "<html>" }, { status: 504, text: "" }],
  "403": [{ status: 403, body: { error: { code: "wrong-origin", message: "m", hint: "h" } } }],
  "413": [{ status: 413, body: { error: { code: "too-large", message: "m", hint: "h" } } }],
  "422 without an error": [{ status: 422, body: { detail: "x" } }],
  "500": [{ status: 500, text: "oops" }],
  "204": [{ status: 204, text: "" }],
  "201 with a verdict": [{ status: 201, body: answer() }],
  "a page": [{ text: "<html>please log in</html>" }],
  "half an answer": [{ text: JSON.stringify(answer()).slice(0, -5) }],
  "null": [{ body: null }],
  "a list": [{ body: [answer()] }],
  "a text": [{ body: "allow" }],
  "an answer from elsewhere": [{ body: answer(), url: "https://portal.example/login" }],
  "an answer from a host that begins alike": [{ body: answer(), url: `${SERVICE}.evil.example/v1/check` }],
};
const WRONG = {
  verdict: [undefined, "Allow", "allow ", null, true, ["allow"], "toString"],
  findings: [undefined, null, {}, [null], [{}], "none"],
  encryption: [undefined, null, true, {}, { required: "no" }, { required: null }, []],
  unreachable: [undefined, "open", null, "Hold"],
  reference: [undefined, 7, {}],
};
for (const [key, values] of Object.entries(WRONG)) {
  for (const value of values) {
    SILENT[`${key}: ${JSON.stringify(value)}`] = [{ body: { ...answer(), [key]: value } }];
  }
}
for (const [key, value] of [["severity", "grave"], ["message", 7], ["advice", null], ["code", null], ["about", "to"], ["about", {}], ["about", { address: 7 }], ["about", undefined], ["ask", 1], ["ask", undefined]]) {
  SILENT[`a finding's ${key}: ${JSON.stringify(value)}`] = [confirm(finding({ [key]: value }))];
}
SILENT["a question without questions"] = [{ body: answer({ verdict: "confirm" }) }];
SILENT["a question already answered"] = [confirm(finding({ ask: null }))];

for (const [what, http] of Object.entries(SILENT)) {
  test(`${what}: held, or sent with a notice, as the organisation said before`, async () => {
    for (const [sets, policy, isRight] of [
      ["1.16", "hold", isHeld], ["1.12", "hold", isHeld],
      ["1.16", "send-with-notice", isSoft], ["1.14", "send-with-notice", isSoft],
      ["1.13", "send-with-notice", isSent], ["1.12", "send-with-notice", isSent],
    ]) {
      for (const kept of [{ session: heard(policy) }, { settings: { "last-look": policy } }, { neverHeard: policy }]) {
        const it = outlook({ http, sets, ...kept });
        const said = await it.fire();
        assert.ok(isRight(said), `${sets} ${policy} ${JSON.stringify(said)}`);
        assert.ok(it.took <= 4000, `${it.took} ms`);
        assert.ok(it.requests.length <= 2);
      }
    }
  });
}

test("one lost question is asked again", async () => {
  for (const lost of ["error", "abort", "throw", "hang", "deaf", { status: 503, body: {} }]) {
    const it = outlook({ http: [lost, { body: answer() }] });
    assert.ok(isSent(await it.fire()), JSON.stringify(lost));
    assert.equal(it.requests.length, 2);
    assert.deepEqual(it.requests[0].body, it.requests[1].body);
    assert.ok(it.took <= 4000);
  }
});

test("what was answered is not asked again", async () => {
  for (const http of [{ status: 401, body: {} }, { status: 422, body: {} }, { text: "?" },
    { body: answer(), url: "https://portal.example/" }]) {
    const it = outlook({ http: [http, { body: answer() }], unpaired: "hold" });
    assert.ok(isHeld(await it.fire()));
    assert.equal(it.requests.length, 1);
  }
});

test("a slow Outlook and a silent service together stay within the time", async () => {
  const broken = Object.fromEntries([...READS, "sessionData.getAllAsync"].map((read) => [read, "slow"]));
  const it = outlook({ broken, http: ["deaf", "deaf"] });
  assert.ok(isHeld(await it.fire()));
  assert.ok(it.took <= 4000, `${it.took} ms`);
});

test("an answer after the last moment is not given twice", async () => {
  for (const name of ["look", "collect", "decided", "unanswered", "sameReaders"]) {
    const it = outlook({ late: { [name]: 6000 }, http: [name === "unanswered" ? { text: "?" } : { body: answer() }] });
    assert.ok(isHeld(await it.fire()), name);
    assert.ok(it.took <= 4000, `${it.took} ms`);
  }
});

test("a token that does not come is a service that does not answer", async () => {
  const it = outlook({ late: { token: 6000 }, neverHeard: "send-with-notice" });
  const said = await it.fire();
  assert.ok(isSoft(said));
  assert.match(said.errorMessage, /cannot be reached/);
  assert.ok(it.took <= 4000);
});

test("without a clock, the request's own deadline still answers", async () => {
  const it = outlook({ clock: false, http: ["hang", "hang"] });
  assert.ok(isHeld(await it.fire()));
  assert.ok(it.took <= 4000);
  assert.ok(isSent(await outlook({ clock: false }).fire()));
});

test("nothing that remembering does harms a send", async () => {
  for (const broken of ["sessionData.setAsync", "roamingSettings.saveAsync", "roamingSettings.get"]) {
    for (const way of [...WAYS, "slow"]) {
      const it = outlook({ broken: { [broken]: way } });
      assert.ok(isSent(await it.fire()), `${broken} ${way}`);
      assert.ok(it.took < 1000);
      const doubt = outlook({ broken: { [broken]: way }, http: [{ body: answer({ verdict: "block" }) }] });
      assert.ok(isHeld(await doubt.fire()), `${broken} ${way}`);
    }
  }
});

test("where the session cannot be read, nobody knows whether to seal: held", async () => {
  for (const way of [...WAYS.filter((one) => one !== "empty"), "slow"]) {
    const it = outlook({ broken: { "sessionData.getAllAsync": way }, http: [], neverHeard: "send-with-notice",
      settings: { "last-look": "send-with-notice" } });
    assert.ok(isHeld(await it.fire()), way);
  }
  for (const garbled of ["{", "null", "{}", '{"unreachable":"open"}', ""]) {
    const it = outlook({ session: { "last-look": garbled }, http: [], neverHeard: "send-with-notice" });
    assert.ok(isHeld(await it.fire()), garbled);
  }
});

test("a mail known to need sealing does not go while the service is silent", async () => {
  const it = outlook({ session: heard("send-with-notice", true), http: [] });
  assert.ok(isHeld(await it.fire()));
  const unsure = outlook({ session: { "last-look": '{"unreachable":"send-with-notice"}' }, http: [] });
  assert.ok(isHeld(await unsure.fire()));
});

test("what was heard last counts, this draft's before the mailbox's before the build's", async () => {
  const draft = outlook({ session: heard("hold"), settings: { "last-look": "send-with-notice" }, http: [] });
  assert.ok(isHeld(await draft.fire()));
  const box = outlook({ settings: { "last-look": "hold" }, neverHeard: "send-with-notice", http: [] });
  assert.ok(isHeld(await box.fire()));
  const nonsense = outlook({ settings: { "last-look": "open" }, http: [] });
  assert.ok(isHeld(await nonsense.fire()));
});

test("an answer is remembered for the next silence, without a name", async () => {
  const it = outlook({ http: [{ body: answer({ unreachable: "send-with-notice" }) }] });
  assert.ok(isSent(await it.fire()));
  assert.deepEqual(it.session["last-look"], heard("send-with-notice")["last-look"]);
  assert.deepEqual({ ...it.saved }, { "last-look": "send-with-notice" });
  it.outage();
  assert.ok(isSoft(await it.fire()));
});

test("settings are saved only when they change", async () => {
  const it = outlook({ settings: { "last-look": "hold" } });
  await it.fire();
  assert.ok(!it.calls.includes("roamingSettings.saveAsync"));
});

test("nobody has introduced this Outlook: said plainly, as the organisation wants, and nobody is asked", async () => {
  const cannotBeSeen = { draft: { to: [], bcc: [person("")] }, broken: { "body.getAsync": "hang" } };
  for (const [unpaired, isRight] of [["hold", isHeld], ["send-with-notice", isSoft], ["send", isSent]]) {
    for (const more of [{}, cannotBeSeen, { neverHeard: "hold" }, { runtime: false }]) {
      const it = outlook({ token: null, unpaired, ...more });
      const said = await it.fire();
      assert.ok(isRight(said), `${unpaired} ${JSON.stringify(more)} ${JSON.stringify(said)}`);
      assert.equal(it.requests.length + it.reports.length, 0);
      if (unpaired === "send") continue;
      assert.match(said.errorMessage, /has not been introduced to Last Look/);
      assert.equal(said.commandId, "lastLookPane");
      assert.equal(said.cancelLabel, "Open Last Look");
    }
  }
  assert.ok(isSent(await outlook({ token: null, unpaired: "send-with-notice", sets: "1.13" }).fire()));
  assert.ok(isHeld(await outlook({ token: null, unpaired: "hold", sets: "1.13" }).fire()));
});

test("an access that has ended is not the same as none, and is said", async () => {
  for (const [unpaired, isRight] of [["hold", isHeld], ["send-with-notice", isSoft], ["send", isSent]]) {
    const it = outlook({ http: [{ status: 401, body: {} }], unpaired });
    const said = await it.fire();
    assert.ok(isRight(said), unpaired);
    if (unpaired !== "send") assert.match(said.errorMessage, /access to Last Look has ended/);
    assert.equal(it.requests.length, 1);
  }
});

test("what is known to need sealing does not go because nobody is paired any more", async () => {
  for (const more of [{ token: null }, { http: [{ status: 401, body: {} }] }]) {
    for (const unpaired of ["send", "send-with-notice"]) {
      assert.ok(isHeld(await outlook({ ...more, unpaired, session: heard("hold", true) }).fire()));
    }
  }
});

test("the token is found where it is kept, and where it is kept still", async () => {
  const bearer = (it) => it.requests[0].headers.Authorization;
  for (const how of [{}, { tokenIn: "roaming" }, { tokenIn: "roaming", runtime: false },
    ...["fail", "throw", "hang"].map((way) => ({ tokenIn: "roaming", broken: { "storage.getItem": way } }))]) {
    const it = outlook(how);
    assert.ok(isSent(await it.fire()), JSON.stringify(how));
    assert.equal(bearer(it), "Bearer desk.s3cret");
  }
  const entra = outlook({ token: null, entra: "an-application" });
  assert.ok(isSent(await entra.fire()));
  assert.equal(bearer(entra), "Bearer header.claims.signature");
  const brought = outlook({ entra: "an-application" });
  await brought.fire();
  assert.equal(bearer(brought), "Bearer desk.s3cret");
  for (const way of ["fail", "throw", "hang"]) {
    const it = outlook({ token: null, entra: "an-application", unpaired: "hold", broken: { "auth.getAccessToken": way } });
    assert.match((await it.fire()).errorMessage, /has not been introduced/);
    assert.ok(it.took <= 4000);
  }
});

test("a token is kept in both places, found again, and forgotten in both", async () => {
  const it = outlook({ token: null });
  const kept = it.script.keepToken("desk.other");
  await Promise.all([kept, it.run()]);
  assert.deepEqual([it.storage["last-look-token"], it.saved["last-look-token"]], ["desk.other", "desk.other"]);
  assert.ok(isSent(await it.fire()));
  await Promise.all([it.script.keepToken(null), it.run()]);
  assert.deepEqual([it.storage, { ...it.saved }["last-look-token"]], [{}, undefined]);
});

test("one place that takes the token is enough; to forget it, both are needed", async () => {
  for (const [broken, keeps, forgets] of [
    [{ "storage.setItem": "fail", "storage.removeItem": "fail" }, true, false],
    [{ "roamingSettings.saveAsync": "fail" }, true, false],
    [{ "storage.setItem": "throw", "storage.removeItem": "throw", "roamingSettings.saveAsync": "throw" }, false, false],
  ]) {
    const it = outlook({ broken });
    const ends = (work) => work.then(() => true, () => false);
    const [kept] = await Promise.all([ends(it.script.keepToken("x.y")), it.run()]);
    const [forgotten] = await Promise.all([ends(it.script.keepToken(null)), it.run()]);
    assert.deepEqual([kept, forgotten], [keeps, forgets], JSON.stringify(broken));
  }
});

test("the same draft keeps its number, in the header or in the session, whichever can be read", async () => {
  const id = "0123456789abcdef0123456789abcdef";
  for (const how of [
    { headers: { "x-last-look-draft": id } }, { session: { "last-look-draft": id } },
    { headers: { "x-last-look-draft": id }, broken: { "sessionData.getAllAsync": "fail" } },
    { session: { "last-look-draft": id }, broken: { "internetHeaders.getAsync": "hang" } },
    { headers: { "x-last-look-draft": id }, session: { "last-look-draft": id.replace(/0/g, "f") } },
  ]) {
    const it = outlook(how);
    assert.ok(isSent(await it.fire()));
    assert.equal(it.requests[0].body.carry, id);
  }
  for (const odd of ["", "x", `${id}0`, id.toUpperCase()]) {
    const it = outlook({ headers: { "x-last-look-draft": odd } });
    await it.fire();
    assert.match(it.requests[0].body.carry, /^[0-9a-f]{32}$/);
    assert.notEqual(it.requests[0].body.carry, odd);
  }
  const ids = await Promise.all([1, 2, 3].map(async () => {
    const it = outlook();
    await it.fire();
    return it.requests[0].body.carry;
  }));
  assert.equal(new Set(ids).size, 3);
});

test("a number that cannot be kept keeps no mail", async () => {
  for (const name of ["internetHeaders.setAsync", "sessionData.setAsync"]) {
    for (const way of WAYS) {
      const it = outlook({ broken: { [name]: way } });
      assert.ok(isSent(await it.fire()), `${name} ${way}`);
    }
  }
});

test("where neither header nor session can be read, nobody knows what was done to the message: held", async () => {
  for (const way of ["fail", "throw", "hang", "empty", "nothing"]) {
    const it = outlook({ broken: { "internetHeaders.getAsync": way, "sessionData.getAllAsync": way } });
    assert.ok(isHeld(await it.fire()), way);
    assert.equal(it.requests.length, 0);
    assert.ok(it.took <= 4000);
  }
});

test("readers who changed while the message was looked at keep it", async () => {
  for (const field of ["to", "cc", "bcc"]) {
    const it = outlook({ http: () => {
      it.item[field] = [...it.item[field], person("eve@elsewhere.example")];
      return { body: answer() };
    } });
    const said = await it.fire();
    assert.ok(isHeld(said), field);
    assert.match(said.errorMessage, /was changed while Last Look was looking.*\n\nThen press Send again/);
    assert.equal(it.reports.length, 0);
  }
  const sound = outlook();
  await sound.fire();
  const second = sound.calls.lastIndexOf("to.getAsync") + 1;
  assert.ok(second > sound.calls.indexOf("to.getAsync") + 1);
  for (const way of WAYS) {
    const it = outlook({ faults: { [second]: way } });
    assert.ok(isHeld(await it.fire()), way);
    assert.ok(it.took <= 4000);
  }
});

test("a report that is not heard holds no mail, and is not waited for", async () => {
  for (const sent of ["error", "throw", "hang", "deaf", { status: 503, body: {} }, { status: 401, body: {} }, { text: "?" }]) {
    const it = outlook({ sent });
    assert.ok(isSent(await it.fire()), JSON.stringify(sent));
    assert.equal(it.reports.length, 1);
    assert.ok(it.took < 1200, `${it.took} ms`);
  }
  const late = outlook({ http: [{ body: answer(), after: 3300 }, { body: answer(), after: 3300 }], sent: "deaf" });
  await late.fire();
  assert.ok(late.took <= 4000);
});

test("what the service refuses with is said", async () => {
  const error = { code: "bad-sender", message: "The sender's address is not one.", hint: "Choose another." };
  const said = await outlook({ http: [{ status: 422, body: { error } }] }).fire();
  assert.ok(isHeld(said));
  assert.match(said.errorMessage, /The sender's address is not one\. Choose another\./);
});

test("a doubt is told, with its reference, and the pane is one click away, at the doubt", async () => {
  for (const ask of ["choose", "acknowledge"]) {
    const less = finding({ id: "f0", severity: "note", ask: null });
    const said = await outlook({ http: [confirm(less, finding({ ask }))] }).fire();
    assert.equal(isSoft(said), ask === "acknowledge");
    assert.equal(said.commandId, "lastLookPane");
    assert.deepEqual(JSON.parse(said.contextData), { finding: "f1" });
    assert.match(said.errorMessage, /You have not written to p\.tan@chambers\.example before\./);
    assert.match(said.errorMessage, /The directory has p\.tann@chambers\.example\./);
    assert.match(said.errorMessage, /K7-Q2/);
    assert.equal(said.cancelLabel, "Open Last Look");
  }
});

test("a choice between two addresses is never a tired click", async () => {
  assert.ok(isHeld(await outlook({ http: [confirm(finding())] }).fire()));
  assert.ok(isHeld(await outlook({ http: [confirm(finding(), finding({ ask: "acknowledge" }))] }).fire()));
});

test("it is said which address is meant, once", async () => {
  const message = "You have not written to this address.";
  const said = await outlook({ http: [confirm(finding({ message }))] }).fire();
  assert.match(said.errorMessage, /• p\.tan@chambers\.example: You have not written to this address\./);
  const named = await outlook({ http: [confirm(finding({ advice: "" }))] }).fire();
  assert.equal(named.errorMessage.split("p.tan@chambers.example").length, 2);
  const nobody = await outlook({ http: [confirm(finding({ message, about: null }))] }).fire();
  assert.match(nobody.errorMessage, /• You have not/);
});

test("an older Outlook, which cannot soften, holds", async () => {
  for (const sets of ["1.12", "1.13"]) {
    const said = await outlook({ sets, http: [confirm(finding({ ask: "acknowledge" }))] }).fire();
    assert.ok(isHeld(said));
    assert.deepEqual(Object.keys(said), ["allowEvent", "errorMessage"]);
  }
});

test("what asks for more than a click is never softened", async () => {
  for (const ask of ["choose", "retype", "name", "confirm-key", "reason", "something-new", "indexOf"]) {
    assert.ok(isHeld(await outlook({ http: [confirm(finding({ ask }))] }).fire()), ask);
    assert.ok(isHeld(await outlook({ http: [confirm(finding({ ask: "acknowledge" }), finding({ ask }))] }).fire()), ask);
  }
});

test("nothing that needs sealing is softened", async () => {
  for (const verdict of ["confirm", "block"]) {
    const body = required({ verdict, findings: [finding({ ask: "acknowledge" })] });
    const said = await outlook({ http: [{ body }] }).fire();
    assert.ok(isHeld(said), verdict);
    assert.match(said.errorMessage, /is to be sealed/);
  }
});

test("a block stays a block", async () => {
  for (const findings of [[], [finding({ severity: "stop", ask: null })], [finding()]]) {
    assert.ok(isHeld(await outlook({ http: [{ body: answer({ verdict: "block", findings }) }] }).fire()));
  }
});

test("an address that Outlook does not show is refused with what to do, before anybody is asked", async () => {
  for (const field of ["to", "cc", "bcc"]) {
    for (const empty of ["", "  ", undefined, null]) {
      const it = outlook({ draft: { [field]: [person("a@b.example"), person(empty, "Project board")] } });
      const said = await it.fire();
      assert.ok(isHeld(said));
      assert.match(said.errorMessage, /The address behind “Project board” cannot be seen.*open it with the \+/);
      assert.equal(it.requests.length, 0);
    }
  }
  const none = outlook({ draft: { to: [] } });
  const said = await none.fire();
  assert.ok(isHeld(said));
  assert.match(said.errorMessage, /shows no recipients.*choose it again/);
  const nobody = await outlook({ draft: { from: person("") } }).fire();
  assert.match(nobody.errorMessage, /Choose the From address again/);
  assert.ok(isHeld(nobody));
});

test("where Outlook may show only some of the recipients, the mail is held", async () => {
  const crowd = (count) => Array.from({ length: count }, (_, at) => person(`p${at}@council.example`));
  for (const [sets, count, isRight] of [
    ["1.15", 499, isSent], ["1.15", 500, isHeld], ["1.16", 500, isSent], ["1.16", 999, isSent], ["1.16", 1000, isHeld],
  ]) {
    for (const field of ["to", "cc", "bcc"]) {
      assert.ok(isRight(await outlook({ sets, draft: { [field]: crowd(count) } }).fire()), `${sets} ${count}`);
    }
  }
});

test("every text fits into Outlook's limit, gravest first, and keeps its reference", async () => {
  const longs = ["", "x".repeat(10), "x ".repeat(150), "x".repeat(2000), "\u{1F600}".repeat(400), "a\n".repeat(300)];
  for (const sets of ["1.12", "1.14", "1.16"]) {
    for (const long of longs) {
      for (const count of [1, 2, 3, 7, 60]) {
        const findings = Array.from({ length: count }, (_, at) => finding({ about: null, message: `No ${at}. ${long}` }));
        findings.push(finding({ about: null, severity: "stop", ask: null, message: `Gravest. ${long}` }));
        const said = await outlook({ sets, http: [{ body: answer({ verdict: "block", findings }) }] }).fire();
        for (const text of [said.errorMessage, said.errorMessageMarkdown ?? said.errorMessage]) {
          assert.match(text, /cannot go as it is.*\n\n[•-] Gravest/);
          assert.match(text, /K7-Q2$/);
          const told = (text.match(/^[•-] /gm) ?? []).length;
          assert.ok(told >= 1);
          const more = /and (\d+) more/.exec(text);
          if (more) assert.equal(Number(more[1]) + told - 1, count + 1, text);
          else assert.equal(told, count + 1, text);
        }
      }
    }
  }
  const loud = answer({ verdict: "block", reference: "R".repeat(5000) });
  assert.ok(isHeld(await outlook({ http: [{ body: loud }] }).fire()));
});

test("Markdown comes with 1.15, beside the plain text", async () => {
  const { errorMessageMarkdown } = await outlook({ sets: "1.15", http: [confirm(finding())] }).fire();
  assert.match(errorMessageMarkdown, /^\*\*Please look again.*\*\*\n\n- You have not/);
  assert.equal((await outlook({ sets: "1.14", http: [confirm(finding())] }).fire()).errorMessageMarkdown, undefined);
});

test("what would read as markup is shown as it is, in plain text alone", async () => {
  for (const message of ["[your bank](https://evil.example)", "ann_lee_@x.example", "*bold*", "<b>", "`x`", "a\\b", "# x", "a|b", "~x~"]) {
    const said = await outlook({ http: [confirm(finding({ message }))] }).fire();
    assert.equal(said.errorMessageMarkdown, undefined);
    assert.ok(said.errorMessage.includes(message), message);
  }
});

test("characters that are not seen, or turn the line around, are shown", async () => {
  const said = await outlook({ http: [confirm(finding({ message: "p\u202Etan\u200B@x\u00AD.example\u0007" }))] }).fire();
  assert.match(said.errorMessage, /p‹U\+202E›tan‹U\+200B›@x‹U\+00AD›\.example‹U\+0007›/);
  const name = await outlook({ draft: { cc: [person("", "B\u202Eard")] } }).fire();
  assert.match(name.errorMessage, /B‹U\+202E›ard/);
});

test("what is longer than the service takes is cut, never in the middle of a character", async () => {
  const it = outlook({ draft: {
    subject: "s".repeat(20_000), text: `${"x".repeat(999_999)}\u{1F600}`, to: [person("a@b.example", "n".repeat(5000))],
    attachments: [{ name: "\uD83D.pdf", size: -1 }, { name: undefined, size: undefined }],
  } });
  await it.fire();
  const { draft } = it.requests[0].body;
  assert.equal(draft.subject.length, 10_000);
  assert.equal(draft.text.length, 1_000_000);
  assert.ok(draft.text.endsWith("x\uFFFD"));
  assert.equal(draft.to[0].name.length, 1000);
  assert.deepEqual(draft.attachments.map(({ name, size }) => [name, size]), [["\uFFFD.pdf", 0], ["", 0]]);
});

test("an Outlook that does not say which it is is served all the same", async () => {
  const it = outlook({ diagnostics: {} });
  assert.ok(isSent(await it.fire()));
  assert.deepEqual(it.requests[0].body.client, { name: "outlook", version: " (1.1.0.2)" });
});

test("a typed space around an address changes nothing", async () => {
  const it = outlook({ draft: { to: [person(" p.tan@chambers.example ")] } });
  await it.fire();
  assert.equal(it.requests[0].body.draft.to[0].address, "p.tan@chambers.example");
});
