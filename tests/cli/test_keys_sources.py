"""Where keys come from, on the command line: mails, pasted text, domains, folders, one's own gpg."""

import base64
import json
import os
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pysequoia
import pytest

from addin_service.pgp import packets
from addin_service.pgp.certificate import groups
from addin_service.settings import Settings
from tests.pgp.keys import Owner, known, needs_gpg, owner
from tests.pgp.pool import PAST

Cli = Callable[..., "subprocess.CompletedProcess[str]"]
BOB, ANN = "bob@northwind.example", "ann.lee@council.example"


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    needs_gpg()
    with owner() as made:
        yield made


def armored(key: bytes) -> str:
    return str(pysequoia.Cert.from_bytes(key))


def with_input(
    settings: Settings, given: bytes, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-m", "addin_service", "--data", str(settings.data),
         "--organisation", str(settings.organisation), *arguments],
        input=given, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


# Files, mails, pasted text


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A mail of Bob's with his key in a header, Eve's attached, and something that is no key."""
    needs_gpg()
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Bob Miller <{BOB}>", ANN, "Keys"
    key = base64.b64encode(known(f"Bob Miller <{BOB}>").public).decode()
    made.set_content("See the files.")
    for name, data in (
        ("eve.asc", armored(known("Eve <eve@evil.example>").public).encode()),
        ("broken.asc", armored(known("Eve <eve@evil.example>").public).encode()[:200]),
    ):
        made.add_attachment(data, maintype="application", subtype="pgp-keys", filename=name)
    file = tmp_path / "keys.eml"
    front = (
        f"Autocrypt: addr={BOB}; prefer-encrypt=mutual; keydata={key}\n"
        f"Autocrypt-Gossip: addr=kim@harbour.example; keydata={key}\n"
    )
    file.write_bytes(front.encode() + bytes(made))
    return file


def test_a_mail_brings_its_keys_each_on_its_own_and_confirms_none(cli: Cli, mail: Path) -> None:
    done = cli("keys", "import", str(mail))
    assert f"{BOB}: unverified" in done.stdout
    assert "asks for sealed answers" in done.stdout
    assert "does not name the address that this mail is from" in done.stdout
    assert "(attached file 1 (eve.asc))" in done.stdout
    assert "not taken, Autocrypt-Gossip header" in done.stderr
    assert "not taken, attached file 2 (broken.asc)" in done.stderr
    assert done.stderr.count("hint:") == 2
    states = {k["state"] for k in json.loads(cli("keys", "list", "--json").stdout)}
    assert states == {"unverified"}


def test_the_same_for_a_program(cli: Cli, mail: Path) -> None:
    told = json.loads(cli("keys", "import", str(mail), "--json").stdout)
    assert [(k["source"], k["names_sender"], k["new"]) for k in told["keys"]] == [
        ("autocrypt", True, True), ("attached", False, True),
    ]  # fmt: skip
    assert len(told["left"]) == 2
    again = json.loads(cli("keys", "import", str(mail), "--json").stdout)
    assert not any(k["new"] for k in again["keys"])


def test_pasted_text(settings: Settings) -> None:
    needs_gpg()
    text = f"Hi,\n\n{armored(known(f'Bob Miller <{BOB}>').public)}\nBob\n"
    done = with_input(settings, text.encode(), "keys", "import", "-", "--json")
    assert done.returncode == 0, done.stderr
    assert [k["source"] for k in json.loads(done.stdout)["keys"]] == ["paste"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "empty"),
        (b"good morning", "not an OpenPGP key"),
        (b"From: bob@northwind.example\nTo: a@b.example\n\nno key here\n", "no key in this"),
        (b"\x99" * 17_000_000, "larger than"),
    ],
)
def test_nothing_to_take_is_wrong_use_with_a_way_out(
    settings: Settings, given: bytes, said: str
) -> None:
    needs_gpg()
    done = with_input(settings, given, "keys", "import", "-")
    assert done.returncode == 2
    assert said in done.stderr
    assert "hint:" in done.stderr
    assert "northwind" not in done.stderr


def test_a_secret_key_is_refused(settings: Settings) -> None:
    needs_gpg()
    secret = bytes(known(f"Bob Miller <{BOB}>").secret)
    done = with_input(settings, secret, "keys", "import", "-")
    assert done.returncode == 2
    assert "secret key" in done.stderr


# Domains


LISTENING = """
import sys
seen = []
def hear(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        seen.append(event)
sys.addaudithook(hear)
from addin_service.cli import main
try:
    main(sys.argv[1:])
finally:
    print("connections:", len(seen), file=sys.stderr)
"""
"""The command as it runs, with Python itself reporting every attempt at a connection."""


def listening(settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
    return subprocess.run(
        [sys.executable, "-c", LISTENING, *place, *arguments],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_switched_off_no_domain_is_asked(settings: Settings, cli: Cli, mail: Path) -> None:
    cli("keys", "import", str(mail))
    for arguments in (("find", BOB), ("refresh", BOB), ("refresh", "--from", str(mail.parent))):
        done = listening(settings, "keys", *arguments)
        assert "connections: 0" in done.stderr
        assert arguments[0] == "refresh" or done.returncode == 1
    draft = mail.with_name("draft.eml")
    draft.write_text(f"From: {ANN}\nTo: {BOB}\nSubject: x\n\nOFFICIAL-SENSITIVE\n")
    (settings.organisation / "policy.toml").write_text("[keys]\nwkd = true\n")
    assert "connections: 0" in listening(settings, "check", str(draft)).stderr, "not by itself"
    assert "connections: 0" in listening(settings, "keys", "import", str(mail)).stderr
    nowhere = listening(settings, "keys", "find", "bob@nowhere.invalid")
    assert "connections: 0" not in nowhere.stderr, "this test can hear one"
    assert nowhere.returncode == 1
    assert "hint:" in nowhere.stderr


# Changes


def test_refresh_shows_and_applies_only_when_told(cli: Cli, maker: Owner, tmp_path: Path) -> None:
    key = maker.make(f"Bob Miller <{BOB}>", *PAST)
    folder = tmp_path / "keys"
    folder.mkdir()
    file = folder / "bob.pgp"
    file.write_bytes(maker.public(key))
    (folder / "notes.txt").write_text("no key")
    cli("keys", "import", str(file))
    cli("keys", "confirm", BOB, key, "--method", "phone")

    def refresh(*options: str, code: int) -> list[dict[str, str]]:
        done = cli("keys", "refresh", "--from", str(folder), "--json", *options, check=False)
        assert done.returncode == code, done.stderr
        told = json.loads(done.stdout)
        assert [left["where"] for left in told["left"]] == ["notes.txt, file"]
        return [
            {"what": " ".join(c["what"] for c in one["changes"]), "state": one["state"],
             "after": one["state_after"]}
            for one in told["changes"]
        ]  # fmt: skip

    def state() -> str:
        listed = json.loads(cli("keys", "list", "--json").stdout)
        return next(k["state"] for k in listed if k["fingerprint"] == key)

    assert refresh(code=0) == []
    maker.add(key)
    file.write_bytes(maker.public(key))
    for _ in range(2):
        (told,) = refresh(code=1)
        assert (told["what"], told["state"], told["after"]) == ("key-added", "verified", None)
        assert state() == "verified", "nothing is applied silently"
    (told,) = refresh("--apply", BOB, code=1)
    assert told["after"] == state() != "verified"
    assert refresh(code=0) == []

    eve = maker.make(f"Bob Miller <{BOB}>")
    (folder / "another.asc").write_bytes(maker.public(eve))
    (told,) = refresh(code=1)
    assert told["what"] == "other-key"
    maker.revoke(key, 1)
    file.write_bytes(maker.public(key))
    assert [one["what"] for one in refresh(code=1)] == ["revoked", "other-key"]
    done = cli("keys", "refresh", "--from", str(folder), check=False)
    assert "withdrawn the key" in done.stdout
    assert "Nothing was stored" in done.stdout
    refresh("--apply", code=1)
    assert state() == "revoked"


def test_refresh_says_where_it_could_look(cli: Cli) -> None:
    done = cli("keys", "refresh", check=False)
    assert done.returncode == 2
    assert "--from" in done.stderr


# A key of one's own

PINENTRY = """\
#!{python}
import sys
print("OK", flush=True)
for line in sys.stdin:
    word = line.split()[0].upper()
    if word == "GETPIN":
        with open("{place}/asked", "a") as asked:
            asked.write("once\\n")
        print("D {passphrase}", flush=True)
    print("OK", flush=True)
    if word == "BYE":
        break
"""
PASSPHRASE = "correct horse battery"


@pytest.fixture
def own_gpg(monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    """The user's gpg, whose agent asks a program of the test for the passphrase."""
    needs_gpg()
    with owner() as made:
        script = made.home / "pinentry"
        script.write_text(
            PINENTRY.format(python=sys.executable, place=made.home, passphrase=PASSPHRASE)
        )
        script.chmod(0o700)
        (made.home / "gpg-agent.conf").write_text(f"pinentry-program {script}\n")
        monkeypatch.setenv("GNUPGHOME", str(made.home))
        yield made


def test_a_key_of_ones_own(cli: Cli, own_gpg: Owner, tmp_path: Path) -> None:
    public, away = tmp_path / "ann.pgp", tmp_path / "revocation.asc"
    done = cli(
        "keys", "new", ANN, "--name", "Ann Lee", "--expires", "2y",
        "--publish", str(public), "--revocation", str(away),
    )  # fmt: skip
    (key,) = own_gpg.fingerprints()
    assert " ".join(groups(key)[:5]) in done.stdout  # type: ignore[arg-type]
    assert f"{ANN}: verified" in done.stdout
    assert (own_gpg.home / "asked").exists(), "pinentry asked for the passphrase"
    secret = list((own_gpg.home / "private-keys-v1.d").iterdir())
    assert len(secret) == 2
    assert all(b"protected" in one.read_bytes() for one in secret)
    assert PASSPHRASE not in done.stdout + done.stderr
    assert b"PGP PUBLIC KEY BLOCK" in away.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(away.stat().st_mode) == 0o600
    assert pysequoia.Cert.from_bytes(public.read_bytes()).fingerprint.upper() == key
    assert {p.tag for p in packets.walk(public.read_bytes())} == {
        packets.PUBLIC_KEY, packets.USER_ID, packets.SIGNATURE, packets.PUBLIC_SUBKEY,
    }  # fmt: skip
    listed = json.loads(cli("keys", "list", "--json").stdout)
    assert [(k["fingerprint"], k["addresses"]) for k in listed] == [(key, [ANN])]

    again = cli("keys", "new", ANN, check=False)
    assert again.returncode == 1
    assert "--another" in again.stderr
    assert len(own_gpg.fingerprints()) == 1
    cli("keys", "new", ANN, "--another")
    assert len(own_gpg.fingerprints()) == 2

    letter = cli("keys", "ask", BOB, "--sender", ANN, "--sender-name", "Ann Lee")
    own = [key for key in own_gpg.fingerprints() if " ".join(groups(key)[:5]) in letter.stdout]  # type: ignore[arg-type]
    assert len(own) == 1


def test_a_key_that_ones_gpg_has_already_is_named(cli: Cli, own_gpg: Owner) -> None:
    own_gpg.make("Eve <eve@evil.example>")
    own_gpg.make(f'"{ANN}" <eve@evil.example>')
    own_gpg.revoke(own_gpg.make(f"Ann Lee <{ANN}>"), 3)
    made = own_gpg.make(f"Ann Lee <{ANN}>")
    before = own_gpg.fingerprints()
    refused = cli("keys", "new", ANN, check=False)
    assert refused.returncode == 1
    assert f"gpg --export {made}" in refused.stderr
    assert own_gpg.fingerprints() == before
    own_gpg.revoke(made, 3)
    cli("keys", "new", ANN)
    assert len(own_gpg.fingerprints()) == len(before) + 1, (
        "what is revoked or merely named so counts not"
    )


def test_the_revocation_that_was_put_away_revokes_it(
    cli: Cli, own_gpg: Owner, tmp_path: Path
) -> None:
    public, away = tmp_path / "ann.pgp", tmp_path / "revocation.asc"
    cli("keys", "new", ANN, "--publish", str(public), "--revocation", str(away))
    with owner() as elsewhere:
        elsewhere.make("Anybody <anybody@harbour.example>")  # gpg has its files then
        before = set(elsewhere.fingerprints())
        elsewhere.gpg("--import", given=public.read_bytes())
        elsewhere.gpg("--import", given=away.read_bytes().replace(b":-----", b"-----"))
        (key,) = set(elsewhere.fingerprints()) - before
        public.write_bytes(elsewhere.public(key))
    assert f"{ANN}: revoked" in cli("keys", "import", str(public)).stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--name", "Ann <eve@evil.example>"),
        ("--name", 'Ann "the key" Lee'),
        ("--name", "Ann\nName-Email: eve@evil.example"),
        ("--name", "Ann\u2028Lee"),
        ("--expires", "2y\nPassphrase: x"),
        ("--expires", "never"),
    ],
)
def test_what_cannot_stand_in_a_key_reaches_no_gpg(
    cli: Cli, own_gpg: Owner, options: tuple[str, ...]
) -> None:
    done = cli("keys", "new", ANN, *options, check=False)
    assert done.returncode == 2
    assert "hint:" in done.stderr
    assert own_gpg.fingerprints() == []


