// @ts-check
/**
 * A cleared draft that must not leave in clear: sealed by the service, and put in the place of what
 * Thunderbird would send. Whoever calls this sends only after it has returned.
 */

import { SEAL_MS, Unavailable, deadlineIn, within } from "./shared/client.js";
import { text } from "./shared/texts.js";
import { LIMITS } from "./collect.js";
import { putInPlace } from "./instead.js";

/** @typedef {import("./shared/client.js").Draft} Draft */
/** @typedef {import("./shared/client.js").Review} Review */
/** @typedef {import("./shared/client.js").Client} Client */
/** @typedef {import("./shared/client.js").Chosen} Chosen */
/** @typedef {import("./shared/client.js").Shape} Shape */
/** @typedef {import("./state.js").Memory} Memory */
/** @typedef {{draft: Draft, answer: Review, client: Client, shape: Chosen}} Cleared */

/** Whom a message is for: everybody who stands in To and Cc, and the sender. */
export const VISIBLE = "visible";

/** It stays unsent. The words are for the sender. */
export class NotSealed extends Error {
  /** @param {string} message @param {string} hint */
  constructor(message, hint) {
    super(message);
    this.told = { message, hint };
  }
}

/** @param {{address: string}[]} people */
const addresses = (people) => people.map(({ address }) => address).join(", ");

/**
 * Whether this Thunderbird lets us send a whole sealed message, files and all.
 *
 * @param {number} tabId
 * @returns {Promise<boolean>}
 */
export async function canCarry(tabId) {
  try {
    return (await messenger.sealedSend.probe(tabId)) === true;
  } catch {
    return false;
  }
}

