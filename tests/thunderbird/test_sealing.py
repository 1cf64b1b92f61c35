"""Sealed mail, from the click on Send to the reader who opens it.

The real extension in a real Thunderbird asks the real service, which runs the real gpg. What the
mail server got is opened by gpg, by Sequoia, and by a Thunderbird that has the reader's key.
"""

import base64
import contextlib
import json
import os
import shutil
import struct
import zlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pysequoia
import pytest

from addin_service import manifests
from addin_service.pgp import packets
from addin_service.pgp.certificate import fingerprint, groups
from tests.pgp.keys import Owner, needs_gpg, owner

from .desk import Desk, Service, command
from .harness import Compose, Delivered, Page, Sink, Thunderbird, running, until
from .standin import NEVER, StandIn, answer, as_json

COUNSEL = "p.tann@chambers.example"
SURGERY = "alison.webb@nhs.example"
SENDER = "ann.lee@council.example"
STRANGER = "bob.miller@northwind.example"

NAMES = {
    COUNSEL: "Priya Tann", SURGERY: "Alison Webb", SENDER: "Ann Lee", STRANGER: "Bob Miller",
}  # fmt: skip

SUBJECT = "Case 2011/0417 – the hearing"
TEXT = (
    "OFFICIAL-SENSITIVE\n\nDear Ms Tann,\n\nthe child protection plan for the hearing.\n"
    "NHS number 943 476 5919, National Insurance QQ 12 34 56 C.\n"
)


class Person:
    """Somebody with a key of their own, and a gpg that has nobody else's."""

    def __init__(self, name: str, address: str, owner: Owner) -> None:
        self.name, self.address, self.owner = name, address, owner
        self.fingerprint = self.owner.make(f"{name} <{address}>")
        self.public = self.owner.public(self.fingerprint)

    def groups(self, positions: list[int]) -> list[str]:
        """What they read out when they are phoned."""
        parts = groups(fingerprint(self.fingerprint))
        return [parts[position - 1] for position in positions]


@pytest.fixture(scope="session")
def people() -> Iterator[dict[str, Person]]:
    needs_gpg()
    with contextlib.ExitStack() as stack:
        yield {
            address: Person(name, address, stack.enter_context(owner()))
            for address, name in NAMES.items()
        }


def bring(data: Path, organisation: Path, person: Person, *, confirmed: bool = False) -> None:
    file = data.parent / f"{person.fingerprint}.pgp"
    file.write_bytes(person.public)
    command(data, organisation, "keys", "import", str(file))
    if confirmed:
        words = ["confirm", person.address, person.fingerprint, "--method", "phone"]
        command(data, organisation, "keys", *words)


@pytest.fixture(scope="session")
def desk_with_keys(
    desk: Desk, people: dict[str, Person], tmp_path_factory: pytest.TempPathFactory
) -> Desk:
    """The desk, where somebody has confirmed everybody's key."""
    data = tmp_path_factory.mktemp("keys") / "data"
    shutil.copytree(desk.data, data)
    for person in people.values():
        bring(data, desk.organisation, person, confirmed=True)
    return Desk(data, desk.organisation, desk.token)


@pytest.fixture
def service(
    request: pytest.FixtureRequest, desk: Desk, port: int, tmp_path: Path
) -> Iterator[Service]:
    """The real service, with no history, and with the keys that the test asks for."""
    asked = request.fixturenames
    keys = "desk_with_keys" if "known" in asked or "draft_before_sealing" in asked else "desk"
    with Service.started(request.getfixturevalue(keys), port, tmp_path / "data") as service:
        yield service


@pytest.fixture
def known(service: Service, people: dict[str, Person]) -> dict[str, Person]:
    """Everybody's key is confirmed."""
    return people


@pytest.fixture
def priya(service: Service, people: dict[str, Person]) -> Person:
    """Priya Tann, whose key is here and was never compared."""
    bring(service.data, service.desk.organisation, people[COUNSEL])
    return people[COUNSEL]


