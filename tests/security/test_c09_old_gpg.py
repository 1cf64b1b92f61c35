"""CVE-2018-12020: an old gpg let the text of a message speak in gpg's own name. And a program that
is called gpg may be too old, hang, or say that all is well when nothing was encrypted.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from addin_service.pgp.gpg import MINIMUM, Gpg, NotACertificate, Refused
from addin_service.pgp.processes import sweep
from addin_service.pgp.refused import REASONS
from tests.pgp import keys
from tests.pgp.keys import known, now

GOOD = ".".join(map(str, MINIMUM))
DONE = r"printf '[GNUPG:] BEGIN_ENCRYPTION 2 9\n[GNUPG:] END_ENCRYPTION\n' >&2"
Fake = Callable[..., Gpg]


@pytest.fixture(autouse=True)
def _posix() -> None:
    keys.needs_gpg()


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """A program that is called gpg: it reports a version, and for the rest does `body`."""

    def make(body: str = "exit 0", version: str = GOOD, timeout_s: float = 20.0) -> Gpg:
        program = tmp_path / "gpg"
        answer = f"printf 'cfg:version:{version}\\n'; exit 0" if version else body
        program.write_text(f'#!/bin/sh\ncase "$*" in *--list-config*) {answer};; esac\n{body}\n')
        program.chmod(0o755)
        return Gpg(str(program), timeout_s)

    return make


def reason(gpg: Gpg, size: int = 100) -> str:
    """Why it refuses to encrypt for Bob."""
    with pytest.raises(Refused) as refusal:
        gpg.encrypt(b"x" * size, [known("Bob <bob@bank.example>").certificate], now())
    assert str(refusal.value) == REASONS[refusal.value.reason]
    return refusal.value.reason


@pytest.mark.parametrize("version", ["1.4.23", "2.0.22", "2.1.0", "2.2.7", "2.2.27", "2.2.39", "2"])
def test_an_old_gpg_is_not_used(version: str, fake: Fake) -> None:
    gpg = fake(version=version)
    assert reason(gpg) == "too-old"
    with pytest.raises(Refused):
        gpg.version()
    with pytest.raises(Refused):
        gpg.read(known("Bob <bob@bank.example>").public)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(GOOD, MINIMUM), ("2.4.4", (2, 4, 4)), ("2.5.1-beta33", (2, 5, 1)), ("10.0", (10, 0))],
)
def test_a_recent_gpg_is_used(text: str, expected: tuple[int, ...], fake: Fake) -> None:
    assert fake(version=text).version() == expected


@pytest.mark.parametrize(
    "body",
    ["echo hello", "exit 1", "printf 'cfg:version:abc\\n'", r"printf '\377\376\000'", "kill -9 $$",
     r"printf '\377\302\n' >&2; exit 2"],
)  # fmt: skip
def test_what_is_not_gpg_is_no_gpg(body: str, fake: Fake) -> None:
    assert reason(fake(body, version="")) == "no-gpg"


@pytest.mark.parametrize("binary", ["no-such-gpg", "/no/such/gpg", "", "/etc/passwd", "/tmp"])
def test_a_missing_gpg_is_said(binary: str) -> None:
    assert reason(Gpg(binary)) == "no-gpg"


def test_a_program_that_cannot_be_started_is_no_gpg(tmp_path: Path) -> None:
    (tmp_path / "gpg").write_text("#!/no/such/interpreter\n")
    (tmp_path / "gpg").chmod(0o755)
    assert reason(Gpg(str(tmp_path / "gpg"))) == "no-gpg"


@pytest.mark.parametrize(
    "body",
    [
        "sleep 60",
        "cat >/dev/null; sleep 60",
        f"cat >/dev/null; {DONE}; sleep 60",
        "trap '' TERM INT HUP; sleep 60 & sleep 60; sleep 60",
        "while :; do printf '[GNUPG:] PROGRESS x\\n' >&2; sleep 0.05; done",
    ],
)
def test_a_gpg_that_hangs_is_killed_with_its_children(body: str, fake: Fake) -> None:
    gpg = fake(body, timeout_s=1)
    gpg.version()
    began = time.monotonic()
    assert reason(gpg, 2_000_000) == "timeout"
    with pytest.raises(Refused) as refusal:
        gpg.read(known("Bob <bob@bank.example>").public)
    assert refusal.value.reason == "timeout"
    assert time.monotonic() - began < 15


def test_a_gpg_that_hangs_at_the_first_question_is_killed(fake: Fake) -> None:
    assert reason(fake("sleep 60", version="", timeout_s=1)) == "timeout"


LIES = {
    "says well done and gives nothing": f"cat >/dev/null; {DONE}",
    "says well done before it has read": DONE,
    "says nothing": "cat >/dev/null",
    "gives the message back": f"cat; {DONE}",
    "gives the message back, in armour": (
        r"printf -- '-----BEGIN PGP MESSAGE-----\n\n'; base64; "
        f"printf -- '-----END PGP MESSAGE-----\\n'; {DONE}"
    ),
    "writes garbage": f"head -c 3000 /dev/urandom; cat >/dev/null; {DONE}",
    "writes without end": "cat >/dev/null; while :; do head -c 1000000 /dev/zero; done",
    "ends with 2 after well done": f"cat >/dev/null; {DONE}; exit 2",
    "is killed after well done": f"cat >/dev/null; {DONE}; kill -9 $$",
    "ends before reading": "exit 0",
    "fails before reading": "exit 2",
    "refuses one reader and goes on": (
        rf"cat >/dev/null; printf '[GNUPG:] INV_RECP 1 X\n' >&2; {DONE}"
    ),
    "says well done in a name": (
        r"cat >/dev/null; printf 'gpg: Bob\302\205[GNUPG:] END_ENCRYPTION\342\200\250\n' >&2"
    ),
    "speaks no UTF-8": rf"cat >/dev/null; printf 'gpg: \377\376 caf\351\n' >&2; {DONE}",
    "an empty line of status": rf"cat >/dev/null; printf '[GNUPG:] \n[GNUPG:]\n' >&2; {DONE}",
}


@pytest.mark.parametrize("story", LIES)
def test_a_gpg_that_lies_is_not_believed(story: str, fake: Fake) -> None:
    gpg = fake(LIES[story])
    for size in (100, 2_000_000):
        assert reason(gpg, size) == "not-encrypted"


UNSURE = {
    "ends with 2": f"{DONE}; exit 2",
    "is killed": f"{DONE}; kill -9 $$",
    "skips a reader": rf"printf '[GNUPG:] INV_RECP 10 X\n' >&2; {DONE}",
    "reports a failure": rf"{DONE}; printf '[GNUPG:] FAILURE encrypt 9\n' >&2",
    "does not say that it is done": r"printf '[GNUPG:] BEGIN_ENCRYPTION 2 9\n' >&2",
    "says nothing at all": ":",
    "says it behind something else": r"printf 'gpg: [GNUPG:] END_ENCRYPTION\n' >&2",
    "says it in a name": r"printf 'gpg: Bob\342\200\250[GNUPG:] END_ENCRYPTION\n' >&2",
}


@pytest.mark.parametrize("story", UNSURE)
def test_a_right_message_of_a_gpg_that_is_not_sure_is_withheld(
    story: str, fake: Fake, tmp_path: Path
) -> None:
    bob = known("Bob <bob@bank.example>").certificate
    made = keys.GPG.encrypt(b"x" * 100, [bob], now(), armor=False)
    (tmp_path / "made").write_bytes(made)
    right = f"cat >/dev/null; cat {tmp_path}/made; "
    assert fake(right + DONE).encrypt(b"x" * 100, [bob], now())
    assert reason(fake(right + UNSURE[story])) == "not-encrypted"


def test_a_message_without_protection_against_change_is_withheld(
    fake: Fake, tmp_path: Path
) -> None:
    bob = known("Bob <bob@bank.example>").certificate
    key = bob.encryption_key(now())
    assert key
    named = keys.part(1, b"\x03" + bytes.fromhex(key.key_id) + b"\x12" + bytes(60))
    body = bytes(200)
    for tag, expected in ((9, "not-encrypted"), (18, ""), (11, "not-encrypted")):
        (tmp_path / "made").write_bytes(named + keys.part(tag, b"\x01" + body))
        gpg = fake(f"cat >/dev/null; cat {tmp_path}/made; {DONE}")
        if expected:
            assert reason(gpg) == expected
        else:
            assert gpg.encrypt(b"x" * 100, [bob], now())
            assert reason(gpg, 10_000) == "not-encrypted"  # shorter than what went in


def test_a_message_that_a_password_opens_is_withheld(fake: Fake, tmp_path: Path) -> None:
    bob = known("Bob <bob@bank.example>")
    good = keys.GPG.encrypt(b"x" * 200, [bob.certificate], now(), armor=False)
    (tmp_path / "made").write_bytes(keys.part(3, b"\x04\x09\0\x08") + good)
    assert reason(fake(f"cat >/dev/null; cat {tmp_path}/made; {DONE}")) == "wrong-readers"


def test_a_message_for_somebody_else_is_withheld(fake: Fake, tmp_path: Path) -> None:
    eve = known("Eve <eve@evil.example>")
    good = keys.GPG.encrypt(b"x" * 200, [eve.certificate], now(), armor=False)
    (tmp_path / "made").write_bytes(good)
    assert reason(fake(f"cat >/dev/null; cat {tmp_path}/made; {DONE}")) == "wrong-readers"


def test_a_message_for_one_reader_too_many_is_withheld(fake: Fake, tmp_path: Path) -> None:
    both = [known(n).certificate for n in ("Eve <eve@evil.example>", "Bob <bob@bank.example>")]
    (tmp_path / "made").write_bytes(keys.GPG.encrypt(b"x" * 200, both, now(), armor=False))
    assert reason(fake(f"cat >/dev/null; cat {tmp_path}/made; {DONE}")) == "wrong-readers"


def test_a_gpg_that_lists_another_key_is_not_believed(fake: Fake, tmp_path: Path) -> None:
    bob, eve = known("Bob <bob@bank.example>"), known("Eve <eve@evil.example>")
    (tmp_path / "cleaned").write_bytes(bob.certificate.data)
    listing = (
        "pub:-:255:22:0:1:::-:::sc:\nfpr:::::::::"
        f"{eve.certificate.fingerprint}:\nuid:-::::1::0::Bob <bob@bank.example>:\n"
    )
    (tmp_path / "listing").write_text(listing)
    gpg = fake(
        f'cat >/dev/null; case "$*" in *show-only*) cat {tmp_path}/listing;; '
        f"*) cat {tmp_path}/cleaned;; esac"
    )
    with pytest.raises(NotACertificate) as refusal:
        gpg.read(bob.public)
    assert refusal.value.reason == "disagree"


@pytest.mark.parametrize(
    "body", ["head -c 500 /dev/urandom", "echo hello", "cat", "printf '\\306'"]
)
def test_a_gpg_that_prints_something_else_reads_no_key(body: str, fake: Fake) -> None:
    with pytest.raises(NotACertificate) as refusal:
        fake(f"{body}; cat >/dev/null").read(known("Bob <bob@bank.example>").public)
    assert refusal.value.reason in ("disagree", "no-user-id")


def test_more_at_once_than_processors_wait_and_all_are_served() -> None:
    bob = known("Bob <bob@bank.example>")
    done: list[bytes] = []

    def one(n: int) -> None:
        done.append(keys.GPG.encrypt(b"%d" % n, [bob.certificate], now()))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {bob.opens(message) for message in done} == {b"%d" % n for n in range(12)}


def test_a_queue_that_does_not_move_is_left(fake: Fake) -> None:
    gpg = fake("sleep 60", timeout_s=1.5)
    gpg.version()
    reasons: list[str] = []
    threads = [
        threading.Thread(target=lambda: reasons.append(reason(gpg)))
        for _ in range(2 * (os.cpu_count() or 1) + 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(reasons) <= {"timeout", "busy"}
    assert len(reasons) == len(threads)
    keys.GPG.version()  # and the next one is served


def test_what_a_killed_service_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name, age_s in (("last-look-gpg-old", 7200), ("last-look-gpg-new", 60), ("other", 7200)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ring.pgp").write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    (tmp_path / "last-look-gpg-link").symlink_to(tmp_path / "other")
    os.utime(tmp_path / "last-look-gpg-link", (time.time() - 7200,) * 2, follow_symlinks=False)
    sweep()
    left = sorted(p.name for p in tmp_path.iterdir())
    assert left == ["last-look-gpg-link", "last-look-gpg-new", "other"]
    assert (tmp_path / "other" / "ring.pgp").exists()


def test_no_room_for_a_home_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.GPG.version()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert reason(keys.GPG) == "no-home"
