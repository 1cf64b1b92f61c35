"""Where a domain keeps the key of an address: names in its Web Key Directory. Pure.

draft-koch-openpgp-webkey-service, section 3.1. The domain sees which address is asked about.
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from addin_service.model import Address

_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"
_CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class Place:
    """A host, and what to ask it for."""

    host: str
    target: str


def places(address: Address) -> tuple[Place, Place]:
    """Where the key of `address` can lie: the advanced way, then the direct one."""
    known_as = f"hu/{zbase32(_digest(address.local))}?l={quote(address.local, safe='')}"
    below = "/.well-known/openpgpkey"
    return (
        Place(f"openpgpkey.{address.domain}", f"{below}/{address.domain}/{known_as}"),
        Place(address.domain, f"{below}/{known_as}"),
    )


def _digest(local: str) -> bytes:
    """Capitals of ASCII count as small letters; everything else stays as it is."""
    return hashlib.sha1(local.translate(_CAPITALS).encode(), usedforsecurity=False).digest()


def zbase32(data: bytes) -> str:
    """Five bits a letter, the last ones filled up with zeros (RFC 6189, section 5.1.6)."""
    bits = len(data) * 8
    number = int.from_bytes(data, "big") << (-bits % 5)
    letters = (bits + 4) // 5
    return "".join(_ALPHABET[number >> 5 * (letters - 1 - at) & 31] for at in range(letters))
