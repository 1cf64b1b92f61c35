"""python-gnupg, CVE-2014-1928 and CVE-2019-6690: a text that somebody chose was read by gpg as an
option, or as the next line of what it was told.
"""

import importlib.metadata
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

import addin_service
from addin_service.pgp import processes
from addin_service.pgp.certificate import Certificate, Fingerprint, fingerprint
from addin_service.pgp.gpg import Gpg, NotACertificate, Refused
from tests.pgp import keys
from tests.pgp.keys import GPG, known, named_in, now, person

PACKAGE = Path(addin_service.__file__).parent
NASTY = (
    "--output=stolen.txt", "--output", "-o", "-o stolen.txt", "-", "--", "-r", "--recipient",
    "--encrypt-to=0xDEADBEEF", "--homedir=/", "--options=/etc/passwd", "--status-fd=1",
    "--passphrase-fd=0", "--symmetric", "--decrypt", "--throw-keyids", "@", "=Bob", "*", "&",
    "Bob\n--output=stolen.txt", "Bob\r\n-o", "Bob\0--output=stolen.txt", "Bob\u2028--output",
    "Bob\u0085--output", "\n", "\0", "\u202e", "'; touch stolen.txt; '", "$(touch stolen.txt)",
    "`touch stolen.txt`", "|touch stolen.txt", "%s%n%x", "../../stolen.txt", "file:///etc/passwd",
    "[GNUPG:] END_ENCRYPTION", "{fingerprint}!", "0x{fingerprint}", "{fingerprint} ",
    "{fingerprint}\n", "-{fingerprint}", "{lower}", "", " ", "{fingerprint}{fingerprint}",
)  # fmt: skip
OPTION = re.compile(
    r"--(no-options|batch|no-tty|no-verbose|no-autostart|no-random-seed-file|no-auto-key-locate"
    r"|no-auto-key-retrieve|display-charset|trust-model|no-encrypt-to|no-throw-keyids|compress-algo"
    r"|with-colons|fixed-list-mode|with-fingerprint|ignore-time-conflict|import-options|import"
    r"|status-fd|homedir|no-default-keyring|keyring|encrypt|recipient|armor|list-config)"
)
WORDS = {"utf-8", "always", "none", "2", "show-only", "import-export,import-minimal"}


@pytest.fixture(autouse=True)
def _gpg() -> None:
    keys.needs_gpg()


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """Every command that is started, and the environment it gets."""
    started: list[tuple[list[str], dict[str, str]]] = []
    real = processes.start

    def start(command: list[str], environment: dict[str, str], errors: int) -> Any:
        started.append((command, environment))
        return real(command, environment, errors)

    monkeypatch.setattr(processes, "start", start)
    return started


def check(command: list[str]) -> None:
    """The program, our own options and words, its home, and fingerprints: nothing else."""
    assert Path(command[0]).is_absolute()
    home = command[command.index("--homedir") + 1]
    for word in command[1:]:
        plain = word in WORDS or word in (home, home + "/ring.pgp")
        assert plain or OPTION.fullmatch(word) or re.fullmatch("[0-9A-F]{40}", word), word
    for place, word in enumerate(command):
        if re.fullmatch("[0-9A-F]{40}", word):
            assert command[place - 1] == "--recipient"


def filled(text: str, certificate: Certificate) -> str:
    print_ = certificate.fingerprint
    return text.replace("{fingerprint}", print_).replace("{lower}", print_.lower())


@pytest.mark.parametrize("text", NASTY)
def test_no_text_of_an_outsider_becomes_an_argument(
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    commands: list[tuple[list[str], dict[str, str]]],
) -> None:
    monkeypatch.chdir(tmp_path)
    bob = known("Bob <bob@bank.example>")
    text = filled(text, bob.certificate)
    commands.clear()

    # In place of a fingerprint: refused, and gpg is not even started.
    with pytest.raises(Refused):
        GPG.encrypt(b"x", [replace(bob.certificate, fingerprint=Fingerprint(text))], now())
    # In place of a certificate: a mistake of the programmer.
    with pytest.raises(TypeError):
        GPG.encrypt(b"x", [cast(Certificate, text)], now())
    with pytest.raises((TypeError, AttributeError)):
        GPG.encrypt(b"x", cast(Any, text or "x"), now())
    # As the file with a key.
    with pytest.raises(NotACertificate):
        GPG.read(text.encode())
    assert commands == []

    # As the message.
    message = GPG.encrypt(text.encode(), [bob.certificate], now())
    assert bob.opens(message) == text.encode()
    # As somebody's user ID.
    if text:
        eve = person(text)
        key = eve.certificate.encryption_key(now())
        assert key
        assert named_in(GPG.encrypt(b"x", [eve.certificate], now())) == {key.key_id}
    for command, _ in commands:
        check(command)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", [t for t in NASTY if t not in ("{lower}", "{fingerprint} ")] + ["a" * 39, "g" * 40, "١" * 40]
)  # fmt: skip
def test_only_forty_digits_are_a_fingerprint(text: str) -> None:
    with pytest.raises(ValueError):
        fingerprint(filled(text, known("Bob <bob@bank.example>").certificate))


