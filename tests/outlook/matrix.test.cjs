// Every call of Outlook fails in turn, in every way, in every story; then Send is pressed again.
"use strict";

const assert = require("node:assert/strict");
const { outlook } = require("./standin.cjs");
const { STORIES, isCiphertext, isUntouched, judge, setUp } = require("./stories.cjs");
const { test } = require("./suite.cjs");

/** `-after`: Outlook does it all the same. `late`: it does it when nobody counts on it any more. */
const WAYS = ["fail", "fail-after", "throw", "hang", "hang-after", "late", "nothing", "empty"];

/** Ways that leave no doubt what Outlook did: after one of them, everything is back in its place. */
const PLAIN_WAYS = ["fail", "fail-after", "throw", "nothing", "empty"];

/** Presses Send, and then again in an Outlook that works. */
async function twice(story, how, where, isPlain = false) {
  const first = outlook({ shared: true, ...setUp(story), ...how });
  const said = await first.fire();
  judge(first.item, story, said, where);
  if (isPlain && !said.allowEvent) assert.ok(isUntouched(first.item, story.draft), `${where}: ${JSON.stringify(said)}`);
  const before = first.item.attachments.some(isCiphertext);
  const second = outlook({ shared: true, ...setUp(story), item: first.item });
  judge(second.item, story, await second.fire(), `${where}, and again`, before);
}

async function callsOf(story) {
  const it = outlook({ shared: true, ...setUp(story) });
  await it.fire();
  return it.calls;
}

for (const [name, story] of Object.entries(STORIES)) {
  for (const way of WAYS) {
    test(`${name}: each call in turn: ${way}`, async () => {
      const calls = await callsOf(story);
      for (let at = 1; at <= calls.length; at += 1) {
        await twice(story, { faults: { [at]: way } }, `${at} (${calls[at - 1]})`, PLAIN_WAYS.includes(way));
      }
    });
  }

  test(`${name}: from one call on, nothing works any more`, async () => {
    const calls = await callsOf(story);
    for (const way of ["hang", "fail", "throw", "hang-after", "fail-after"]) {
      for (let from = 1; from <= calls.length; from += 1) {
        await twice(story, { dead: { from, way } }, `${way} from ${from} (${calls[from - 1]}) on`);
      }
    }
  });
}

const BUSY = STORIES["sealed HTML with a picture and two files"];

test("two calls fail: the second while the draft is put back", async () => {
  const calls = await callsOf(BUSY);
  const writes = calls.map((name, at) => (/set|add|remove/.test(name) ? at + 1 : 0)).filter((at) => at);
  for (const at of writes) {
    for (const way of ["fail", "fail-after", "hang-after"]) {
      for (let next = at + 1; next <= at + 25; next += 1) {
        for (const other of ["fail", "late"]) {
          await twice(BUSY, { faults: { [at]: way, [next]: other } }, `${at} ${way}, ${next} ${other}`);
        }
      }
    }
  }
});

test("from one call on, Outlook is slow: what was given up is not gone on with", async () => {
  const calls = await callsOf(BUSY);
  for (const ms of [2000, 8000, 14_000, 30_000]) {
    for (let from = 1; from <= calls.length; from += 1) {
      await twice(BUSY, { dead: { from, way: ms } }, `${ms} ms from ${from} (${calls[from - 1]}) on`);
    }
  }
});

test("each request is lost, answered with nonsense, or comes too late", async () => {
  const ways = ["error", "throw", "hang", "deaf", { status: 500, text: "?" }, { status: 503, body: {} }, { text: "<html>" },
    { body: null }, { status: 401, body: {} }, { body: {}, after: 400_000 }, { body: { outer: {}, attachments: [] } }];
  for (const [name, story] of Object.entries(STORIES)) {
    for (const way of ways) {
      for (const at of [0, 1, 2, 3]) {
        const set = setUp(story);
        let number = 0;
        const http = (asked) => (number++ === at ? way : set.http(asked));
        await twice(story, { http }, `${name}: request ${at} ${JSON.stringify(way)}`);
      }
      await twice(story, { sent: way }, `${name}: report ${JSON.stringify(way)}`);
    }
  }
});

test("the matrix is as large as it should be", async () => {
  assert.ok((await callsOf(BUSY)).length >= 50, String((await callsOf(BUSY)).length));
  assert.ok((await callsOf(STORIES.plain)).length >= 14);
});
