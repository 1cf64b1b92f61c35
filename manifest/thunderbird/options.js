// @ts-check
/** The page about the connection: what it is, whether it works, and how to make one. */

import { Client, deadlineIn, pair } from "./shared/client.js";
import { counted, fillTexts, text } from "./shared/texts.js";
import { element } from "./shared/words.js";
import { explain, explainHelper } from "./explain.js";
import { facts, showFacts } from "./facts.js";
import { mountLearning } from "./learn.js";
import { mend } from "./mending.js";
import { forgetConnection, savePairing, settings } from "./storage.js";
import { runTrial } from "./trial.js";
import { uncheckedCount } from "./unreported.js";

/** @typedef {import("./shared/client.js").About} About */
/** @typedef {import("./storage.js").Settings} Settings */

/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);

/** Pairing is rare and may meet a service that is still starting. */
const PAIR_MS = 5000;

/** @param {string} state @param {string} detail @param {boolean} [isTrouble] */
function report(state, detail, isTrouble = false) {
  part("connection").classList.toggle("stop", isTrouble);
  part("state").textContent = state;
  part("detail").textContent = detail;
}

/** @param {Settings} now @returns {Client | null} */
function clientOf({ service, token }) {
  return token ? new Client({ service, token, name: "thunderbird", version: "" }) : null;
}

/** @param {Settings} now what there is to press, and what there is to fill in */
function offer({ token, helperMay, service, serviceIsManaged, tokenIsManaged }) {
  part("connect").hidden = !helperMay || Boolean(token);
  part("connect").textContent = text("optionsConnect");
  part("test").hidden = !token;
  part("forget").hidden = !token || tokenIsManaged;
  part("pairing").hidden = Boolean(token);
  part("service").value ||= service;
  part("service").readOnly = serviceIsManaged;
}

/** @param {Settings} now */
function whyNot({ helperMay, helperSaid }) {
  if (helperSaid) return explainHelper(helperSaid);
  return text(helperMay ? "optionsPressConnect" : "optionsNotYet");
}

async function show() {
  const now = await settings();
  offer(now);
  const count = await uncheckedCount();
  part("unchecked").hidden = count === 0;
  part("unchecked-count").textContent = counted("optionsUnchecked", count, count);
  /** @type {About | null} */
  let about = null;
  const client = clientOf(now);
  if (!client) report(text("optionsNotConnected"), whyNot(now));
  else {
    try {
      await client.prove(deadlineIn());
      report(text("optionsConnected"), text("optionsProven", now.service));
      about = await client.readAbout(deadlineIn()).catch(() => null);
    } catch (problem) {
      part("connect").hidden = !now.helperMay;
      part("connect").textContent = text("optionsConnectAgain");
      report(text("optionsTroubled"), explain(problem), true);
    }
  }
  showFacts(part("facts"), await facts(now, about));
}

async function connectByHelper() {
  part("connect").disabled = true;
  report(text("optionsStarting"), "");
  await mend(true);
  part("connect").disabled = false;
  await show();
  if (part("connect").hidden) part("test").focus();
}

/** @param {SubmitEvent} event */
async function connectByCode(event) {
  event.preventDefault();
  const service = part("service").value.trim();
  const code = part("code").value.trim().toUpperCase();
  part("pair").disabled = true;
  part("outcome").textContent = "";
  try {
    const { token } = await pair(service, { code, name: "thunderbird" }, deadlineIn(PAIR_MS));
    await savePairing({ service, token });
    part("code").value = "";
  } catch (problem) {
    part("outcome").textContent = explain(problem);
  }
  part("pair").disabled = false;
  await show();
  if (part("pairing").hidden) part("test").focus();
}

async function disconnect() {
  const client = clientOf(await settings());
  try {
    await client?.prove(deadlineIn());
    await client?.leave(deadlineIn());
  } catch {
    // It is forgotten here all the same; `addin-service client revoke` ends it there.
  }
  await forgetConnection();
  part("testing").hidden = true;
  await show();
  part(part("connect").hidden ? "code" : "connect").focus();
}

const WORDS = { ok: "testOk", bad: "testBad", skipped: "testSkipped" };

async function test() {
  part("test").disabled = true;
  part("testing").hidden = false;
  part("steps").replaceChildren();
  part("copied").textContent = "";
  part("result").textContent = text("testRunning");
  /** @type {string[]} */
  const lines = [];
  const well = await runTrial(({ name, outcome, words }) => {
    const line = text(WORDS[outcome], text(name));
    lines.push([line, words].filter(Boolean).join("\n  "));
    const more = words ? [element("small", {}, words)] : [];
    part("steps").append(element("li", { class: outcome }, line, ...more));
  });
  part("result").textContent = text(well ? "testWell" : "testFailed");
  await show();
  const pairs = [...part("facts").children].map(({ textContent }) => textContent);
  const known = pairs.flatMap((name, place) => (place % 2 ? [] : [`${name}: ${pairs[place + 1]}`]));
  part("report").textContent = [...known, "", ...lines].join("\n");
  part("test").disabled = false;
}

async function copy() {
  await navigator.clipboard.writeText(part("report").textContent);
  part("copied").textContent = text("testCopied");
}

fillTexts(document);
report(text("optionsLooking"), "");
part("pairing").addEventListener("submit", connectByCode);
part("connect").addEventListener("click", connectByHelper);
part("test").addEventListener("click", test);
part("forget").addEventListener("click", disconnect);
part("copy").addEventListener("click", copy);
show();
mountLearning(part("learning"));