def asked(thunderbird: Thunderbird, compose: Compose) -> Page:
    compose.send()
    review = thunderbird.review()
    compose.until_free()
    return review


def goes(compose: Compose, sink: Sink, count: int = 1) -> Delivered:
    delivered = sink.next(count)
    compose.until_closed()
    return delivered


def says_whom_for(review: Page, name: str = "Tann") -> None:
    review.until("the question", "return !!document.querySelector('.typed input.name');")
    review.run("document.querySelector('.typed input').focus();")
    review.type(name)
    review.click(".send")


def compares(review: Page, person: Person) -> None:
    review.until("the groups", "return !!document.querySelector('.group input');")
    positions = [int(label.split()[-1]) for label in review.labels(".group span")]
    review.click("input[type=radio][value=phone]")
    review.run("document.querySelector('.group input').focus();")
    review.type("".join(person.groups(positions)))
    review.click(".send")


def opened(person: Person, got: Delivered) -> EmailMessage:
    """The mail inside, opened by the reader's own gpg; headers and all."""
    (_, sealed) = got.message.iter_parts()
    armored = sealed.get_payload(decode=True)
    assert isinstance(armored, bytes)
    plain = person.owner.opens(armored)
    assert plain is not None
    return message_from_bytes(plain, policy=policy.default)  # type: ignore[arg-type]


def outside(raw: bytes) -> str:
    """All that the mail server could read, with encoded words and names decoded."""
    message = message_from_bytes(raw, policy=policy.default)
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    return headers + raw.decode("latin-1")


def test_an_unconfirmed_key_is_confirmed_and_only_its_owner_can_open_what_arrives(
    thunderbird: Thunderbird,
    priya: Person,
    sink: Sink,
    people: dict[str, Person],
) -> None:
    compose = thunderbird.compose(f"Priya Tann <{COUNSEL}>", subject=SUBJECT, body=TEXT)
    review = asked(thunderbird, compose)
    says_whom_for(review)
    compares(review, priya)
    got = goes(compose, sink)
    review.until_closed()

    assert got.recipients == [COUNSEL]
    assert got.message.get_content_type() == "multipart/encrypted"
    assert got.message["Subject"] == "[...]"
    for hidden in ("Case", "hearing", "Priya", "Tann", "Ann Lee", "OFFICIAL"):
        assert hidden not in outside(got.raw)

    inner = opened(priya, got)
    assert inner["Subject"] == SUBJECT
    assert str(inner["To"]) == f"Priya Tann <{COUNSEL}>"
    (body,) = inner.iter_parts()
    assert body.get_content().replace("\r\n", "\n").strip() == TEXT.strip()

    (_, sealed) = got.message.iter_parts()
    armored = sealed.get_payload(decode=True)
    assert isinstance(armored, bytes)
    secret = pysequoia.Tsk.from_bytes(priya.owner.secret(priya.fingerprint))
    by_sequoia = bytes(pysequoia.decrypt(armored, secret.decryptor()).bytes or b"")
    assert by_sequoia == priya.owner.opens(armored)
    until("the line that says so", lambda: thunderbird.main_title() == "Sealed for Priya Tann")
    ordinary = thunderbird.compose("joe.marsh@council.example")
    ordinary.send()
    goes(ordinary, sink, 2)
    until("no such line", lambda: thunderbird.main_title() == "Last Look")
    for other in (SURGERY, STRANGER, SENDER):
        assert people[other].owner.opens(armored) is None, f"{other} can open it"


def signed_off(thunderbird: Thunderbird, compose: Compose, name: str = "Tann") -> Page:
    """Send, and say whom it is for; the keys are known."""
    review = asked(thunderbird, compose)
    says_whom_for(review, name)
    return review


