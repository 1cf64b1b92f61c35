// @ts-nocheck
/**
 * What no extension can do otherwise: send a sealed message of our own, `multipart/encrypted` say.
 *
 * Thunderbird writes the outer headers and asks its `composeSecure` for the rest; for one send we
 * stand in its place. The compose window is not touched: it keeps the words, the subject and the
 * names, whatever becomes of the send. All of it runs with Thunderbird's own rights, so it is short
 * and decides nothing.
 */

"use strict";

/* globals Cc, ChromeUtils, Ci, Components, Cr, ExtensionAPI, IOUtils, PathUtils */

const { ExtensionError } = ChromeUtils.importESModule(
  "resource://gre/modules/ExtensionUtils.sys.mjs",
).ExtensionUtils;
const { FileUtils } = ChromeUtils.importESModule("resource://gre/modules/FileUtils.sys.mjs");
const { jsmime } = ChromeUtils.importESModule("resource:///modules/jsmime.sys.mjs");
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { NetUtil } = ChromeUtils.importESModule("resource://gre/modules/NetUtil.sys.mjs");

/** Thunderbird's own words in the function that sends, which `arm` relies on. */
const STEPS = ["compose-send-message", "event.defaultPrevented", "gMsgCompose.sendMsg"];
const WINDOW_SOURCE = "chrome://messenger/content/messengercompose/MsgComposeCommands.js";
const STARTS = "compose-prepare-message-start";
const FIELDS = "@mozilla.org/messengercompose/composefields;1";
const SEND = "@mozilla.org/messengercompose/send;1";
const UTILITIES = "@mozilla.org/messengercompose/computils;1";
const LEAVES = "compose-send-message";

/** @param {string} written addresses with names @returns {string[]} the addresses alone */
const listed = (written) =>
  MailServices.headerParser.parseDecodedHeader(written).map(({ email }) => email);

/** A text and one ZIP whose first file is encrypted with AES: flag 1, method 99 (WinZip's). */
const ZIPPED = [
  'Content-Type: multipart/mixed; boundary="([^"]+)"\r\n\r\n--\\1\r\n(?:(?!--\\1)[^])*--\\1\r\n',
  'Content-Type: application/zip; name="[a-z.-]+"\r\nContent-Transfer-Encoding: base64\r\n',
  'Content-Disposition: attachment; filename="[a-z.-]+"\r\n\r\n',
  "UEsDB....[Q-Za-fw-z0-9+/].jA",
].join("");

const SEALED = [
  /^Content-Type: multipart\/encrypted;/i,
  /^Content-Type: application\/pkcs7-mime; smime-type=enveloped-data;/i,
  new RegExp(`^${ZIPPED}`),
];

/** Nothing but a sealed message is ever sent from here. @param {string} entity */
function refuseClear(entity) {
  if (!SEALED.some((form) => form.test(entity))) throw new ExtensionError("not sealed");
}

/** What `composeSecure` is asked while a message is written. */
function writing(entity, written) {
  let out = null;
  return {
    QueryInterface: ChromeUtils.generateQI(["nsIMsgComposeSecure"]),
    requireEncryptMessage: true,
    signMessage: false,
    requiresCryptoEncapsulation: () => true,
    beginCryptoEncapsulation(stream) {
      out = stream;
    },
    mimeCryptoWriteBlock() {},
    finishCryptoEncapsulation(aborted) {
      if (aborted) return;
      if (out.write(entity, entity.length) !== entity.length) {
        throw Components.Exception("not written", Cr.NS_ERROR_FAILURE);
      }
      written();
    },
  };
}