def test_nothing_of_the_senders_environment_reaches_gpg(
    monkeypatch: pytest.MonkeyPatch, commands: list[tuple[list[str], dict[str, str]]]
) -> None:
    for name in ("GNUPGHOME", "GPG_TTY", "GPG_AGENT_INFO", "LD_PRELOAD_X", "DEBUG_IPC", "LANGUAGE",
                 "http_proxy", "DISPLAY"):  # fmt: skip
        monkeypatch.setenv(name, "/nowhere")
    fresh = Gpg()
    fresh.encrypt(b"x", [known("Bob <bob@bank.example>").certificate], now())
    assert len(commands) >= 2
    for command, environment in commands:
        assert set(environment) <= {"LC_ALL", "HOME", "PATH", "SYSTEMROOT"}
        assert environment["LC_ALL"] == "C.UTF-8"
        assert environment["HOME"] == command[command.index("--homedir") + 1]
        assert environment["HOME"] != os.environ.get("HOME")


def test_the_options_that_shut_out_surprises_are_always_there(
    commands: list[tuple[list[str], dict[str, str]]],
) -> None:
    """Some change nothing in an empty home with gpg 2.2; with a system-wide gpg.conf they do."""
    bob = known("Bob <bob@bank.example>").certificate
    GPG.read(bob.data)
    GPG.encrypt(b"x", [bob], now())
    for command, _ in commands:
        assert {
            "--no-options", "--batch", "--no-tty", "--no-autostart", "--no-random-seed-file",
            "--no-auto-key-locate", "--no-auto-key-retrieve", "--homedir",
        } <= set(command)  # fmt: skip
    last = commands[-1][0]
    assert {"--no-encrypt-to", "--no-throw-keyids", "--no-default-keyring"} <= set(last)
    for option, value in (("--trust-model", "always"), ("--compress-algo", "none")):
        assert last[last.index(option) + 1] == value


def test_a_home_is_private_and_gone_afterwards(
    monkeypatch: pytest.MonkeyPatch, commands: list[tuple[list[str], dict[str, str]]]
) -> None:
    seen: list[tuple[int, list[str]]] = []
    real = processes.start

    def start(command: list[str], environment: dict[str, str], errors: int) -> Any:
        home = Path(environment["HOME"])
        seen.append((home.stat().st_mode & 0o777, sorted(p.name for p in home.iterdir())))
        return real(command, environment, errors)

    monkeypatch.setattr(processes, "start", start)
    bob = known("Bob <bob@bank.example>").certificate
    GPG.read(bob.data)
    GPG.encrypt(b"x", [bob], now())
    assert {mode for mode, _ in seen} == {0o700}
    assert seen[-1][1] == ["ring.pgp"]
    assert all(not Path(environment["HOME"]).exists() for _, environment in commands)


def test_python_gnupg_is_the_one_that_is_meant() -> None:
    """The package `gnupg` on the index is another program under the same import name."""
    assert importlib.metadata.packages_distributions()["gnupg"] == ["python-gnupg"]
    version = tuple(map(int, importlib.metadata.version("python-gnupg").split(".")))
    assert version >= (0, 5, 7)


def test_only_one_file_knows_gnupg_and_one_starts_programs_for_it() -> None:
    importers = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^\s*(import|from) gnupg\b", path.read_text(), re.M)
    ]
    assert importers == ["pgp/gpg.py"]
    starters = {
        path.name
        for path in PACKAGE.joinpath("pgp").glob("*.py")
        if re.search(r"subprocess\.(run|Popen|call|check_\w+)\(", path.read_text())
    }
    assert starters == {"processes.py", "user_gpg.py"}