def sealed_and_gone(thunderbird: Thunderbird, compose: Compose, sink: Sink) -> Delivered:
    before = len(sink.delivered)
    review = signed_off(thunderbird, compose)
    got = goes(compose, sink, before + 1)
    review.until_closed()
    return got


def png(width: int = 12) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = b"".join(b"\0" + b"\x1f\x5f\x80" * width for _ in range(width))
    head = struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


HTML = (
    "<p>OFFICIAL-SENSITIVE</p><p>Dear Ms Tann, <b>the plan</b> – NHS number 943 476 5919, "
    "National Insurance QQ 12 34 56 C.</p>"
    f'<p><img src="data:image/png;base64,{base64.b64encode(png()).decode()}" alt="seal"></p>'
)
FILES = {"Übersicht – plan.pdf": bytes(range(256)) * 700, "notes.txt": b"1. Welcome\n"}


def test_an_html_mail_with_a_picture_and_files_is_opened_by_the_readers_own_thunderbird(
    thunderbird: Thunderbird,
    plain_thunderbird: Thunderbird,
    known: dict[str, Person],
    sink: Sink,
) -> None:
    compose = thunderbird.compose(
        f"Priya Tann <{COUNSEL}>", subject=SUBJECT, body=HTML, html=True, attach=FILES
    )
    got = sealed_and_gone(thunderbird, compose, sink)
    for hidden in ("plan", "bersicht", "notes", "Welcome", "Tann", "Case"):
        assert hidden not in outside(got.raw)

    priya = known[COUNSEL]
    inner = opened(priya, got)
    files = {part.get_filename(): part.get_content() for part in inner.iter_attachments()}
    assert {n: c.encode() if isinstance(c, str) else c for n, c in files.items()} == FILES
    pictures = [part for part in inner.walk() if part.get_content_type() == "image/png"]
    assert [part.get_content() for part in pictures] == [png()]
    # The sender's own copy in Sent is the same message, and theirs to open.
    assert known[SENDER].owner.opens(armored_in(got)) is not None

    seen = read_in(plain_thunderbird, priya, got)
    assert "Dear Ms Tann, the plan" in seen["text"]
    assert seen["subject"].removeprefix("Subject:").strip() == SUBJECT
    assert seen["attachments"] == [*FILES]
    assert seen["pictures"] == [12]
    assert seen["encrypted"]


def armored_in(got: Delivered) -> bytes:
    (_, sealed) = got.message.iter_parts()
    armored = sealed.get_payload(decode=True)
    assert isinstance(armored, bytes)
    return armored


def read_in(thunderbird: Thunderbird, person: Person, got: Delivered) -> dict[str, object]:
    """What a Thunderbird with this person's key shows of a message that it has received."""
    armored = person.owner.gpg("--armor", "--export-secret-keys", person.fingerprint).decode()
    return dict(
        thunderbird.run(
            """
        const [armored, raw] = given;
        const { RNP } = ChromeUtils.importESModule("chrome://openpgp/content/modules/RNP.sys.mjs");
        const { EnigmailKeyRing } = ChromeUtils.importESModule(
          "chrome://openpgp/content/modules/keyRing.sys.mjs");
        const { MailUtils } = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");
        await RNP.importSecKeyBlockImpl(null, () => "", false, armored);
        EnigmailKeyRing.clearCache();
        const root = MailServices.accounts.localFoldersServer.rootFolder;
        if (!root.containsChildNamed("Opened")) root.createSubfolder("Opened", null);
        const folder = await until("the folder", () => root.containsChildNamed("Opened")
          && root.getChildNamed("Opened"));
        const header = folder.QueryInterface(Ci.nsIMsgLocalMailFolder).addMessage(raw);
        const before = new Set(all("mail:messageWindow"));
        MailUtils.openMessageInNewWindow(header);
        const win = await until("the message window", () =>
          all("mail:messageWindow").find(w => !before.has(w) && w.messageBrowser?.contentWindow
            ?.getMessagePaneBrowser?.()?.contentDocument?.body?.innerText.includes("SENSITIVE")));
        const inside = win.messageBrowser.contentWindow;
        const doc = inside.getMessagePaneBrowser().contentDocument;
        await until("the pictures", () => [...doc.images].every(i => i.complete));
        const subject = inside.document.getElementById("expandedsubjectBox");
        await until("the subject", () => !subject.textContent.includes("[...]"));
        const found = {
          text: doc.body.innerText,
          subject: subject.querySelector(".header-value")?.textContent ?? subject.textContent,
          attachments: inside.currentAttachments.map(a => a.name),
          pictures: [...doc.images].filter(i => i.src.startsWith("mailbox") ||
            i.src.startsWith("data") || i.src.startsWith("imap")).map(i => i.naturalWidth),
          encrypted: !inside.document.getElementById("encryptedHdrIcon")?.hidden,
        };
        win.close();
        return found;
        """,
            armored,
            got.raw.decode("latin-1"),
        )
    )


