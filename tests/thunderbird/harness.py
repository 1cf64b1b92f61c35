"""A real Thunderbird, a mail sink, and whoever stands at the service's port.

Thunderbird runs headless from a private copy of its program folder (links, and one `distribution`
folder for the enterprise policy), with its own home and profile, and is driven by Marionette.
"""

import asyncio
import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

from aiosmtpd.controller import Controller

with warnings.catch_warnings():
    # Its dependencies speak of Python 3.13; that is no concern of this test run.
    warnings.simplefilter("ignore", DeprecationWarning)
    from marionette_driver.addons import Addons
    from marionette_driver.marionette import Marionette

EXTENSION = "last-look@addin-service.example"
EXTENSION_UUID = "5b0d2c6e-6c1f-4b8e-9a57-0d6f3f5f2a11"
PROGRAM = Path("/usr/lib/thunderbird")
T = TypeVar("T")
PATIENCE = float(os.environ.get("THUNDERBIRD_PATIENCE", "20"))


def missing() -> str | None:
    """Why no Thunderbird can run here, or None."""
    if not (PROGRAM / "thunderbird-bin").exists():
        return "Thunderbird is not installed (Debian: apt-get install thunderbird)"
    return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: str, condition: Callable[[], T], patience: float = PATIENCE) -> T:
    """The condition's first true value; what was waited for is named when it never comes."""
    deadline = time.monotonic() + patience
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:g} s in vain: {what}")
        time.sleep(0.02)


@dataclass(frozen=True)
class Delivered:
    """One message as the mail server got it."""

    sender: str
    recipients: list[str]
    raw: bytes
    at: float

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


@dataclass
class Sink:
    """An SMTP server that keeps every byte and delivers nothing."""

    delivered: list[Delivered] = field(default_factory=list)
    refusing: bool = False
    refusing_for: str = ""
    holding: bool = False

    def __post_init__(self) -> None:
        self._controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), data_size_limit=100_000_000
        )
        self._controller.start()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        while self.holding:
            await asyncio.sleep(0.01)
        if self.refusing or self.refusing_for in envelope.rcpt_tos:
            return "554 5.7.1 refused by the test"
        self.delivered.append(
            Delivered(
                envelope.mail_from,
                list(envelope.rcpt_tos),
                envelope.original_content,
                time.monotonic(),
            )
        )
        return "250 kept"

    def next(self, count: int = 1) -> Delivered:
        until(
            f"{count} delivered, {len(self.delivered)} came", lambda: len(self.delivered) >= count
        )
        assert len(self.delivered) == count, "more was delivered than expected"
        return self.delivered[-1]

    def stop(self) -> None:
        self._controller.stop()


SENDER = "ann.lee@council.example"

PREFERENCES: dict[str, bool | int | str] = {
    "app.donation.eoy.version.viewed": 999,
    "app.update.enabled": False,
    "browser.shell.checkDefaultClient": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "devtools.console.stdout.content": True,
    "mail.SpellCheckBeforeSend": False,
    "mail.accountmanager.accounts": "account1,account2",
    "mail.accountmanager.defaultaccount": "account2",
    "mail.accountmanager.localfoldersserver": "server1",
    "mail.account.account1.server": "server1",
    "mail.account.account2.server": "server2",
    "mail.account.account2.identities": "id1",
    "mail.compose.attachment_reminder": False,
    "mail.compose.autosave": False,
    "mail.compose.big_attachments.notify": False,
    "mail.identity.id1.fullName": "Ann Lee",
    "mail.identity.id1.useremail": SENDER,
    "mail.identity.id1.smtpServer": "smtp1",
    "mail.identity.id1.valid": True,
    "mail.identity.id1.compose_html": False,
    "mail.identity.id1.fcc_folder": "mailbox://nobody@Local%20Folders/Sent",
    "mail.identity.id1.draft_folder": "mailbox://nobody@Local%20Folders/Drafts",
    "mail.inappnotifications.enabled": False,
    "mail.rights.version": 1,
    "mail.server.server1.type": "none",
    "mail.server.server1.hostname": "Local Folders",
    "mail.server.server1.name": "Local Folders",
    "mail.server.server1.userName": "nobody",
    "mail.server.server2.type": "pop3",
    "mail.server.server2.hostname": "127.0.0.1",
    "mail.server.server2.name": "Ann Lee",
    "mail.server.server2.userName": "ann",
    "mail.server.server2.check_new_mail": False,
    "mail.server.server2.login_at_startup": False,
    "mail.server.server2.download_on_biff": False,
    "mail.smtpservers": "smtp1",
    "mail.smtp.defaultserver": "smtp1",
    "mail.smtpserver.smtp1.hostname": "127.0.0.1",
    "mail.smtpserver.smtp1.authMethod": 1,
    "mail.smtpserver.smtp1.try_ssl": 0,
    # Set from the spelling dictionary, which arrives some time after the window.
    "mail.suppress_content_language": True,
    "mail.warn_on_send_accel_key": False,
    "mailnews.message_warning_size": 2_000_000_000,
    "mailnews.start_page.enabled": False,
    "offline.download.download_messages": 2,
    "offline.send.unsent_messages": 2,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}