var sealedSend = class extends ExtensionAPI {
  getAPI({ extension }) {
    const windowOf = (tabId) => extension.tabManager.get(tabId).nativeTab;

    async function probe(tabId) {
      const { CompleteGenericSendMessage, GetComposeDetails, gMsgCompose } = windowOf(tabId);
      const source = String(CompleteGenericSendMessage);
      return (
        STEPS.every((step) => source.includes(step)) &&
        typeof GetComposeDetails === "function" &&
        "composeSecure" in gMsgCompose.compFields &&
        typeof Ci.nsIMsgComposeSecure?.number === "string"
      );
    }

    /** The same as `probe`, where no compose window is open: by what every one of them is made of. */
    async function able() {
      const channel = NetUtil.newChannel({ uri: WINDOW_SOURCE, loadUsingSystemPrincipal: true });
      const stream = channel.open();
      const source = NetUtil.readInputStreamToString(stream, stream.available());
      return (
        [...STEPS, "function CompleteGenericSendMessage", "function GetComposeDetails"].every(
          (step) => source.includes(step),
        ) && typeof Ci.nsIMsgComposeSecure?.number === "string"
      );
    }

    async function arm(tabId, { entity, subject, from, to, cc, bcc }) {
      refuseClear(entity);
      const window = windowOf(tabId);
      const fields = window.gMsgCompose.compFields;
      const usual = fields.composeSecure;
      const { Now, Later, Background } = Ci.nsIMsgCompDeliverMode;

      let before = {};
      const sealed = writing(entity, () => {
        Object.assign(fields, before);
        disarm();
      });
      const disarm = () => {
        window.removeEventListener(STARTS, disarm);
        window.removeEventListener(LEAVES, replace);
        fields.composeSecure = usual;
      };
      const replace = (event) => {
        window.removeEventListener(LEAVES, replace);
        try {
          if (![Now, Later, Background].includes(event.detail.msgType)) throw new Error("no send");
          const replyTo = listed(fields.replyTo).join(", ");
          const outer = { subject, from, replyTo, to, cc, organization: "" };
          before = Object.fromEntries(Object.keys(outer).map((name) => [name, fields[name]]));
          // Who is blind never shares a message with others. The files are in the entity already.
          Object.assign(fields, outer, { bcc });
          fields.removeAttachments();
          fields.composeSecure = sealed;
        } catch {
          disarm();
          event.preventDefault();
        }
      };
      // Should Thunderbird ever not come by `replace`, the words would still be sealed.
      fields.composeSecure = sealed;
      window.addEventListener(LEAVES, replace);
      // Whatever stops this send, the next one and every saving begin with this.
      window.addEventListener(STARTS, disarm);
    }

    async function deliver(tabId, { entity, subject, from, to, cc, bcc }) {
      refuseClear(entity);
      const { gCurrentIdentity: identity, getCurrentAccountKey } = windowOf(tabId);
      const fields = Cc[FIELDS].createInstance(Ci.nsIMsgCompFields);
      const messageId = Cc[UTILITIES]
        .createInstance(Ci.nsIMsgCompUtils)
        .msgGenerateMessageId(identity, from.replace(/.*@/, ""));
      // The envelope names the blind reader alone, the headers never.
      Object.assign(fields, { from, to: bcc, subject, messageId, fcc: "nocopy://" });
      const people = (written) => listed(written).map((email) => ({ name: "", email }));
      const headers = {
        "Message-ID": messageId,
        Date: new Date(),
        "MIME-Version": "1.0",
        From: people(from),
        To: to || cc ? people(to) : [{ name: "undisclosed-recipients", group: [] }],
        Cc: people(cc),
        Subject: subject,
      };
      const written = Object.entries(headers)
        .filter(([, value]) => value.length !== 0)
        .map(([name, value]) => jsmime.headeremitter.emitStructuredHeader(name, value, {}))
        .join("");
      const path = await IOUtils.createUniqueFile(PathUtils.tempDir, "nsemail.eml", 0o600);
      await IOUtils.writeUTF8(path, written + entity);
      await new Promise((resolve, reject) => {
        const listener = {
          QueryInterface: ChromeUtils.generateQI(["nsIMsgSendListener"]),
          onStartSending() {},
          onSendProgress() {},
          onStatus() {},
          onGetDraftFolderURI() {},
          onTransportSecurityError() {},
          onSendNotPerformed: () => reject(new ExtensionError("not sent")),
          onStopSending(id, status) {
            if (Components.isSuccessCode(status)) resolve();
            else reject(new ExtensionError("not sent"));
          },
        };
        const send = Cc[SEND].createInstance(Ci.nsIMsgSend);
        send
          .sendMessageFile(
            identity, getCurrentAccountKey(), fields, new FileUtils.File(path), true, false,
            Ci.nsIMsgSend.nsMsgDeliverNow, null, listener, "",
          )
          ?.catch?.(() => reject(new ExtensionError("not sent")));
      });
    }

    return { sealedSend: { probe, able, arm, deliver } };
  }
};
