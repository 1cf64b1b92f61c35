// A suite of very many cases: node:test follows every promise, which takes longer than they do.
"use strict";

const cases = [];

/** A case; they run one after another, in their order, once all are there. */
function test(name, work) {
  if (cases.push([name, work]) === 1) process.nextTick(run);
}

async function run() {
  const failed = [];
  for (const [name, work] of cases) {
    try {
      await work();
    } catch (problem) {
      failed.push(name);
      console.log(`not ok - ${name}\n`, problem);
    }
  }
  console.log(`# pass ${cases.length - failed.length}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

module.exports = { test };