CHROME = """
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const idOf = win => win.docShell.outerWindowID;
const windowById = id => {
  const found = [...Services.wm.getEnumerator(null)].find(win => idOf(win) === id);
  if (!found) throw new Error("that window is closed");
  return found;
};
const all = type => [...Services.wm.getEnumerator(type)];
const until = async (what, condition) => {
  for (let tries = 0; tries < 1000; tries++) {
    const value = await condition();
    if (value) return value;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error("waited in vain: " + what);
};
const inPage = (browser, script) => new Promise((resolve, reject) => {
  // A page that is still on its way changes its process, and the message would be lost.
  if (!browser.currentURI?.spec.startsWith("moz-extension:")) throw new Error("no page yet");
  setTimeout(() => reject(new Error("the page did not answer")), 5000);
  const name = "harness:" + Services.uuid.generateUUID();
  const mm = browser.messageManager;
  mm.addMessageListener(name, function listener({ data }) {
    mm.removeMessageListener(name, listener);
    if (data.problem) reject(new Error(data.problem)); else resolve(data.value);
  });
  const body = `
    (async () => { try {
      const document = content.document;
      const getComputedStyle = element => content.getComputedStyle(element);
      // The page may close itself by what is done: the answer goes out first.
      const then = act => content.setTimeout(act, 0);
      const value = await (async () => { ${script} })();
      sendAsyncMessage("${name}", { value });
    } catch (problem) { sendAsyncMessage("${name}", { problem: String(problem) }); } })();`;
  mm.loadFrameScript("data:text/javascript;charset=utf-8," + encodeURIComponent(body), false);
});
"""

PRESS = """
const tip = Cc["@mozilla.org/text-input-processor;1"].createInstance(Ci.nsITextInputProcessor);
if (!tip.beginInputTransactionForTests(content)) throw new Error("no input");
const press = (key, options = {}) => {
  const codes = { Enter: 13, Tab: 9, Escape: 27, " ": 32 };
  const init = { key, keyCode: codes[key] ?? key.toUpperCase().charCodeAt(0), bubbles: true };
  const modifiers = ["Shift", "Control"].filter(name => options[name]).map(
    name => new content.KeyboardEvent("", { key: name }));
  for (const modifier of modifiers) tip.keydown(modifier);
  const event = new content.KeyboardEvent("", init);
  tip.keydown(event); tip.keyup(event);
  for (const modifier of modifiers) tip.keyup(modifier);
};
"""


_DIALOGS = """all(null).filter(w => w.location.href.endsWith("/commonDialog.xhtml"))
    .map(w => w.document.querySelector("dialog")).filter(d => d?.acceptDialog)"""


