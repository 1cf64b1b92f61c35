"""Keys and sealing on the command line: as a program runs it, and as a person at a terminal."""

import email
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import policy
from pathlib import Path
from typing import Any

import pytest

from addin_service.demo import sample
from addin_service.demo.people import Person, people
from addin_service.pgp.certificate import groups
from addin_service.settings import Settings
from tests.conftest import needs

pytestmark = pytest.mark.slow

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

MAIL = """From: Ann Lee <ann.lee@council.example>
To: {to}
{more}Subject: Re K (a child)
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

OFFICIAL-SENSITIVE

Grüße, the address is 4 Elm Row.
--b
Content-Type: application/pdf; name="notes.pdf"
Content-Disposition: attachment; filename="notes.pdf"
Content-Transfer-Encoding: base64

aGVsbG8=
--b--
"""


@pytest.fixture(scope="module")
def two() -> Iterator[tuple[Person, Person]]:
    """Priya Tann, and a stranger."""
    needs("gpg", shutil.which("gpg") is not None)
    with people() as made:
        yield made


@pytest.fixture
def desk(settings: Settings, cli: Cli, two: tuple[Person, Person], tmp_path: Path) -> Path:
    """The sample organisation with Priya's key, not confirmed; answers a mail to her."""
    sample.write_organisation_folder(settings.organisation)
    key = tmp_path / "priya.asc"
    key.write_bytes(two[0].public())
    assert "unverified" in cli("keys", "import", str(key)).stdout
    mail = tmp_path / "mail.eml"
    mail.write_text(MAIL.format(to=sample.COUNSEL, more=""), encoding="utf-8")
    return mail


def inside(file: Path, reader: Person) -> Any:
    """The mail inside, read by this person; None where it does not open."""
    message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["Subject"] == "[...]"
    data = list(message.walk())[-1].get_payload(decode=True)
    done = subprocess.run(
        ["gpg", "--batch", "--quiet", "--homedir", str(reader.home), "--decrypt"],
        input=data, capture_output=True, check=False,
    )  # fmt: skip
    return (
        email.message_from_bytes(done.stdout, policy=policy.default)
        if done.returncode == 0
        else None
    )


