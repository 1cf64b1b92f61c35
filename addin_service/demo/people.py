"""Two people of the demo with secret keys of their own: the reader, and a stranger."""

import email
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from addin_service.demo.sample import COUNSEL
from addin_service.pgp.certificate import Fingerprint, fingerprint, groups

STRANGER = "p.tan@chamber.example"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a gpg home on another computer, so to speak."""

    home: Path
    key: Fingerprint

    def public(self) -> bytes:
        """The public key, as it would come by mail."""
        return _gpg(self.home, "--armor", "--export", self.key).stdout

    def spoken(self, positions: list[int]) -> str:
        """The groups of the fingerprint at these positions, as they are read aloud."""
        parts = groups(self.key)
        return " ".join(parts[position - 1] for position in positions)

    def opens(self, entity: str) -> str | None:
        """The text inside a sealed message; None where this person cannot open it."""
        sealed = list(email.message_from_string(entity).walk())[-1]
        done = _gpg(self.home, "--decrypt", data=_content(sealed))
        if done.returncode != 0:
            return None
        parts = email.message_from_bytes(done.stdout).walk()
        text = next(part for part in parts if part.get_content_type() == "text/plain")
        return _content(text).decode("utf-8")


@contextmanager
def people() -> Iterator[tuple[Person, Person]]:
    """Priya Tann and the stranger at the mistyped address; their keys are gone afterwards."""
    homes = []
    try:
        made = []
        for name, address in (("Priya Tann", COUNSEL), ("A stranger", STRANGER)):
            # A short path: gpg's agent listens on a socket, whose name may have 108 characters.
            home = Path(tempfile.mkdtemp(prefix="ll"))
            homes.append(home)
            identity = f"{name} <{address}>"
            _gpg(home, "--passphrase", "", "--quick-gen-key", identity, "future-default", "default")
            listed = _gpg(home, "--with-colons", "--list-keys").stdout.decode()
            digits = next(
                line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr")
            )
            made.append(Person(home, fingerprint(digits)))
        yield made[0], made[1]
    finally:
        for home in homes:
            command = ["gpgconf", "--homedir", str(home), "--kill", "all"]
            subprocess.run(command, capture_output=True, check=False)  # noqa: S603
            shutil.rmtree(home, ignore_errors=True)


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _gpg(home: Path, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["gpg", "--batch", "--quiet", "--homedir", str(home), *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=False)  # noqa: S603
