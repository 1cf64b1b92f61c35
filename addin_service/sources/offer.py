"""What a source offers: bytes that claim to be a key, and what was not taken."""

import re
from dataclasses import dataclass
from typing import Literal

Source = Literal["file", "paste", "autocrypt", "attached", "wkd", "folder", "own"]
"""How a key came to us."""

ARMORED_KEY = b"KEY BLOCK-----"
_CERTIFICATE = re.compile(
    rb"-----BEGIN (?:X509 CERTIFICATE|CERTIFICATE|PKCS7|CMS)-----|\A0[\x80-\xff]"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """Bytes that claim to be one key. `where` says in words where they stood.

    `sender` is the address (normal form) that the mail is from, empty where it is not a mail, or
    names several senders. `wants_sealed`: its owner asks for sealed answers.
    """

    data: bytes
    source: Source
    where: str
    sender: str = ""
    wants_sealed: bool = False

    @property
    def is_smime(self) -> bool:
        """Whether it claims to be an S/MIME certificate: PEM, DER, or a bundle of either."""
        if self.data[:1] >= b"\x80" or ARMORED_KEY in self.data:
            return False
        return _CERTIFICATE.search(self.data) is not None


@dataclass(frozen=True, slots=True)
class Left:
    """What was not taken: where it stood, why, and what to do."""

    where: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, in the order in which it stands there."""

    offers: tuple[Offer, ...]
    left: tuple[Left, ...] = ()