def test_sent_eleven_times_the_key_is_asked_for_once(
    thunderbird: Thunderbird,
    priya: Person,
    sink: Sink,
) -> None:
    questions = 0
    for time in range(1, 12):
        compose = thunderbird.compose(COUNSEL, subject=f"{SUBJECT} {time}", body=TEXT)
        review = asked(thunderbird, compose)
        says_whom_for(review)
        if time == 1:
            questions += 1
            compares(review, priya)
        got = goes(compose, sink, time)
        review.until_closed()
        assert opened(priya, got)["Subject"] == f"{SUBJECT} {time}"
    assert questions == 1


# Hidden recipients.


def test_a_hidden_recipient_gets_a_message_of_their_own_and_nobody_is_revealed(
    thunderbird: Thunderbird, known: dict[str, Person], sink: Sink
) -> None:
    compose = thunderbird.compose(
        COUNSEL, bcc=f"Alison Webb <{SURGERY}>, {STRANGER}", subject=SUBJECT, body=TEXT
    )
    review = signed_off(thunderbird, compose)
    goes(compose, sink, 3)
    review.until_closed()
    by_reader = {got.recipients[0]: got for got in sink.delivered}
    assert all(len(got.recipients) == 1 for got in sink.delivered)
    assert set(by_reader) == {COUNSEL, SURGERY, STRANGER}
    for address, got in by_reader.items():
        for other in (SURGERY, STRANGER):
            assert other not in outside(got.raw)
        assert got.message["Subject"] == "[...]"
        assert str(got.message["To"]) == COUNSEL
        assert opened(known[address], got)["Subject"] == SUBJECT
        may = {address, SENDER} if address == COUNSEL else {address}
        can = {who for who, one in known.items() if one.owner.opens(armored_in(got)) is not None}
        assert can == may
        assert len(packets.key_ids(armored_in(got))) == len(may)


def test_with_hidden_recipients_alone_each_gets_their_own(
    thunderbird: Thunderbird, known: dict[str, Person], sink: Sink
) -> None:
    compose = thunderbird.compose(bcc=f"{SURGERY}, {COUNSEL}", subject=SUBJECT, body=TEXT)
    review = signed_off(thunderbird, compose)
    goes(compose, sink, 2)
    review.until_closed()
    for got in sink.delivered:
        (reader,) = got.recipients
        assert {SURGERY, COUNSEL, "Bcc"}.isdisjoint(got.message.keys())
        assert SURGERY not in outside(got.raw)
        assert COUNSEL not in outside(got.raw)
        assert opened(known[reader], got)["Subject"] == SUBJECT
        assert len(packets.key_ids(armored_in(got))) == 1


