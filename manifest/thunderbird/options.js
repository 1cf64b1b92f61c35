// @ts-check
/** The connection to the service: what it is, whether it works, and how to make one. */

import { Client, deadlineIn, pair } from "./shared/client.js";
import { forgetPairing, savePairing, settings } from "./settings.js";
import { uncheckedCount } from "./unreported.js";

/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);

/** Pairing is rare and may meet a service that is still starting. */
const PAIR_MS = 5000;

/** @type {Record<string, string>} */
const PROBLEMS = {
  unreachable: "Nothing answers at this address. Is the service running?",
  slow: "The service did not answer in time.",
  nonsense: "What answers there is not Last Look, or is another version.",
  impostor:
    "What answers there cannot prove that it is your Last Look. If it was set up anew, " +
    "disconnect and connect again; otherwise tell your helpdesk.",
};

/** @param {any} problem */
function explain(problem) {
  const told = [problem.told?.message, problem.told?.hint].filter(Boolean).join(" ");
  return told || PROBLEMS[problem.reason] || "Something went wrong; please try again.";
}

/** @param {string} state @param {string} detail */
function report(state, detail) {
  part("state").textContent = state;
  part("detail").textContent = detail;
}

async function show() {
  const now = await settings();
  part("pairing").hidden = Boolean(now.token);
  part("forget").hidden = !now.token || now.tokenIsManaged;
  part("service").value ||= now.service;
  part("service").readOnly = now.serviceIsManaged;
  const count = await uncheckedCount();
  part("unchecked").hidden = count === 0;
  part("unchecked-count").textContent =
    `${count} ${count === 1 ? "mail" : "mails"} not yet reported to the service.`;
  if (!now.token) return report("Not connected", "Mail cannot be looked at yet.");
  try {
    const client = new Client({ ...now, token: now.token, name: "thunderbird", version: "" });
    await client.prove(deadlineIn());
    report("Connected", `${now.service} answers and has proven itself.`);
  } catch (problem) {
    report("Connected, but it does not answer as it should", explain(problem));
  }
}

/** @param {SubmitEvent} event */
async function connect(event) {
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
}

part("pairing").addEventListener("submit", connect);
part("check").addEventListener("click", show);
part("forget").addEventListener("click", async () => {
  await forgetPairing();
  await show();
});
show();