/** Where a picture still is before Thunderbird has put it into the text. */
const NOT_LOADED =
  /<img\b[^>]*?\ssrc\s*=\s*["']?(?:blob|chrome|ews|file|imap|mailbox|moz-extension|news):/i;

/**
 * What the readers would miss is not sealed without it.
 *
 * @param {any} details
 * @param {Draft} draft
 */
export function refuseWhatIsCut({ newsgroups, isPlainText, body }, draft) {
  if (!isPlainText && NOT_LOADED.test(body)) {
    throw new NotSealed(text("sealNotLoaded"), text("sealNotLoadedHint"));
  }
  if (draft.text.length >= LIMITS.text || draft.subject.length >= LIMITS.subject) {
    throw new NotSealed(text("sealTooLong"), text("sealTooLongHint"));
  }
  if (newsgroups?.length) {
    throw new NotSealed(text("sealNewsgroup"), text("sealNewsgroupHint"));
  }
}

/** @param {number} tabId @returns {Promise<File[]>} */
export async function filesOf(tabId) {
  const listed = await messenger.compose.listAttachments(tabId);
  return Promise.all(
    listed.map((/** @type {{id: number}} */ { id }) => messenger.compose.getAttachmentFile(id)),
  );
}

/**
 * The size of an attached mail is known only when it has been read. The service binds its answer to
 * the draft, so it is asked again where a size was wrong.
 *
 * @param {Cleared} cleared
 * @param {File[]} files
 * @param {AbortSignal} deadline
 * @returns {Promise<Cleared>}
 */
export async function withTrueSizes({ draft, answer, client, shape }, files, deadline) {
  const attachments = draft.attachments.map((one, place) => ({
    ...one,
    size: files[place]?.size ?? one.size,
  }));
  if (attachments.every(({ size }, place) => size === draft.attachments[place].size)) {
    return { draft, answer, client, shape };
  }
  const again = { ...draft, attachments };
  const { review } = answer;
  const purpose = /** @type {const} */ ("send");
  const question = { purpose, draft: again, review, answers: [], shape };
  const second = await client.check(question, deadline);
  if (second.verdict !== "allow") throw new Unavailable("refused");
  return { draft: again, answer: second, client, shape };
}

/**
 * @param {number} tabId
 * @param {any} details as they came with the send
 * @param {Cleared} cleared
 * @param {Memory} memory
 * @returns {Promise<Cleared>} what is sent, as the service knows it
 */
export async function seal(tabId, details, cleared, memory) {
  const deadline = deadlineIn(SEAL_MS);
  refuseWhatIsCut(details, cleared.draft);
  const ready = Promise.all([filesOf(tabId), canCarry(tabId)]);
  const [files, carries] = await within(ready, deadline);
  await cleared.client.prove(deadline);
  const sized = await withTrueSizes(cleared, files, deadline);
  const html = details.isPlainText ? null : details.body;
  if (carries) await carried(tabId, sized, { html, files }, memory, deadline);
  else if (cleared.shape === "smime") throw noCertificates();
  else await asText(tabId, details, sized, { html, files }, memory, deadline);
  return sized;
}

const noCertificates = () =>
  new NotSealed(text("sealNoCertificates"), text("sealNoCertificatesHint"));

/**
 * @typedef {{html: string | null, files: File[]}} Content
 * @param {Cleared} cleared
 * @param {Content} content
 * @param {Shape} shape
 * @param {string} reader
 * @param {AbortSignal} deadline
 */
export function sealedFor({ draft, answer, client }, { html, files }, shape, reader, deadline) {
  const whole = html === null ? draft : { ...draft, html };
  const question = { draft: whole, files, review: answer.review ?? "", shape, reader };
  return client.seal(question, deadline);
}

/**
 * The messages that this draft becomes: who is blind gets one of their own. The first is the one
 * that the compose window itself sends.
 *
 * @param {Draft} draft
 * @param {string[]} served who got this very draft already
 * @returns {string[]} `visible`, or the address of a blind reader
 */
export function messagesOf(draft, served) {
  const blind = [...new Set(draft.bcc.map(({ address }) => address))];
  const own = draft.to.length + draft.cc.length > 0 ? VISIBLE : (blind.shift() ?? VISIBLE);
  return [own, ...blind.filter((address) => !served.includes(address))];
}

/**
 * As RFC 3156 has it, or S/MIME.
 *
 * @param {number} tabId
 * @param {Cleared} cleared
 * @param {Content} content
 * @param {Memory} memory
 * @param {AbortSignal} deadline
 */
async function carried(tabId, cleared, content, memory, deadline) {
  const { draft } = cleared;
  const shape = cleared.shape === "smime" ? "smime" : "mime";
  /** @type {Carried[]} */
  const sealed = [];
  for (const reader of messagesOf(draft, await memory.delivered(draft))) {
    const made = await sealedFor(cleared, content, shape, reader, deadline);
    sealed.push({ reader, subject: made.subject, entity: made.content });
  }
  // The send was given up meanwhile; it must not be found armed by the next one.
  if (deadline.aborted) throw new Unavailable("slow");
  await carry(tabId, draft, sealed, memory);
}

/**
 * @typedef {{reader: string, subject: string, entity: string}} Carried a whole message, and whose
 *
 * The blind readers get theirs before the others: should one fail, the draft is still here, and
 * says so.
 *
 * @param {number} tabId
 * @param {Draft} draft
 * @param {Carried[]} sealed as `messagesOf` lists them
 * @param {Memory} memory
 */
export async function carry(tabId, draft, sealed, memory) {
  const outer = { from: draft.from.address, to: addresses(draft.to), cc: addresses(draft.cc) };
  const [{ reader: own, subject, entity }, ...others] = sealed;
  for (const other of others) {
    const copy = { ...outer, subject: other.subject, entity: other.entity };
    await delivered(tabId, copy, other.reader);
    await memory.noteDelivered(draft, other.reader);
  }
  const bcc = own === VISIBLE ? "" : own;
  await messenger.sealedSend.arm(tabId, { ...outer, bcc, subject, entity });
}

/**
 * @param {number} tabId
 * @param {Omit<Parameters<typeof messenger.sealedSend.arm>[1], "bcc">} copy
 * @param {string} reader
 */
async function delivered(tabId, copy, reader) {
  try {
    await messenger.sealedSend.deliver(tabId, { ...copy, bcc: reader });
  } catch {
    throw new NotSealed(text("sealHiddenCopy", reader), text("sealHiddenCopyHint"));
  }
}

/**
 * Where this Thunderbird cannot carry a sealed message: the words alone, as text that the readers'
 * mail programs open.
 *
 * @param {number} tabId
 * @param {any} details
 * @param {Cleared} cleared
 * @param {Content} content
 * @param {Memory} memory
 * @param {AbortSignal} deadline
 */
async function asText(tabId, details, cleared, content, memory, deadline) {
  const { draft } = cleared;
  refuseBlind(draft);
  const onlyText = () =>
    new NotSealed(text("sealOnlyText"), text("sealOnlyTextHint"));
  if (content.files.length > 0) throw onlyText();
  const sealed = await sealedFor(
    cleared, content, "inline", VISIBLE, deadline,
  ).catch((problem) => {
    throw problem?.told?.code === "shape-refused" ? onlyText() : problem;
  });
  if (deadline.aborted) throw new Unavailable("slow");
  const { subject } = sealed;
  await putInPlace(tabId, details, draft, { subject, text: sealed.content }, memory);
}

/** Where the compose window sends one message to all. @param {Draft} draft */
export function refuseBlind({ bcc }) {
  if (bcc.length === 0) return;
  throw new NotSealed(text("sealNoHidden"), text("sealNoHiddenHint"));
}