def test_where_a_hidden_copy_fails_nothing_goes_and_nobody_gets_it_twice(
    thunderbird: Thunderbird, known: dict[str, Person], sink: Sink
) -> None:
    compose = thunderbird.compose(COUNSEL, bcc=f"{SURGERY}, {STRANGER}", subject=SUBJECT, body=TEXT)
    before = compose.draft()
    sink.refusing_for = STRANGER
    review = signed_off(thunderbird, compose)
    until("Thunderbird's own words", thunderbird.alerts)
    thunderbird.dismiss_alerts()
    review.until_text("The hidden copy for bob.miller@northwind.example could not be sent")
    compose.until_free()
    assert [got.recipients for got in sink.delivered] == [[SURGERY]]
    assert compose.draft() == before
    sink.refusing_for = ""
    review.click(".again-button")
    goes(compose, sink, 3)
    assert sorted(got.recipients[0] for got in sink.delivered) == sorted(
        [SURGERY, STRANGER, COUNSEL]
    )


# What is asked.


def test_whom_it_is_for_is_asked_blind(
    thunderbird: Thunderbird, known: dict[str, Person], sink: Sink
) -> None:
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
    review = asked(thunderbird, compose)
    for told in ("Priya", "Tann", COUNSEL, "Fountain", "chambers"):
        assert told not in review.run("return document.documentElement.outerHTML;")
    assert review.focused() == "name"
    assert review.labels("label") == ["Their surname, or their organisation"]
    for _ in range(3):
        says_whom_for(review, "Miller")
        review.until_text("o")
        review.until(
            "the next try",
            "return !!document.querySelector('.again') && !document.querySelector('.typed input').disabled;",
        )
        assert "Tann" not in review.text
        assert not sink.delivered
    assert review.labels("label") == ["Your reason, for the record"]
    assert review.focused() == "reason"


def test_wrong_groups_do_not_confirm_a_key(
    thunderbird: Thunderbird,
    priya: Person,
    sink: Sink,
    people: dict[str, Person],
) -> None:
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
    review = signed_off(thunderbird, compose)
    compares(review, people[STRANGER])
    review.until_text("These are not the groups of the key that is here")
    assert not sink.delivered
    compares(review, priya)
    assert opened(priya, goes(compose, sink))["Subject"] == SUBJECT


def test_the_key_is_compared_with_the_keyboard_alone_and_every_field_says_what_it_is(
    thunderbird: Thunderbird,
    priya: Person,
    sink: Sink,
) -> None:
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
    review = asked(thunderbird, compose)
    review.type("fountain")
    review.press("Tab")
    review.press("Enter")
    review.until("the groups", "return !!document.querySelector('.group input');")
    assert "Priya Tann" in review.text
    assert "Fountain Chambers, outside your organisation" in review.text
    assert "Nobody has checked yet that the key is theirs." in review.text
    assert "you will not be able to read your own copy" in review.text
    assert review.run("return document.activeElement.type;") == "radio"
    # That signed mail came from them is not enough for what is in this one.
    assert review.run(
        "return [...document.querySelectorAll('input[type=radio]')].map(field => field.value);"
    ) == ["phone", "in-person"]
    assert review.run(
        """return [...document.querySelectorAll(".compare input")].every(field =>
             field.labels.length === 1 && field.closest("fieldset").querySelector("legend"));"""
    )
    assert not review.enabled(".send")
    review.press(" ")
    review.press("Tab")
    positions = [int(label.split()[-1]) for label in review.labels(".group span")]
    review.type("".join(priya.groups(positions)).lower())
    review.until("an enabled Send", "return !document.querySelector('.send').disabled;")
    review.press("Tab")
    assert review.focused() == "send"
    assert review.labels(".send") == ["Seal and send"]
    review.press("Enter")
    assert opened(priya, goes(compose, sink))["Subject"] == SUBJECT