def test_an_existing_file_is_never_written_over(cli: Cli, own_gpg: Owner, tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.write_text("mine")
    for option in ("--publish", "--revocation"):
        assert cli("keys", "new", ANN, option, str(file), check=False).returncode == 2
    assert file.read_text() == "mine"
    assert own_gpg.fingerprints() == []


def test_a_passphrase_that_is_not_given_makes_no_key(cli: Cli, own_gpg: Owner) -> None:
    (own_gpg.home / "pinentry").write_text(
        textwrap.dedent(
            f"""\
            #!{sys.executable}
            import sys
            print("OK", flush=True)
            for line in sys.stdin:
                said = line.split()[0].upper()
                print("ERR 83886179 cancelled" if said == "GETPIN" else "OK", flush=True)
            """
        )
    )
    done = cli("keys", "new", ANN, check=False)
    assert done.returncode == 2
    assert own_gpg.fingerprints() == []
    assert json.loads(cli("keys", "list", "--json").stdout) == []


# Asking


def test_the_mail_that_asks(cli: Cli) -> None:
    cli("contacts", "add", BOB, "--name", "Bob Miller")
    done = cli("keys", "ask", BOB, "--sender", ANN)
    assert done.stdout.startswith(
        f"To: {BOB}\nSubject: Your public key, please\n\nDear Bob Miller,"
    )
    assert "no key of this sender is confirmed" in done.stderr
    assert "fingerprint:" not in done.stdout
    assert cli("keys", "ask", "bob", check=False).returncode == 2
