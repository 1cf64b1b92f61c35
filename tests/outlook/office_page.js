// A strict Outlook for a page in a real browser: what office.js would bring, and one message that is
// being written. Frames of one page share the message, as Outlook's own runtimes do, and share
// nothing else. `window.given` says how it is; `outlook` is for the tests.
(() => {
  const OFFICE_MS = 2;

  function refuse(text) {
    window.outlook.faults.push(text);
    throw new Error(text);
  }

  function world() {
    const given = window.given ?? {};
    const made = {
      draft: {
        from: { emailAddress: "ann.lee@council.example", displayName: "Ann Lee" },
        to: [], cc: [], bcc: [],
        subject: "Minutes",
        text: "Hello,\n\nhere are the minutes.\n",
        type: "text",
        attachments: [],
        ...given.draft,
      },
      sets: given.sets ?? "1.16",
      broken: given.broken ?? {},
      settings: { ...given.settings },
      saved: { ...given.settings },
      context: given.context,
      session: {},
      headers: {},
      storage: {},
      theme: given.theme,
      entra: given.entra,
      signIns: [],
      calls: [], faults: [], opened: [], browsed: [], handlers: {}, listeners: {}, closed: 0, inFlight: 0,
      next: 1,
    };
    /** Somebody edits the message: listeners hear of it. */
    made.edit = (more, event) => {
      Object.assign(made.draft, more);
      for (const listener of made.listeners[event] ?? []) listener({ type: event });
    };
    /** Send is pressed: what Outlook is told, once. */
    made.send = (page, name = "onMessageSendHandler") =>
      new Promise((done) => {
        let count = 0;
        const completed = (options) => {
          count += 1;
          if (count > 1) made.faults.push("completed twice");
          done(JSON.parse(JSON.stringify(options ?? null)));
        };
        made.handlers[page][name]({ completed });
      });
    return made;
  }

  const outlook = parent === window ? world() : parent.outlook;
  window.outlook = outlook;
  const { draft } = outlook;

  /** The last argument is called back, later, once. */
  function later(name, work) {
    return function (...given) {
      outlook.calls.push(name);
      const callback = given.pop();
      if (typeof callback !== "function") refuse(`${name} without a callback`);
      const way = outlook.broken[name];
      if (way === "throw") throw new TypeError(`${name} is not to be had`);
      if (way === "hang") return;
      setTimeout(() => {
        if (way) return callback({ status: "failed", error: { code: 5010, message: name } });
        try {
          callback({ status: "succeeded", value: work(...given) });
        } catch (fault) {
          callback({ status: "failed", error: { code: 9999, message: String(fault) } });
        }
      }, OFFICE_MS);
    };
  }

  const copy = (value) => JSON.parse(JSON.stringify(value));

  function listen(event, handler) {
    if (event === undefined) refuse("an event that this Outlook does not know");
    (outlook.listeners[event] ??= []).push(handler);
  }

  const field = (name) => ({
    getAsync: later(`${name}.getAsync`, () => copy(draft[name])),
    setAsync: later(`${name}.setAsync`, (people) => {
      if (people.length > 100) throw new Error("more than 100 at once");
      draft[name] = people.map((one) => ({ ...one, recipientType: "user" }));
      for (const listener of outlook.listeners.recipients ?? []) listener({ type: "recipients" });
    }),
  });

  /** Attachment calls: three at a time at most. */
  const carrying = (name, work) => {
    const call = later(name, work);
    return (...given) => {
      outlook.inFlight += 1;
      if (outlook.inFlight > 3) refuse("more than three attachment calls at once");
      const callback = given.pop();
      call(...given, (answer) => {
        outlook.inFlight -= 1;
        callback(answer);
      });
    };
  };

  const item = {
    itemType: "message",
    from: { getAsync: later("from.getAsync", () => copy(draft.from)) },
    to: field("to"), cc: field("cc"), bcc: field("bcc"),
    subject: {
      getAsync: later("subject.getAsync", () => draft.subject),
      setAsync: later("subject.setAsync", (text) => {
        if (text.length > 255) throw new Error("too long");
        draft.subject = text;
      }),
    },
    body: {
      getTypeAsync: later("body.getTypeAsync", () => draft.type),
      getAsync: later("body.getAsync", (kind) => (kind === "html" ? draft.html : draft.text)),
      setAsync: later("body.setAsync", (content, { coercionType }) => {
        if (content.length > 1_000_000) throw new Error("too long");
        if (coercionType === "html") {
          draft.html = content;
          const page = new DOMParser().parseFromString(content, "text/html");
          draft.text = page.body.innerText;
        } else draft.text = content;
      }),
    },
    getAttachmentsAsync: later("getAttachmentsAsync", () =>
      draft.attachments.map(({ base64, ...listed }) => ({ ...listed }))),
    getAttachmentContentAsync: carrying("getAttachmentContentAsync", (id) => {
      const { base64 } = draft.attachments.find((one) => one.id === id);
      return { format: "base64", content: base64 };
    }),
    addFileAttachmentFromBase64Async: carrying("addFileAttachmentFromBase64Async", (base64, name, more) => {
      const id = `added-${outlook.next++}`;
      const isInline = Boolean(more?.isInline);
      const size = atob(base64).length;
      draft.attachments.push({ id, name, size, attachmentType: "file", isInline, base64 });
      return id;
    }),
    removeAttachmentAsync: carrying("removeAttachmentAsync", (id) => {
      const place = draft.attachments.findIndex((one) => one.id === id);
      if (place < 0 || draft.attachments[place].isInline) throw new Error("not removable");
      draft.attachments.splice(place, 1);
    }),
    internetHeaders: {
      getAsync: later("internetHeaders.getAsync", (names) =>
        Object.fromEntries(names.filter((n) => n in outlook.headers).map((n) => [n, outlook.headers[n]]))),
      setAsync: later("internetHeaders.setAsync", (more) => {
        for (const name of Object.keys(more)) if (!name.startsWith("x-")) throw new Error("not an x- name");
        Object.assign(outlook.headers, more);
      }),
      removeAsync: later("internetHeaders.removeAsync", (names) => {
        for (const name of names) delete outlook.headers[name];
      }),
    },
    sessionData: {
      getAllAsync: later("sessionData.getAllAsync", () => copy(outlook.session)),
      getAsync: later("sessionData.getAsync", (key) => {
        if (!(key in outlook.session)) throw new Error("no such key");
        return outlook.session[key];
      }),
      setAsync: later("sessionData.setAsync", (key, value) => {
        outlook.session[key] = value;
      }),
      removeAsync: later("sessionData.removeAsync", (key) => {
        delete outlook.session[key];
      }),
    },
    notificationMessages: {
      replaceAsync: later("notificationMessages.replaceAsync", () => {}),
      removeAsync: later("notificationMessages.removeAsync", () => {}),
    },
    addHandlerAsync: later("item.addHandlerAsync", listen),
    getInitializationContextAsync: later("getInitializationContextAsync", () => {
      if (outlook.context === undefined) throw new Error("no context");
      return outlook.context;
    }),
  };

  const minor = Number(outlook.sets.split(".")[1]);
  const isSetSupported = (name, version) =>
    name === "Mailbox"
      ? Number(version.split(".")[1]) <= minor
      : name === "OpenBrowserWindowApi" && Boolean(window.given?.opensBrowser);

  window.Office = {
    onReady: () => Promise.resolve({ host: "Outlook", platform: "OfficeOnline" }),
    actions: {
      associate: (name, handler) => {
        (outlook.handlers[location.pathname] ??= {})[name] = handler;
      },
    },
    EventType: {
      RecipientsChanged: "recipients", AttachmentsChanged: "attachments", ItemChanged: "item",
      OfficeThemeChanged: "theme",
    },
    CoercionType: { Text: "text", Html: "html" },
    MailboxEnums: { SendModeOverride: { PromptUser: "promptUser" } },
    context: {
      get officeTheme() {
        return outlook.theme && { bodyBackgroundColor: outlook.theme };
      },
      requirements: { isSetSupported },
      ui: {
        closeContainer: () => {
          outlook.closed += 1;
        },
        openBrowserWindow: (url) => outlook.browsed.push(url),
      },
      mailbox: {
        item,
        diagnostics: { hostName: "OutlookWebApp", hostVersion: "16.0.1" },
        addHandlerAsync: later("mailbox.addHandlerAsync", listen),
        displayNewMessageForm: (form) => {
          if (outlook.broken.displayNewMessageForm) throw new Error("not here");
          outlook.opened.push(form);
        },
      },
      roamingSettings: {
        get: (key) => outlook.settings[key],
        set: (key, value) => {
          outlook.settings[key] = value;
        },
        remove: (key) => {
          delete outlook.settings[key];
        },
        saveAsync: later("roamingSettings.saveAsync", () => {
          outlook.saved = { ...outlook.settings };
        }),
      },
    },
  };

  // Kept for this add-in on this computer, for all of its runtimes.
  window.OfficeRuntime = {
    auth: {
      getAccessToken: async (options) => {
        outlook.signIns.push(options);
        if (!outlook.entra) throw new Error("nobody is signed in");
        if (!options.allowSignInPrompt && !outlook.signedIn) throw new Error("a prompt is needed");
        outlook.signedIn = true;
        return outlook.entra;
      },
    },
    storage: {
      getItem: async (key) => outlook.storage[key] ?? null,
      setItem: async (key, value) => {
        outlook.storage[key] = value;
      },
      removeItem: async (key) => {
        delete outlook.storage[key];
      },
    },
  };
})();