def test_the_archive_of_the_organisation_is_shown_as_a_reader_and_can_open_it(
    thunderbird: Thunderbird,
    service: Service,
    priya: Person,
    people: dict[str, Person],
    sink: Sink,
) -> None:
    archive = people[STRANGER]
    bring(service.data, service.desk.organisation, archive, confirmed=True)
    wanted = f'[sealing]\narchive = "{archive.address}"\n'
    (service.data / "policy.toml").write_text(wanted, encoding="utf-8")
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
    review = signed_off(thunderbird, compose)
    review.until("the groups", "return !!document.querySelector('.group input');")
    assert review.labels(".reader strong") == ["Priya Tann", "Bob Miller"]
    assert review.labels(".reader.archive .state") == [
        "Your organisation keeps a copy that this key opens."
    ]
    compares(review, priya)
    got = goes(compose, sink)
    assert got.recipients == [COUNSEL]
    assert opened(archive, got)["Subject"] == SUBJECT


@pytest.mark.parametrize("pasted", ["the five groups", "the whole fingerprint"])
def test_groups_can_be_pasted(
    thunderbird: Thunderbird,
    priya: Person,
    sink: Sink,
    pasted: str,
) -> None:
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
    review = signed_off(thunderbird, compose)
    review.until("the groups", "return !!document.querySelector('.group input');")
    positions = [int(label.split()[-1]) for label in review.labels(".group span")]
    wanted = priya.groups(positions)
    text = " ".join(wanted if pasted == "the five groups" else priya.groups([*range(1, 11)]))
    thunderbird.run(
        """Cc["@mozilla.org/widget/clipboardhelper;1"].getService(Ci.nsIClipboardHelper)
             .copyString(given[0]);""",
        text,
    )
    review.run("document.querySelector('.group input').focus(); docShell.doCommand('cmd_paste');")
    values = "return [...document.querySelectorAll('.group input')].map(f => f.value);"
    assert review.run(values) == wanted


def test_at_twice_the_size_nothing_of_the_steps_is_cut_off(
    thunderbird: Thunderbird,
    priya: Person,
    sink: Sink,
) -> None:
    review = asked(thunderbird, thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT))
    review.zoom(2.0)
    wide = "return document.documentElement.scrollWidth <= content.innerWidth;"
    review.until("no sideways scrolling", wide)
    says_whom_for(review)
    review.until("the groups", "return !!document.querySelector('.group input');")
    review.until("no sideways scrolling", wide)


# Whatever fails: the window is free, the draft whole, and nothing leaves unsealed.


def stays(compose: Compose, before: dict[str, object], sink: Sink) -> None:
    compose.until_free()
    assert compose.draft() == before
    assert not sink.delivered


REAL_GPG = shutil.which("gpg") or ""
STAND_IN_GPG = """\
#!/bin/sh
# The real gpg, until it is told what to do when something is to be encrypted.
for word in "$@"; do
  if [ "$word" = --encrypt ]; then
    case "$(cat {folder}/mode 2>/dev/null)" in
      hang) exec sleep 600 ;;
      die) exit 2 ;;
      kill-service) kill -9 "$(cat {folder}/service)"; exit 2 ;;
    esac
  fi
done
exec {gpg} "$@"
"""


