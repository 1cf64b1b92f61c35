// @ts-check
/** Every step from Thunderbird to a verdict, one after the other, with the way out of each. */

import { Client, deadlineIn } from "./shared/client.js";
import { text } from "./shared/texts.js";
import { canCarry } from "./carrying.js";
import { explain, explainHelper } from "./explain.js";
import { NoConnection, askHelper } from "./helper.js";
import { settings } from "./storage.js";

/** @typedef {import("./shared/client.js").About} About */
/** @typedef {{name: string, outcome: "ok" | "bad" | "skipped", words: string}} Step */

/** Nobody waits with a finger on Send here, and a slow service is told apart from none. */
const TRIAL_MS = 10_000;

/** Made up: nobody of this name is anywhere, and a question while typing leaves no trace. */
const RECIPIENT = "somebody@recipient.example";
const SENDER = "test@sender.example";

/** What answers, and cannot be taken for nobody: its proof, not its port, is what failed. */
const ANSWERED = ["impostor", "refused"];

/** @param {About} about whoever asks a department has to be one of its people */
async function sender({ kind }) {
  if (kind === "desk") return SENDER;
  const [identity] = await messenger.identities.list();
  return identity?.email ?? SENDER;
}

/** @param {Client} client @param {About} about */
async function lookAtMadeUp(client, about) {
  const draft = {
    from: { address: await sender(about), name: "" },
    to: [{ address: RECIPIENT, name: "" }],
    cc: [], bcc: [], subject: "Test", text: "", attachments: [],
  };
  const since = performance.now();
  await client.check({ purpose: "typing", draft, review: null, answers: [] }, deadlineIn(TRIAL_MS));
  return text("testLookMs", Math.round(performance.now() - since));
}

/**
 * @param {(step: Step) => void} tell each step as it is done
 * @returns {Promise<boolean>} whether every step works
 */
export async function runTrial(tell) {
  let failed = false;
  /** @param {string} name @param {Step["outcome"]} outcome @param {string} [words] */
  const done = (name, outcome, words = "") => {
    failed ||= outcome === "bad";
    tell({ name, outcome, words });
  };
  const now = await settings();
  if (now.by === "helper" || !now.token) await tryHelper(now.helperMay, done);
  const { service, token } = await settings();
  const about = token ? await tryService(service, token, done) : skipService(done);
  if (about) done("testSealing", about.sealing ? "ok" : "bad", about.sealing ? "" : text("testSealingHint"));
  else done("testSealing", "skipped");
  const { whole, experiments } = await canCarry();
  const hint = text(experiments ? "testCarryHint" : "testCarryOff");
  done("testCarry", whole ? "ok" : "bad", whole ? "" : hint);
  return !failed;
}

/** @typedef {(name: string, outcome: Step["outcome"], words?: string) => void} Done */

/** @param {boolean} may @param {Done} done */
async function tryHelper(may, done) {
  if (!may) return;
  try {
    await askHelper("connection", false);
    done("testHelper", "ok");
  } catch (problem) {
    const words = problem instanceof NoConnection ? explainHelper(problem.told) : explain(problem);
    done("testHelper", "bad", words);
  }
}

const STEPS = ["testAnswers", "testProves", "testToken", "testLook"];

/** @param {Done} done */
function skipService(done) {
  for (const name of STEPS) done(name, "skipped");
  return null;
}

/**
 * @param {string} service
 * @param {string} token
 * @param {Done} done
 * @returns {Promise<About | null>}
 */
async function tryService(service, token, done) {
  const client = new Client({ service, token, name: "thunderbird", version: "" });
  /** @type {About | null} */
  let about = null;
  let at = 0;
  const works = (words = "") => done(STEPS[at++] ?? "", "ok", words);
  try {
    try {
      await client.prove(deadlineIn(TRIAL_MS));
    } catch (/** @type {any} */ problem) {
      if (ANSWERED.includes(problem.reason)) works();
      throw problem;
    }
    works();
    works();
    about = await client.readAbout(deadlineIn(TRIAL_MS));
    works();
    works(await lookAtMadeUp(client, about));
  } catch (problem) {
    done(STEPS[at++] ?? "", "bad", explain(problem));
    for (const name of STEPS.slice(at)) done(name, "skipped");
  }
  return about;
}
