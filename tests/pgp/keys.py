"""Keys for tests, made on the spot by gpg and by Sequoia. Nobody's real key is among them."""

import contextlib
import functools
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pysequoia
import pytest

from addin_service.pgp import packets
from addin_service.pgp.certificate import Certificate
from addin_service.pgp.gpg import Gpg
from tests.conftest import needs

GPG = Gpg()


def needs_gpg() -> None:
    """Skip visibly where there is no gpg."""
    needs("gpg", shutil.which("gpg") is not None)


def now() -> datetime:
    return datetime.now(UTC)


class Owner:
    """Somebody's own gpg with secret keys, in a home whose path is short enough for its agent."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="ll", dir="/tmp"))
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("GNUPG", "GPG"))}
        self.environment = clean | {"GNUPGHOME": str(self.home), "LC_ALL": "C.UTF-8"}

    def gpg(self, *arguments: str, given: bytes = b"", check: bool = True) -> bytes:
        """One run; what it printed."""
        command = [
            "gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "",
            "--trust-model", "always", "--no-auto-key-locate", *arguments,
        ]  # fmt: skip
        done = subprocess.run(
            command, input=given, env=self.environment, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0 or not check, done.stderr.decode(errors="replace")
        return done.stdout

    def make(
        self,
        user_id: str,
        *more: str,
        algorithm: str = "ed25519",
        usage: str = "cert,sign",
        expire: str = "never",
        encryption: str | None = "cv25519",
    ) -> str:
        """A new key; its fingerprint. `more` are options for gpg, such as a faked clock."""
        before = set(self.fingerprints())
        self.gpg(
            *more,
            "--yes",
            "--allow-freeform-uid",
            "--quick-gen-key",
            user_id,
            algorithm,
            usage,
            expire,
        )
        (fingerprint,) = set(self.fingerprints()) - before
        if encryption:
            self.add(fingerprint, *more, encryption=encryption, expire=expire)
        return fingerprint

    def add(
        self, fingerprint: str, *more: str, encryption: str = "cv25519", expire: str = "never"
    ) -> None:
        """One more key for encryption."""
        self.gpg(*more, "--quick-add-key", fingerprint, encryption, "encr", expire)

    def edit(self, fingerprint: str, *commands: str) -> None:
        """What can only be done in gpg's dialogue."""
        self.gpg(
            "--command-fd", "0", "--expert", "--edit-key", fingerprint,
            given="\n".join([*commands, "save", ""]).encode(),
        )  # fmt: skip

    def revoke(self, fingerprint: str, reason: int) -> None:
        """Revoke the whole key: 0 none given, 1 compromised, 2 superseded, 3 no longer used."""
        self.gpg("--import", given=self.revocation(fingerprint, reason))

    def revocation(self, fingerprint: str, reason: int) -> bytes:
        """What revokes the key when it is imported."""
        return self.gpg(
            "--no-batch", "--command-fd", "0", "--no-tty", "--gen-revoke", fingerprint,
            given=f"y\n{reason}\n\ny\n".encode(),
        )  # fmt: skip

    def fingerprints(self) -> list[str]:
        """The primary keys here."""
        lines = self.gpg("--with-colons", "--list-keys").split(b"\n")
        return [
            line.split(b":")[9].decode()
            for above, line in itertools.pairwise(lines)
            if above.startswith(b"pub:")
        ]

    def public(self, fingerprint: str) -> bytes:
        return self.gpg("--export", fingerprint)

    def secret(self, fingerprint: str) -> bytes:
        return self.gpg("--export-secret-keys", fingerprint)

    def opens(self, message: bytes) -> bytes | None:
        """What the message says, or None if none of the keys here opens it."""
        done = subprocess.run(
            ["gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--decrypt"],
            input=message, env=self.environment, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        return done.stdout if done.returncode == 0 else None


@contextlib.contextmanager
def owner() -> Iterator[Owner]:
    """An `Owner` whose agent ends and whose home goes."""
    made = Owner()
    try:
        yield made
    finally:
        subprocess.run(
            ["gpgconf", "--homedir", str(made.home), "--kill", "all"], check=False, timeout=30
        )
        shutil.rmtree(made.home, ignore_errors=True)


class Person:
    """Somebody with a key that Sequoia made: a thousand a second, with any user ID."""

    def __init__(self, user_ids: Sequence[str], profile: pysequoia.Profile) -> None:
        self.secret = pysequoia.Tsk.generate(user_ids=list(user_ids), profile=profile)
        self.public = bytes(self.secret.extract_certificate())

    @functools.cached_property
    def certificate(self) -> Certificate:
        """As our own reader reads it."""
        return GPG.read(self.public)

    def opens(self, message: bytes) -> bytes | None:
        """What the message says, or None if this key does not open it."""
        with contextlib.suppress(Exception):  # its only sign that the key does not fit
            return bytes(pysequoia.decrypt(message, self.secret.decryptor()).bytes or b"")
        return None


def person(*user_ids: str) -> Person:
    """Somebody new."""
    return Person(user_ids, pysequoia.Profile.RFC4880)


@functools.cache
def known(*user_ids: str) -> Person:
    """Somebody whom several tests know: made once in each process."""
    return person(*user_ids)


def named_in(message: bytes) -> set[str]:
    """The keys that Sequoia, not we, finds named in a message."""
    try:
        pile = pysequoia.packet.PacketPile.from_bytes(message)
    except Exception as fault:  # pragma: no cover
        pytest.fail(f"Sequoia does not read it: {fault}")
    return {bytes(p.body)[1:9].hex().upper() for p in pile if p.tag == pysequoia.packet.Tag.PKESK}


def part(tag: int, body: bytes) -> bytes:
    """One packet."""
    return packets.joined([packets.Packet(tag, body)])
