// @ts-check
/** The lines of the page that say what is connected to what. Nothing personal stands in them. */

import { language, text } from "./shared/texts.js";
import { element } from "./shared/words.js";
import { canCarry } from "./carrying.js";
import { shortNumber } from "./helper.js";
import { readStatus } from "./status.js";

/** @typedef {import("./shared/client.js").About} About */
/** @typedef {import("./storage.js").Settings} Settings */

const KINDS = { desk: "statusKindDesk", department: "statusKindDepartment" };
const BRINGERS = {
  administrator: "statusByAdministrator", helper: "statusByHelper", code: "statusByCode",
};
const VERDICTS = {
  allow: "statusLastAllow", confirm: "statusLastConfirm", block: "statusLastBlock",
  silence: "statusLastSilence",
};

async function lastLook() {
  const look = await readStatus();
  if (!look) return text("statusNever");
  const style = /** @type {const} */ ({ dateStyle: "medium", timeStyle: "short" });
  const time = new Intl.DateTimeFormat(language(), style).format(look.at);
  return text(VERDICTS[look.verdict], time, look.ms);
}

/** @param {About | null} about */
async function versions(about) {
  const { name, version } = await messenger.runtime.getBrowserInfo();
  const service = about?.version ?? text("statusUnknown");
  const addIn = messenger.runtime.getManifest().version;
  return text("statusVersionsAll", addIn, `${name} ${version}`, service);
}

/** @param {string} name @param {string} value @returns {[string, string]} */
const line = (name, value) => [text(name), value];

/** By which the helpdesk finds it among others. */
async function profile() {
  return line("statusProfile", text("statusProfileName", await shortNumber()));
}

/** In its own words. */
const languageName = () =>
  new Intl.DisplayNames([language()], { type: "language" }).of(language()) ?? language();

/**
 * Name and value of each, in the order of the page.
 *
 * @param {Settings} settings
 * @param {About | null} about null: it could not be asked
 * @returns {Promise<[string, string][]>}
 */
export async function facts(settings, about) {
  const carries = (await canCarry()).whole;
  const last = await readStatus();
  const policy = about?.policy ?? last?.policy;
  return [
    line("statusService", settings.service),
    ...(about ? [line("statusKind", text(KINDS[about.kind]))] : []),
    line("statusBy", text(settings.by ? BRINGERS[settings.by] : "statusByNobody")),
    line("statusPolicy", policy || text("statusUnknown")),
    line("statusLast", await lastLook()),
    line("statusSealing", text(carries ? "statusSealingWhole" : "statusSealingText")),
    ...(settings.by === "helper" ? [await profile()] : []),
    line("statusVersions", await versions(about)),
    line("statusLanguage", languageName()),
  ];
}

/** @param {HTMLElement} list @param {[string, string][]} lines */
export function showFacts(list, lines) {
  const parts = lines.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  list.replaceChildren(...parts);
}
