// @ts-nocheck
/**
 * What no extension is told otherwise: that recipients or subject changed while somebody writes, and
 * whether Send or Send Later was pressed; and a line at the foot of a window. It reads no mail and
 * changes none: all it hands out is "something changed", a word and a truth value or two.
 */

"use strict";

/* globals ChromeUtils, Ci, ExtensionAPIPersistent, ExtensionCommon, Services */

const { ExtensionParent } = ChromeUtils.importESModule(
  "resource://gre/modules/ExtensionParent.sys.mjs",
);
// The scripts of all Experiments share one space for names: none is given twice.
const services = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

const COMPOSE = "chrome://messenger/content/messengercompose/messengercompose.xhtml";
const STARTED = "compose-prepare-message-start";

/** Whoever types has paused by then. */
const PAUSE_MS = 600;

/** What else of a draft is looked at while it is written. */
const CHANGES = [
  "attachments-added", "attachments-removed", "compose-editor-ready", "compose-from-changed",
];

var composeFlow = class extends ExtensionAPIPersistent {
  modes = new WeakMap();
  watched = new Map();
  told = new Set();

  PERSISTENT_EVENTS = {
    onDraftChanged({ fire }) {
      const tell = (window) => fire.async(this.tabs.getId(window));
      this.told.add(tell);
      return {
        unregister: () => this.told.delete(tell),
        convert(newFire) {
          fire = newFire;
        },
      };
    },
  };

  get tabs() {
    return ExtensionParent.apiManager.global.tabTracker;
  }

  get windows() {
    return ExtensionParent.apiManager.global.windowTracker;
  }

  onStartup() {
    this.opened = (window) => this.watch(window);
    this.windows.addOpenListener(this.opened);
    for (const window of Services.wm.getEnumerator("msgcompose")) this.watch(window);
  }

  onShutdown() {
    if (this.opened) this.windows.removeOpenListener(this.opened);
    for (const release of this.watched.values()) release();
  }

  watch(window) {
    if (window.location.href !== COMPOSE || this.watched.has(window)) return;
    let pause = null;
    const changed = () => {
      window.clearTimeout(pause);
      pause = window.setTimeout(() => {
        for (const tell of this.told) tell(window);
      }, PAUSE_MS);
    };
    const typed = ({ target }) => {
      if (target.id === "msgSubject") changed();
    };
    const started = ({ detail }) => this.modes.set(window, detail.msgType);
    const pills = new window.MutationObserver(changed);
    pills.observe(window.document.getElementById("recipientsContainer"), {
      attributeFilter: ["fullAddress"],
      childList: true,
      subtree: true,
    });
    for (const name of CHANGES) window.addEventListener(name, changed);
    window.addEventListener("input", typed);
    window.addEventListener(STARTED, started);
    const release = () => {
      window.clearTimeout(pause);
      pills.disconnect();
      for (const name of CHANGES) window.removeEventListener(name, changed);
      window.removeEventListener("input", typed);
      window.removeEventListener(STARTED, started);
      window.removeEventListener("unload", release);
      this.watched.delete(window);
    };
    window.addEventListener("unload", release);
    this.watched.set(window, release);
  }

  getAPI(context) {
    const windowOf = (tabId) => context.extension.tabManager.get(tabId).nativeTab;

    return {
      composeFlow: {
        onDraftChanged: new ExtensionCommon.EventManager({
          context,
          module: "composeFlow",
          event: "onDraftChanged",
          extensionApi: this,
        }).api(),

        modeOf: async (tabId) => {
          const isLater = this.modes.get(windowOf(tabId)) === Ci.nsIMsgCompDeliverMode.Later;
          // Offline every Send is one for later, and need not stay it.
          return isLater && !Services.io.offline ? "sendLater" : "default";
        },

        draftsOnServer: async (tabId) => {
          const { draftsFolderURI } = windowOf(tabId).gCurrentIdentity;
          return !/^mailbox:/i.test(draftsFolderURI || "mailbox:");
        },

        collectedBook: async () => {
          const book = services.MailServices.ab.getDirectory("jsaddrbook://history.sqlite");
          return book?.UID ?? "";
        },

        say: async (words, tabId) => {
          if (tabId !== null) {
            windowOf(tabId).document.getElementById("statusText").textContent = words;
            return true;
          }
          const [...mains] = Services.wm.getEnumerator("mail:3pane");
          for (const { MsgStatusFeedback } of mains) MsgStatusFeedback.showStatusString(words);
          return mains.some(({ document }) => !document.getElementById("status-bar").hidden);
        },
      },
    };
  }
};