class Thunderbird:
    """One running Thunderbird."""

    def __init__(
        self,
        folder: Path,
        *,
        smtp_port: int,
        policies: dict[str, Any] | None = None,
        preferences: dict[str, bool | int | str] | None = None,
        display: str | None = None,
    ) -> None:
        if reason := missing():
            raise RuntimeError(reason)
        self.folder = folder
        self.log = folder / "thunderbird.log"
        port = free_port()
        program = _private_program(folder / "program", policies)
        profile = folder / "profile"
        profile.mkdir(parents=True)
        settings = PREFERENCES | {
            "marionette.port": port,
            "mail.smtpserver.smtp1.port": smtp_port,
            "extensions.webextensions.uuids": json.dumps({EXTENSION: EXTENSION_UUID}),
        }
        lines = (settings | (preferences or {})).items()
        (profile / "user.js").write_text(
            "".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in lines)
        )
        environment = {
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "MOZ_CRASHREPORTER_DISABLE": "1",
        }
        environment |= {"DISPLAY": display} if display else {"MOZ_HEADLESS": "1"}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    str(program / "thunderbird-bin"),
                    "--marionette",
                    "--remote-allow-system-access",
                    "--no-remote",
                    "--profile",
                    str(profile),
                ],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._marionette = Marionette(host="127.0.0.1", port=port)
        until("Thunderbird's Marionette port", self._answers, patience=60)
        self._marionette.start_session()
        self._marionette.timeout.script = 60
        self._marionette.set_context("chrome")
        until("the main window", lambda: self.run("return all('mail:3pane').length > 0;"))

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log.read_text(errors="replace")[-2000:]
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self._marionette.port), timeout=1).close()
            return True
        return False

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript with Thunderbird's own rights; `arguments` are its arguments."""
        wrapped = f"const given = arguments; return (async () => {{ {CHROME} {script} }})();"
        return self._marionette.execute_script(
            wrapped, script_args=arguments, sandbox="system", new_sandbox=True
        )

    def install(self, xpi: Path) -> None:
        """As a user does: from a file, without any policy."""
        Addons(self._marionette).install(str(xpi), temp=False)

    def extension_is_ready(self) -> bool:
        """Its background page has run and listens for Send."""
        return bool(
            self.run(
                """const found = WebExtensionPolicy.getByID(given[0]);
                return !!found && found.active && found.extension.persistentListeners
                  ?.get("compose")?.get("onBeforeSend")?.size > 0;""",
                EXTENSION,
            )
        )

    def compose(
        self,
        to: str = "",
        *,
        cc: str = "",
        bcc: str = "",
        subject: str = "Minutes",
        body: str = "Here are the minutes of Tuesday.\n",
        html: bool = False,
        attach: dict[str, bytes] | None = None,
        newsgroups: str = "",
        identity: str = "id1",
    ) -> "Compose":
        files = []
        for name, content in (attach or {}).items():
            path = self.folder / name
            path.write_bytes(content)
            files.append(path.as_uri())
        window = self.run(
            """
            const [to, cc, bcc, subject, body, html, files, newsgroups, identity] = given;
            const params = Cc["@mozilla.org/messengercompose/composeparams;1"]
              .createInstance(Ci.nsIMsgComposeParams);
            const fields = Cc["@mozilla.org/messengercompose/composefields;1"]
              .createInstance(Ci.nsIMsgCompFields);
            Object.assign(fields, { to, cc, bcc, subject, body, newsgroups });
            for (const url of files) {
              const attachment = Cc["@mozilla.org/messengercompose/attachment;1"]
                .createInstance(Ci.nsIMsgAttachment);
              attachment.url = url;
              attachment.name = decodeURIComponent(url.split("/").pop());
              attachment.size = Services.io.newURI(url).QueryInterface(Ci.nsIFileURL).file.fileSize;
              fields.addAttachment(attachment);
            }
            params.composeFields = fields;
            params.type = Ci.nsIMsgCompType.New;
            params.format = html ? Ci.nsIMsgCompFormat.HTML : Ci.nsIMsgCompFormat.PlainText;
            params.identity = MailServices.accounts.getIdentity(identity);
            const before = new Set(all("msgcompose"));
            MailServices.compose.OpenComposeWindowWithParams(null, params);
            const win = await until("compose window", () =>
              all("msgcompose").find(w => !before.has(w) && w.composeEditorReady));
            return idOf(win);
            """,
            to,
            cc,
            bcc,
            subject,
            body,
            html,
            files,
            newsgroups,
            identity,
        )
        return Compose(self, window)

    def review(self) -> "Page":
        """The open review window, filled."""
        window = until("the review window", lambda: next(iter(self._review_windows()), None))
        page = Page(self, window)
        page.until("its words", "return !!document.getElementById('title');")
        return page

    def open_windows(self) -> str:
        """The words of every review window, and the titles of all windows."""
        titles = self.run("return all(null).map(w => w.document.title);")
        reviews = [Page(self, window).text for window in self._review_windows()]
        return "\n---\n".join([", ".join(titles), *reviews])

    def _review_windows(self) -> list[int]:
        return list(
            self.run(
                """return all(null).filter(w => w.location.href.endsWith("/extensionPopup.xhtml"))
                  .map(idOf);"""
            )
        )

    def no_review(self) -> bool:
        return not self._review_windows()

    def options(self) -> "Page":
        """The options page, in a tab of the main window, wherever it was opened from."""
        found = """
            const [main] = all("mail:3pane");
            const info = main.document.getElementById("tabmail").tabInfo.find(info =>
              info.browser?.currentURI?.spec.endsWith("/options.html"));
        """
        until("the options page", lambda: self.run(found + "return !!info;"))
        page = Page(self, None, found + "const browser = info.browser;")
        page.until(
            "its words",
            "return !!document.getElementById('state')?.textContent"
            " && document.getElementById('state').textContent !== 'Looking …';",
        )
        return page

    def screenshot(self, name: str) -> None:
        """Where LAST_LOOK_SCREENSHOTS names a folder: a picture of every window that is open but the
        main one, `name-1.png` and so on.
        """
        folder = os.environ.get("LAST_LOOK_SCREENSHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        drawn = self.run(
            """
            const pictures = [];
            for (const win of all(null).filter(w => w.location.href !== "about:blank")) {
              const { innerWidth: width, innerHeight: height } = win;
              if (!width || !height) continue;
              const actor = win.browsingContext.currentWindowGlobal;
              const rect = new win.DOMRect(0, 0, width, height);
              const bitmap = await actor.drawSnapshot(rect, 1, "white");
              const canvas = win.document.createElementNS("http://www.w3.org/1999/xhtml", "canvas");
              Object.assign(canvas, { width, height });
              canvas.getContext("2d").drawImage(bitmap, 0, 0);
              pictures.push(canvas.toDataURL("image/png").split(",")[1]);
            }
            return pictures;
            """
        )
        for number, picture in enumerate(drawn):
            (Path(folder) / f"{name}-{number}.png").write_bytes(base64.b64decode(picture))

    def review_count(self) -> int:
        return len(self._review_windows())

    def mailing_list(self, name: str, members: list[tuple[str, str]]) -> None:
        """A list in the personal address book."""
        self.run(
            """const [book] = MailServices.ab.directories;
            const list = Cc["@mozilla.org/addressbook/directoryproperty;1"]
              .createInstance(Ci.nsIAbDirectory);
            list.isMailList = true;
            list.dirName = given[0];
            const made = book.addMailList(list);
            for (const [name, email] of given[1]) {
              const card = Cc["@mozilla.org/addressbook/cardproperty;1"]
                .createInstance(Ci.nsIAbCard);
              card.displayName = name;
              card.primaryEmail = email;
              made.addCard(book.addCard(card));
            }""",
            name,
            members,
        )

    def reply(self, received: str) -> "Compose":
        """A reply to everyone, to a mail that lies in a local folder."""
        return self.compose_from(received, "ReplyAll")

    def compose_from(self, received: str, kind: str, *, html: bool = False) -> "Compose":
        """What a mail in a local folder is answered or passed on with, or made anew from: `kind` is
        one of Thunderbird's nsIMsgCompType.
        """
        window = self.run(
            """
            const [received, kind, html] = given;
            const root = MailServices.accounts.localFoldersServer.rootFolder;
            if (!root.containsChildNamed("Received")) root.createSubfolder("Received", null);
            const folder = await until("the folder", () => root.containsChildNamed("Received")
              && root.getChildNamed("Received"));
            folder.QueryInterface(Ci.nsIMsgLocalMailFolder);
            const header = folder.addMessage(received);
            const before = new Set(all("msgcompose"));
            MailServices.accounts.allIdentities[0].composeHtml = html;
            MailServices.compose.OpenComposeWindow(null, header, folder.getUriForMsg(header),
              Ci.nsIMsgCompType[kind], Ci.nsIMsgCompFormat[html ? "HTML" : "PlainText"],
              MailServices.accounts.allIdentities[0], null, all("mail:3pane")[0].msgWindow);
            const win = await until("compose window", () =>
              all("msgcompose").find(w => !before.has(w) && w.composeEditorReady));
            MailServices.accounts.allIdentities[0].composeHtml = false;
            return idOf(win);
            """,
            received,
            kind,
            html,
        )
        return Compose(self, window)

    def suspend_extension(self) -> None:
        """What Thunderbird does to an idle background page, at once."""
        self.run(
            """const { extension } = WebExtensionPolicy.getByID(given[0]);
            await extension.terminateBackground({ ignoreDevToolsAttached: true });""",
            EXTENSION,
        )

    def extension_sleeps(self) -> bool:
        return bool(
            self.run(
                """const { extension } = WebExtensionPolicy.getByID(given[0]);
                return extension.backgroundState === "stopped";""",
                EXTENSION,
            )
        )

    def alerts(self) -> int:
        """Thunderbird's own questions that can be answered by now."""
        return int(self.run(f"return {_DIALOGS}.length;"))

    def dismiss_alerts(self) -> None:
        self.run(f"for (const dialog of {_DIALOGS}) dialog.acceptDialog();")

    def storage(self, area: str, call: str = "get") -> Any:
        """What the extension keeps in `local` or `session`; or `clear` it."""
        return json.loads(self._in_background(f"JSON.stringify(await {area}.{call}() ?? null)"))

    def hear(self, unreachable: str) -> None:
        """What the service once said holds while it is silent."""
        said = json.dumps({"unreachable": unreachable})
        self._in_background(f"(await local.set(Cu.cloneInto({said}, content)), null)")

    def keep(self, area: str, values: dict[str, Any]) -> None:
        """Put something where the extension will look for it."""
        given = json.dumps(values)
        self._in_background(f"(await {area}.set(Cu.cloneInto({given}, content)), null)")

    @property
    def pid(self) -> int:
        """Its main process."""
        return self._process.pid

    @contextlib.contextmanager
    def without(self, function: str) -> Iterator[None]:
        """One function of the extension's programming interface fails, in its background page."""
        space, _, name = function.rpartition(".")
        place = f"content.wrappedJSObject.messenger.{space}"
        self._in_background(
            f"""(() => {{ {place}.{name}Before = {place}.{name};
              Cu.exportFunction(() => {{ throw new Error("broken by the test"); }}, {place},
                {{ defineAs: "{name}" }}); }})()"""
        )
        try:
            yield
        finally:
            self._in_background(f"(() => {{ {place}.{name} = {place}.{name}Before; }})()")

    def _in_background(self, expression: str) -> Any:
        return self.run(
            """const { extension } = WebExtensionPolicy.getByID(given[0]);
            await extension.wakeupBackground();
            const view = [...extension.views].find(view => view.viewType === "background");
            return inPage(view.xulBrowser, `
              const { local, session } = content.wrappedJSObject.messenger.storage;
              return ${given[1]};`);""",
            EXTENSION,
            expression,
        )

    def main_badge(self) -> str:
        """What the extension's button in the main window says."""
        return self._main_button("badgeText")

    def main_title(self) -> str:
        """The words beside it."""
        return self._main_button("title")

    def _main_button(self, part: str) -> str:
        return str(
            self.run(
                """const { extension } = WebExtensionPolicy.getByID(given[0]);
            const { ExtensionParent } = ChromeUtils.importESModule(
              "resource://gre/modules/ExtensionParent.sys.mjs");
            const { global } = ExtensionParent.apiManager;
            return global.browserActionFor(extension).globals[given[1]] ?? "";""",
                EXTENSION,
                part,
            )
        )

    def empty_folders(self) -> None:
        """What other tests have sent, or have left in the Outbox, is gone."""
        self.run(
            """
            const root = MailServices.accounts.localFoldersServer.rootFolder;
            const { Queue, SentMail } = Ci.nsMsgFolderFlags;
            for (const folder of [Queue, SentMail].map(flag => root.getFolderWithFlags(flag))) {
              const there = () => [...(folder?.messages ?? [])];
              if (!there().length) continue;
              folder.deleteMessages(there(), null, true, false, null, false);
              await until("an empty folder", () => !there().length);
            }
            """
        )

    def close_everything(self) -> None:
        """Nothing of the last test stays open, and nobody is asked about it."""
        self.run(
            """
            for (const w of all("msgcompose")) {
              w.gContentChanged = false;
              if (w.gMsgCompose) w.gMsgCompose.bodyModified = false;
              w.close();
            }
            for (const w of all(null)) {
              if (/(extensionPopup|commonDialog)\\.xhtml$/.test(w.location.href)) w.close();
            }
            const tabmail = all("mail:3pane")[0].document.getElementById("tabmail");
            for (const info of [...tabmail.tabInfo].slice(1)) tabmail.closeTab(info);
            await until("all closed", () => !all("msgcompose").length);
            """
        )

    def stop(self) -> None:
        with contextlib.suppress(Exception):
            self.run("Services.startup.quit(Ci.nsIAppStartup.eForceQuit);")
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Compose:
    """One compose window."""

    def __init__(self, thunderbird: Thunderbird, window: int) -> None:
        self._thunderbird = thunderbird
        self.window = window

    def _run(self, script: str, *arguments: Any) -> Any:
        return self._thunderbird.run(
            f"const win = windowById(given[0]); {script}", self.window, *arguments
        )

    def send(self) -> float:
        """Click Send. The clock at the click."""
        at = time.monotonic()
        self._run('win.document.getElementById("button-send").click();')
        return at

    def send_later(self) -> None:
        self._run('win.goDoCommand("cmd_sendLater");')

    @property
    def is_open(self) -> bool:
        return bool(
            self._thunderbird.run(
                "return all('msgcompose').some(w => idOf(w) === given[0]);", self.window
            )
        )

    @property
    def is_locked(self) -> bool:
        return bool(self._run("return win.gWindowLocked;"))

    def until_free(self) -> float:
        """Wait until the window may be worked in again. The clock then."""
        until("an unlocked compose window", lambda: not self.is_locked)
        return time.monotonic()

    def until_closed(self) -> None:
        until("the compose window closes", lambda: not self.is_open)

    def draft(self) -> dict[str, Any]:
        """What stands in the window now."""
        return dict(
            self._run(
                """
            win.Recipients2CompFields(win.gMsgCompose.compFields);
            const { to, cc, bcc } = win.gMsgCompose.compFields;
            return { to, cc, bcc, subject: win.document.getElementById("msgSubject").value,
              body: win.GetCurrentEditor().document.body.innerText,
              attachments: [...win.gAttachmentBucket.itemChildren].map(i => i.attachment.name) };
            """
            )
        )

    def save_as_draft(self) -> str:
        """Save, and what then lies in the folder for drafts."""
        return str(
            self._run(
                """const folder = () => {
              const root = MailServices.accounts.localFoldersServer.rootFolder;
              return root.containsChildNamed("Drafts") && root.getChildNamed("Drafts");
            };
            const keys = () => folder() ? [...folder().messages].map(m => m.messageKey) : [];
            const before = new Set(keys());
            win.goDoCommand("cmd_saveAsDraft");
            const key = await until("the saved draft", () => keys().find(k => !before.has(k)));
            const header = folder().GetMessageHeader(key);
            const stream = folder().getMsgInputStream(header, {});
            const { NetUtil } = ChromeUtils.importESModule("resource://gre/modules/NetUtil.sys.mjs");
            return NetUtil.readInputStreamToString(stream, header.messageSize);"""
            )
        )

    def fill(self, field: str, addresses: list[str]) -> None:
        """Type addresses into To, Cc or Bcc."""
        self._run(
            """const [, field, addresses] = given;
            const row = win.document.getElementById(`addressRow${field}`);
            if (row.classList.contains("hidden")) win.showAndFocusAddressRow(row.id);
            win.addressRowAddRecipientsArray(row, addresses);""",
            field,
            addresses,
        )

    def type_text(self, text: str) -> None:
        self._run("win.GetCurrentEditor().insertText(given[1]);", text)

    def badge(self) -> str:
        return str(
            self._run(
                """const button = win.document.querySelector('[id$="-composeAction-toolbarbutton"]');
            return button?.getAttribute("badge") ?? "";"""
            )
        )

    def button(self, part: str) -> str:
        """What stands in an attribute of the extension's own button, `label` say."""
        return str(
            self._run(
                """const button = win.document.querySelector('[id$="-composeAction-toolbarbutton"]');
            return button?.getAttribute(given[1]) ?? "";""",
                part,
            )
        )

    def click_action(self) -> None:
        """The extension's own button in the compose window."""
        self._run("""win.document.querySelector('[id$="-composeAction-toolbarbutton"]').click();""")

    def close(self) -> None:
        self._run("win.gContentChanged = false; win.gMsgCompose.bodyModified = false; win.close();")


