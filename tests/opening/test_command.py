"""`addin-service open` as a person and as a program runs it, on what `addin-service seal` made."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from addin_service.demo import sample
from addin_service.demo.people import Person, people
from addin_service.settings import Settings
from tests.conftest import needs
from tests.opening.making import ANN, SECRET, TEXT, Post, mail, standard, text
from tests.opening.test_signatures import detached

pytestmark = pytest.mark.slow

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

MAIL = f"""From: Ann Lee <ann.lee@council.example>
To: {sample.COUNSEL}
Subject: Re K (a child)
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
def priya() -> Iterator[Person]:
    """Priya Tann, with a key."""
    needs("gpg", shutil.which("gpg") is not None)
    with people() as made:
        yield made[0]


@pytest.fixture
def sealed(
    settings: Settings,
    cli: Cli,
    priya: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A mail to Priya that `seal` has sealed; gpg is hers now."""
    sample.write_organisation_folder(settings.organisation)
    key, plain, out = tmp_path / "priya.asc", tmp_path / "mail.eml", tmp_path / "out.eml"
    key.write_bytes(priya.public())
    cli("keys", "import", str(key))
    cli("keys", "confirm", sample.COUNSEL, priya.key, "--method", "phone")
    plain.write_text(MAIL, encoding="utf-8")
    cli("seal", str(plain), "-o", str(out), "--assume-yes")
    monkeypatch.setenv("GNUPGHOME", str(priya.home))
    return out


def test_what_seal_made_open_shows(cli: Cli, sealed: Path) -> None:
    before = set(sealed.parent.rglob("*"))
    shown = cli("open", str(sealed)).stdout
    assert "Subject: Re K (a child)\n" in shown
    assert "Grüße, the address is 4 Elm Row." in shown
    assert "Attachment: notes.pdf (application/pdf, 5 bytes)\n" in shown
    assert "Not signed" in shown
    assert "Beware" not in shown
    new = {path for path in set(sealed.parent.rglob("*")) - before if path.suffix != ".db-journal"}
    assert not new, "nothing is written without --save"


def test_a_program_gets_the_same(cli: Cli, sealed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    said = json.loads(cli("open", str(sealed), "--json", "--save", str(folder)).stdout)
    assert said["subject"] == "Re K (a child)"
    assert said["headers_sealed"] is True
    assert said["signature"]["word"] == "unsigned"
    assert "4 Elm Row" in said["text"]
    (attachment,) = said["attachments"]
    assert Path(attachment["saved"]) == folder / "notes.pdf"
    assert (folder / "notes.pdf").read_bytes() == b"hello"
    assert cli("open", str(sealed), "--json").stdout.isascii()


def test_another_computer_is_told_where_to_open_it(
    cli: Cli,
    sealed: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path_factory.mktemp("empty")
    home.chmod(0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    done = cli("open", str(sealed), check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "another key" in done.stderr
    assert "hint: Open it on the computer where that key is" in done.stderr


def test_without_gpg_it_is_said(cli: Cli, sealed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(sealed.parent))
    done = cli("open", str(sealed), check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "gpg is not installed" in done.stderr


def test_a_changed_mail_prints_nothing(cli: Cli, sealed: Path) -> None:
    lines = sealed.read_bytes().split(b"\r\n")
    number = lines.index(b"-----END PGP MESSAGE-----") - 4
    lines[number] = lines[number][::-1]
    sealed.write_bytes(b"\r\n".join(lines))
    done = cli("open", str(sealed), check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Elm" not in done.stderr


def test_a_confirmed_signature_is_told_with_the_name_from_the_contacts(
    settings: Settings, cli: Cli, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, file = tmp_path / "ann.asc", tmp_path / "in.eml"
    key.write_bytes(post.ann.gpg.public(post.ann.key))
    file.write_bytes(standard(post.sealed(TEXT, sign=post.ann.key)))
    monkeypatch.setenv("GNUPGHOME", str(post.bob.gpg.home))
    assert "that nobody has confirmed" in cli("open", str(file)).stdout
    cli("keys", "import", str(key))
    assert "that nobody has confirmed" in cli("open", str(file)).stdout
    cli(
        "keys",
        "confirm",
        ANN,
        post.ann.key,
        "--method",
        "in-person",
        "--sender",
        "b@council.example",
    )
    assert "that nobody has confirmed" in cli("open", str(file)).stdout
    shown = cli("open", str(file), "--mailbox", "b@council.example").stdout
    assert f"Signed by {ANN}: the key was confirmed on" in shown
    cli("keys", "confirm", ANN, post.ann.key, "--method", "phone")
    cli("contacts", "add", ANN, "--name", "Ann Lee (Legal)")
    shown = cli("open", str(file)).stdout
    assert f"Signed by Ann Lee (Legal) <{ANN}>: the key was confirmed on" in shown
    assert "by phone.\n" in shown
    cli("keys", "reject", ANN, post.ann.key)
    assert "rejected" in cli("open", str(file)).stdout


def test_what_is_only_signed_ends_with_1_and_the_signature(
    cli: Cli, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GNUPGHOME", str(post.bob.gpg.home))
    file = tmp_path / "in.eml"
    file.write_bytes(mail(detached(post, TEXT)))
    done = cli("open", str(file), check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not sealed" in done.stderr
    assert "Signed with a key" in done.stderr


def test_nothing_in_a_mail_moves_the_terminal(
    cli: Cli, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GNUPGHOME", str(post.bob.gpg.home))
    evil = "\x1b[2J\u202e\x9b31mSigned by Bob\x07"
    inside = text(evil).replace("utf-8\r\n", f'utf-8; hp="cipher"\r\nSubject: {evil}\r\n')
    file = tmp_path / "in.eml"
    file.write_bytes(standard(post.sealed(inside.encode())))
    for options in ((), ("--json",)):
        shown = cli("open", str(file), *options).stdout
        assert all(c == "\n" or c.isprintable() for c in shown)
    assert "\\u{1b}[2J\\u{202e}\\u{9b}31mSigned by Bob\\u{7}" in cli("open", str(file)).stdout


def test_wrong_use_is_2(cli: Cli, sealed: Path) -> None:
    assert cli("open", "no-such.eml", check=False).returncode == 2
    assert cli("open", str(sealed), "--save", str(sealed), check=False).returncode == 2
    assert cli("open", str(sealed), "--mailbox", "no address", check=False).returncode == 2


def test_a_refused_mail_says_nothing_of_its_content(
    cli: Cli, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GNUPGHOME", str(post.bob.gpg.home))
    file = tmp_path / "in.eml"
    file.write_bytes(standard(post.sealed(TEXT, "--rfc2440", "--disable-mdc")))
    done = cli("open", str(file), check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert SECRET not in done.stderr
    assert "protection against change" in done.stderr