class Gpg:
    """A gpg that fails when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        program = folder / "gpg"
        program.write_text(STAND_IN_GPG.format(folder=folder, gpg=REAL_GPG))
        program.chmod(0o755)

    def will(self, mode: str, service: Service | None = None) -> None:
        if service is not None and service._process is not None:
            (self.folder / "service").write_text(str(service._process.pid))
        (self.folder / "mode").write_text(mode)


@pytest.fixture
def gpg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gpg:
    made = Gpg(tmp_path / "gpg")
    monkeypatch.setenv("PATH", f"{made.folder}:{os.environ['PATH']}")
    return made


@pytest.fixture
def draft_before_sealing(gpg: Gpg, thunderbird: Thunderbird, known: dict[str, Person]) -> Compose:
    """Needs sealing, and is whole. `gpg` comes first: the service finds it at its start."""
    return thunderbird.compose(
        f"Priya Tann <{COUNSEL}>", subject=SUBJECT, body=TEXT, attach={"plan.txt": b"plan"}
    )


def test_the_service_gone_before_the_look(
    draft_before_sealing: Compose, thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    before = draft_before_sealing.draft()
    service.stop()
    review = asked(thunderbird, draft_before_sealing)
    assert "Last Look cannot be reached" in review.text
    stays(draft_before_sealing, before, sink)
    service.start()
    review.click(".again-button")
    says_whom_for(review)
    assert goes(draft_before_sealing, sink).message["Subject"] == "[...]"


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("die", "could not be sealed"),
        ("kill-service", "stopped while the mail was being sealed"),
        ("hang", "could not be sealed, and nothing was sent"),
    ],
)
def test_gpg_or_the_service_gone_while_sealing(
    draft_before_sealing: Compose,
    thunderbird: Thunderbird,
    service: Service,
    sink: Sink,
    gpg: Gpg,
    known: dict[str, Person],
    mode: str,
    words: str,
) -> None:
    before = draft_before_sealing.draft()
    gpg.will(mode, service)
    review = signed_off(thunderbird, draft_before_sealing)
    until(
        "the words",
        lambda: review.is_open and words in review.text,
        patience=90,
    )
    assert "This mail could not be sealed" in review.text
    stays(draft_before_sealing, before, sink)
    gpg.will("")
    if mode == "kill-service":
        service.stop()
        service.start()
    review.click(".again-button")
    got = goes(draft_before_sealing, sink)
    assert opened(known[COUNSEL], got)["Subject"] == SUBJECT


def test_the_mail_server_gone_after_sealing(
    draft_before_sealing: Compose,
    thunderbird: Thunderbird,
    service: Service,
    sink: Sink,
    known: dict[str, Person],
) -> None:
    compose = draft_before_sealing
    before = compose.draft()
    sink.refusing = True
    signed_off(thunderbird, compose)
    until("Thunderbird's own words", thunderbird.alerts)
    thunderbird.dismiss_alerts()
    stays(compose, before, sink)
    # What is saved now are the sender's own words, not what was sealed.
    saved = compose.save_as_draft()
    assert "child protection plan" in saved
    assert "PGP MESSAGE" not in saved
    assert compose.draft() == before
    # The same mail again: what was answered is not asked again.
    sink.refusing = False
    compose.send()
    got = goes(compose, sink)
    inner = opened(known[COUNSEL], got)
    assert inner["Subject"] == SUBJECT
    assert [part.get_filename() for part in inner.iter_attachments()] == ["plan.txt"]


REQUIRED = {"required": True, "because": ["content.sensitive"], "possible": True, "readers": None}
CLEAR = "Content-Type: text/plain\r\n\r\nthe child protection plan\r\n"
SAID = {"code": "draft-changed", "message": "This is another message.", "hint": "Check again."}
UNSEALED = {
    "another message": as_json(409, {"error": SAID}),
    "an error page": (500, "text/html", b"<h1>Internal Server Error</h1>"),
    "nothing": (200, "application/json", b""),
    "words in clear": as_json(200, {"outer": {"subject": "[...]"}, "entity": CLEAR}),
    "no subject": as_json(200, {"entity": "Content-Type: multipart/encrypted; x\r\n\r\n"}),
    "another shape": as_json(200, {"outer": {"subject": "[...]"}, "text": "-----BEGIN PGP"}),
    "more than ASCII": as_json(
        200,
        {"outer": {"subject": "x"}, "entity": "Content-Type: multipart/encrypted; x\r\n\r\n\xfc"},
    ),
    "never an answer": NEVER,
}


@pytest.mark.parametrize("reply", UNSEALED.values(), ids=UNSEALED)
def test_what_is_not_a_sealed_message_is_not_sent(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, reply: object
) -> None:
    standin.check = lambda _: answer(encryption=REQUIRED, unreachable="send-with-notice")
    standin.replies["/v1/seal"] = reply if reply is NEVER else lambda: reply
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
    before = compose.draft()
    compose.send()
    until("the review window", lambda: not thunderbird.no_review(), patience=90)
    review = thunderbird.review()
    assert "This mail could not be sealed" in review.text
    stays(compose, before, sink)
    # Neither is it later, when it is saved or sent again.
    standin.replies["/v1/seal"] = lambda: as_json(409, {"error": SAID})
    review.click(".again-button")
    review.until_text("This is another message.")
    stays(compose, before, sink)


# Where Thunderbird does not let a sealed message through.


@pytest.mark.parametrize("html", [False, True], ids=["plain text", "html"])
def test_without_the_way_in_plain_words_are_sealed_as_text(
    thunderbird: Thunderbird, known: dict[str, Person], sink: Sink, html: bool
) -> None:
    words = "<p>" + TEXT.strip().replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"
    with thunderbird.without("sealedSend.probe"):
        compose = thunderbird.compose(
            f"Priya Tann <{COUNSEL}>", subject=SUBJECT, body=words if html else TEXT, html=html
        )
        before = compose.draft()
        sink.refusing = True
        signed_off(thunderbird, compose)
        until("Thunderbird's own words", thunderbird.alerts)
        thunderbird.dismiss_alerts()
        until("the sender's own words again", lambda: compose.draft() == before)
        stays(compose, before, sink)

        sink.refusing = False
        compose.send()
        got = goes(compose, sink)
    assert got.message.get_content_type() == "text/plain"
    for hidden in ("Case", "Priya", "Ann Lee", "OFFICIAL"):
        assert hidden not in outside(got.raw)
    plain = known[COUNSEL].owner.opens(got.message.get_content().encode())
    assert plain is not None
    # There is no other place for the real subject.
    assert plain.decode().replace("\r\n", "\n").strip() == f"{SUBJECT}\n\n{TEXT}".strip()


def test_where_experiments_are_not_allowed_the_extension_still_seals_words(
    needs_thunderbird: None,
    desk: Desk,
    port: int,
    service: Service,
    known: dict[str, Person],
    sink: Sink,
    tmp_path: Path,
) -> None:
    _, policies = manifests.build(f"http://127.0.0.1:{port}", tmp_path / "built", token=desk.token)
    strict = Thunderbird(
        tmp_path / "strict",
        smtp_port=sink.port,
        policies=json.loads(policies.read_text()),
        preferences={"extensions.experiments.enabled": False},
    )
    with running(strict) as thunderbird:
        until("the extension", thunderbird.extension_is_ready)
        compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
        got = sealed_and_gone(thunderbird, compose, sink)
        assert got.message.get_content_type() == "text/plain"
        assert known[COUNSEL].owner.opens(got.message.get_content().encode())


@pytest.mark.parametrize("what", ["a file", "a hidden recipient", "a picture"])
def test_without_the_way_in_what_would_be_lost_is_refused(
    thunderbird: Thunderbird, known: dict[str, Person], sink: Sink, what: str
) -> None:
    with thunderbird.without("sealedSend.probe"):
        compose = thunderbird.compose(
            COUNSEL,
            bcc=SURGERY if what == "a hidden recipient" else "",
            subject=SUBJECT,
            body=HTML if what == "a picture" else TEXT,
            html=what == "a picture",
            attach={"plan.txt": b"plan"} if what == "a file" else None,
        )
        before = compose.draft()
        review = signed_off(thunderbird, compose)
        review.until_text("In this Thunderbird")
        stays(compose, before, sink)


def test_a_thunderbird_that_sends_in_another_way_is_noticed(
    thunderbird: Thunderbird, known: dict[str, Person], sink: Sink
) -> None:
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT, attach={"a.txt": b"plan"})
    before = compose.draft()
    compose._run("win.CompleteGenericSendMessage = async () => win.gMsgCompose.sendMsg();")
    review = signed_off(thunderbird, compose)
    review.until_text("In this Thunderbird")
    stays(compose, before, sink)