class Page:
    """A page of the extension: the review window, or the options in a tab."""

    def __init__(self, thunderbird: Thunderbird, window: int | None, find: str = "") -> None:
        self._thunderbird = thunderbird
        self.window = window
        self._find = (
            find
            or """
            const browser = windowById(given[0]).document.querySelector("browser");"""
        )

    def run(self, script: str) -> Any:
        return self._thunderbird.run(
            f"{self._find} return await inPage(browser, given[1]);", self.window, script
        )

    def until(self, what: str, script: str) -> Any:
        def attempt() -> Any:
            try:
                return self.run(script)
            except Exception:
                return None

        return until(what, attempt)

    @property
    def is_open(self) -> bool:
        return bool(
            self._thunderbird.run("return all(null).some(w => idOf(w) === given[0]);", self.window)
        )

    def until_closed(self) -> None:
        until("the review window closes", lambda: not self.is_open)

    @property
    def text(self) -> str:
        return str(self.run("return document.body.innerText;"))

    def until_text(self, words: str) -> None:
        self.until(
            f"the words {words!r}", f"return document.body.innerText.includes({json.dumps(words)});"
        )

    def labels(self, selector: str = "button") -> list[str]:
        """The texts of what can be seen."""
        return list(
            self.run(
                f"""return [...document.querySelectorAll({json.dumps(selector)})]
              .filter(e => e.checkVisibility()).map(e => e.innerText.trim());"""
            )
        )

    def has(self, selector: str) -> bool:
        return bool(self.run(f"return !!document.querySelector({json.dumps(selector)});"))

    def enabled(self, selector: str) -> bool:
        return bool(self.run(f"return !document.querySelector({json.dumps(selector)}).disabled;"))

    def focused(self) -> str:
        return str(
            self.run("const e = document.activeElement; return e.className || e.id || e.localName;")
        )

    def click(self, selector: str) -> float:
        """A click on what can be seen and is enabled. The clock at the click."""
        at = time.monotonic()
        self.run(
            f"""const e = document.querySelector({json.dumps(selector)});
            if (!e) throw new Error("not there");
            if (!e.checkVisibility() || e.disabled) throw new Error("cannot be clicked");
            then(() => e.click());"""
        )
        return at

    def press(self, key: str, **modifiers: bool) -> None:
        """A real key press, with everything that the platform does by itself."""
        self.run(f"{PRESS} then(() => press({json.dumps(key)}, {json.dumps(modifiers)}));")

    def type(self, text: str) -> None:
        self.run(f"{PRESS} for (const letter of {json.dumps(text)}) press(letter);")

    def zoom(self, factor: float) -> None:
        self._thunderbird.run(f"{self._find} browser.fullZoom = given[1];", self.window, factor)

    def close(self) -> None:
        """By the window's own cross."""
        self._thunderbird.run("windowById(given[0]).close();", self.window)


def _private_program(folder: Path, policies: dict[str, Any] | None) -> Path:
    """Thunderbird finds its policy beside its program; nothing of the machine is touched."""
    folder.mkdir(parents=True)
    for entry in PROGRAM.iterdir():
        if entry.name == "thunderbird-bin":
            # A copy, because a link would lead it back to where it was installed.
            shutil.copy2(entry, folder / entry.name)
        elif entry.name not in ("thunderbird", "distribution"):
            (folder / entry.name).symlink_to(entry)
    if policies is not None:
        (folder / "distribution").mkdir()
        (folder / "distribution" / "policies.json").write_text(json.dumps(policies))
    return folder


@contextlib.contextmanager
def running(thunderbird: Thunderbird) -> Iterator[Thunderbird]:
    try:
        yield thunderbird
    finally:
        thunderbird.stop()
