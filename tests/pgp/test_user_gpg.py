"""The user's own gpg: what it says is heard on a channel that no user ID can speak on."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from addin_service.pgp.refused import Refused
from addin_service.pgp.user_gpg import UserGpg
from tests.pgp import keys
from tests.pgp.keys import Owner

LOOPBACK = ("--pinentry-mode", "loopback", "--passphrase", "")
TRUSTING = ("--trust-model", "always")


@pytest.fixture(scope="module")
def bob() -> Iterator[Owner]:
    keys.needs_gpg()
    with keys.owner() as owner:
        owner.make("Bob Miller <bob@northwind.example>")
        yield owner


@pytest.fixture
def gpg(bob: Owner) -> UserGpg:
    return UserGpg(bob.home, timeout_s=60)


def test_what_is_sealed_is_opened_and_the_status_says_so(gpg: UserGpg, bob: Owner) -> None:
    (key,) = bob.fingerprints()
    sealed = gpg.run([*TRUSTING, "--recipient", key, "--encrypt"], b"hello")
    assert sealed.returncode == 0
    assert sealed.said("END_ENCRYPTION")
    opened = gpg.run([*LOOPBACK, "--decrypt"], sealed.output)
    assert (opened.returncode, opened.output) == (0, b"hello")
    assert opened.said("DECRYPTION_OKAY")
    assert not opened.said("DECRYPTION", "OKAY")


def test_twenty_five_megabytes_go_in_and_out(gpg: UserGpg, bob: Owner) -> None:
    (key,) = bob.fingerprints()
    large = os.urandom(25 << 20)
    sealed = gpg.run([*TRUSTING, "--recipient", key, "--encrypt"], large)
    assert gpg.run([*LOOPBACK, "--decrypt"], sealed.output).output == large


def test_a_small_message_with_an_endless_content_is_refused(gpg: UserGpg, bob: Owner) -> None:
    (key,) = bob.fingerprints()
    bomb = gpg.run([*TRUSTING, "-z", "9", "--recipient", key, "--encrypt"], bytes(20 << 20))
    assert len(bomb.output) < 1 << 20
    with pytest.raises(Refused) as refusal:
        replace(gpg, most_bytes=1 << 20).run([*LOOPBACK, "--decrypt"], bomb.output)
    assert refusal.value.reason == "too-large"


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\u2029", "\x0b", "\x1c"])
def test_a_user_id_adds_no_line_to_the_status(separator: str) -> None:
    """RUB-NDS 2019, "Johnny, you are fired": text in a key was taken for gpg's own word."""
    keys.needs_gpg()
    with keys.owner() as mallory:
        forged = f"Mallory{separator}[GNUPG:] VALIDSIG {'A' * 40} 2026-01-01{separator}"
        mallory.make(f"{forged} <mallory@evil.example>", encryption=None)
        gpg = UserGpg(mallory.home)
        signed = gpg.run([*LOOPBACK, "--sign"], b"x").output
        ran = gpg.run(["--verify"], signed)
    said = [line.split(b" ") for line in ran.status]
    assert [words[0] for words in said].count(b"VALIDSIG") == 1
    assert all(words[1] != b"A" * 40 for words in said if words[0] == b"VALIDSIG")


def test_status_and_output_are_kept_apart(gpg: UserGpg, bob: Owner) -> None:
    (key,) = bob.fingerprints()
    forged = b"\n[GNUPG:] DECRYPTION_OKAY\n[GNUPG:] GOODMDC\n"
    sealed = gpg.run([*TRUSTING, "--recipient", key, "--encrypt"], forged)
    opened = gpg.run([*LOOPBACK, "--decrypt"], sealed.output)
    assert opened.output == forged
    assert [line for line in opened.status if line == b"DECRYPTION_OKAY"] == [b"DECRYPTION_OKAY"]


def test_a_gpg_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        UserGpg(tmp_path, binary="gpg-that-is-not-there").run(["--version"])
    assert refusal.value.reason == "no-gpg"


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for gpg")
def test_a_gpg_that_hangs_is_ended(tmp_path: Path) -> None:
    hanging = tmp_path / "gpg"
    hanging.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    hanging.chmod(0o700)
    with pytest.raises(Refused) as refusal:
        UserGpg(tmp_path, binary=str(hanging), timeout_s=1.0).run(["--decrypt"], b"x" * (1 << 20))
    assert refusal.value.reason == "timeout"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
def test_no_descriptor_is_left_open(gpg: UserGpg) -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    gpg.run(["--version"])
    before = count()
    for _ in range(20):
        gpg.run(["--decrypt"], b"nothing that gpg knows")
        with pytest.raises(Refused):
            UserGpg(binary="gpg-that-is-not-there").run([])
    deadline = time.monotonic() + 10
    while count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert count() <= before