def test_nothing_is_sealed_to_a_key_that_nobody_confirmed(
    cli: Cli, desk: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.eml"
    for options in ((), ("--assume-yes",)):
        done = cli("seal", str(desk), "-o", str(out), *options, check=False)
        assert done.returncode == 1
        assert not out.exists()


def test_a_confirmed_key_seals_for_its_owner_alone(
    cli: Cli, desk: Path, two: tuple[Person, Person], tmp_path: Path
) -> None:
    priya, stranger = two
    out = tmp_path / "out.eml"
    assert (
        "verified" in cli("keys", "confirm", sample.COUNSEL, priya.key, "--method", "phone").stdout
    )
    done = cli("seal", str(desk), "-o", str(out), "--assume-yes")
    assert "Priya Tann" in done.stdout
    assert "not by you" in done.stdout
    raw = out.read_bytes()
    for secret in (b"child", b"Priya", b"Elm", b"notes", b"Ann Lee"):
        assert secret not in raw
    exported = tmp_path / "receipts.jsonl"
    cli("audit", "export", str(exported))
    kinds = [json.loads(line) for line in exported.read_text().splitlines()]
    who = {r["body"]["client"] for r in kinds if r["kind"] in ("check", "seal")}
    assert who == {"cli --assume-yes"}, "recorded as such"
    mail = inside(out, priya)
    assert mail["Subject"] == "Re K (a child)"
    assert "Grüße" in mail.get_body(("plain",)).get_content()
    assert next(mail.iter_attachments()).get_content() == b"hello"
    assert inside(out, stranger) is None


def test_the_wrong_address_is_never_sealed(cli: Cli, desk: Path, two: Any, tmp_path: Path) -> None:
    cli("keys", "confirm", sample.COUNSEL, two[0].key, "--method", "phone")
    wrong, out = tmp_path / "wrong.eml", tmp_path / "out.eml"
    wrong.write_bytes(sample.story("story.eml"))
    assert cli("seal", str(wrong), "-o", str(out), "--assume-yes", check=False).returncode == 1
    assert not out.exists()
    # And what --assume-yes answered is not remembered: a person is asked again.
    said = json.loads(cli("check", str(wrong), "--json", check=False).stdout)
    assert [f["ask"] for f in said["findings"] if f["code"] == "recipient.near-known-address"] == [
        "retype"
    ]


def test_a_bcc_reader_gets_a_file_of_their_own(
    cli: Cli, desk: Path, two: tuple[Person, Person], tmp_path: Path
) -> None:
    priya, other = two
    key = tmp_path / "other.asc"
    key.write_bytes(other.public())
    cli("keys", "import", str(key))
    blind = "p.tan@chamber.example"
    cli("keys", "confirm", sample.COUNSEL, priya.key, "--method", "phone")
    cli("keys", "confirm", blind, other.key, "--method", "in-person")
    desk.write_text(MAIL.format(to=sample.COUNSEL, more=f"Bcc: {blind}\n"), encoding="utf-8")
    out = tmp_path / "out.eml"
    cli("seal", str(desk), "-o", str(out), "--assume-yes")
    second = tmp_path / "out-bcc-1.eml"
    assert inside(out, priya) is not None
    assert inside(out, other) is None
    assert inside(second, other) is not None
    assert inside(second, priya) is None
    assert blind.encode() not in out.read_bytes()


@pytest.mark.parametrize("shape", ["parts", "notice"])
def test_a_mail_of_files_carries_the_whole_mail_inside(
    cli: Cli, desk: Path, two: tuple[Person, Person], tmp_path: Path, shape: str
) -> None:
    priya, stranger = two
    cli("keys", "confirm", sample.COUNSEL, priya.key, "--method", "phone")
    out = tmp_path / "out.eml"
    cli("seal", str(desk), "-o", str(out), "--assume-yes", "--shape", shape)
    raw = out.read_bytes()
    for secret in (b"child", b"Priya", b"Elm", b"notes", b"Ann Lee"):
        assert secret not in raw
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert mail.get_content_type() == "multipart/mixed"
    text, *files = mail.iter_parts()
    types = [part.get_content_type() for part in files]
    if shape == "parts":
        assert text.get_content().strip() == ""
        assert types == ["application/pgp-encrypted", "application/octet-stream"]
    else:
        assert "encrypted.asc" in text.get_content()
        assert types == ["application/octet-stream"]
    # What a server broke, readers put together again: the same two parts under the right type.
    repaired = tmp_path / "repaired.eml"
    entity = (
        b"Subject: [...]\r\n"
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=x\r\n'
        b"\r\n--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--x\r\n"
        b"Content-Type: application/octet-stream\r\n\r\n%s\r\n--x--\r\n"
    )
    repaired.write_bytes(entity % files[-1].get_payload(decode=True))
    found = inside(repaired, priya)
    assert found["Subject"] == "Re K (a child)"
    assert next(found.iter_attachments()).get_content() == b"hello"
    assert inside(repaired, stranger) is None


def test_keys_are_listed_shown_rejected_and_exported(
    cli: Cli, desk: Path, two: tuple[Person, Person], tmp_path: Path
) -> None:
    key = two[0].key
    listed = json.loads(cli("keys", "list", "--json").stdout)
    assert [(k["fingerprint"], k["state"]) for k in listed] == [(key, "unverified")]
    shown = cli("keys", "show", key.lower()).stdout
    assert " ".join(groups(key)[:5]) in shown
    assert "█" in shown or "▀" in shown, "the picture"
    cli("keys", "reject", sample.COUNSEL, key)
    assert "rejected" in cli("keys", "list").stdout
    out = tmp_path / "out.eml"
    assert cli("seal", str(desk), "-o", str(out), "--assume-yes", check=False).returncode == 1
    cli("keys", "confirm", sample.COUNSEL, key, "--method", "officer")
    assert "verified" in cli("keys", "list").stdout
    cli("keys", "export", key, str(tmp_path / "x.pgp"))
    assert "Already here" in cli("keys", "import", str(tmp_path / "x.pgp")).stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("keys", "show", "ABCD1234"), 2),
        (("keys", "show", "0" * 40), 1),
        (("keys", "confirm", "p.tann@chambers.example", "0" * 40, "--method", "phone"), 1),
        (("keys", "confirm", "p.tann", "0" * 40, "--method", "phone"), 2),
        (("keys", "confirm", "p.tann@chambers.example", "0" * 40, "--method", "guess"), 2),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(
    cli: Cli, arguments: tuple[str, ...], code: int
) -> None:
    done = cli(*arguments, check=False)
    assert done.returncode == code
    assert done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of this kind is POSIX")
def test_a_person_at_a_terminal_confirms_and_seals(
    desk: Path, settings: Settings, two: tuple[Person, Person], tmp_path: Path
) -> None:
    out = tmp_path / "out.eml"
    command = [
        sys.executable, "-m", "addin_service", "--data", str(settings.data),
        "--organisation", str(settings.organisation), "seal", str(desk), "-o", str(out),
    ]  # fmt: skip
    screen, child = pty.openpty()
    with subprocess.Popen(command, stdin=child, stdout=child, stderr=child) as process:
        os.close(child)
        talk = Terminal(screen)
        talk.expect(r"Whom is it for\?[^\n]*: ")
        assert "Priya" not in talk.seen, "asked blind"
        talk.say("Stoke")
        talk.expect(r"Whom is it for\?[^\n]*: ")
        talk.say("Tann")
        talk.expect(r"Compared by[^\n]*: ")
        talk.say("phone")
        found = talk.expect(r"Groups ([\d, ]+) of the fingerprint[^\n]*: ")
        talk.say(two[0].spoken([int(n) for n in found.group(1).split(",")]))
        talk.expect(r"sealed: ")
        assert process.wait(timeout=60) == 0
    os.close(screen)
    assert inside(out, two[0])["Subject"] == "Re K (a child)"


class Terminal:
    """The other end of a terminal."""

    def __init__(self, screen: int) -> None:
        self._screen = screen
        self.seen = ""

    def say(self, line: str) -> None:
        self.seen = ""
        os.write(self._screen, line.encode() + b"\n")

    def expect(self, pattern: str) -> re.Match[str]:
        """Read until this stands on the screen."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if found := re.search(pattern, self.seen):
                return found
            ready, _, _ = select.select([self._screen], [], [], 1)
            if not ready:
                continue
            try:
                self.seen += os.read(self._screen, 4096).decode("utf-8", "replace")
            except OSError:
                break
        raise AssertionError(f"never seen: {pattern}\n{self.seen}")
