"""Certificates written packet by packet, with real signatures: what no program makes on request.

Ed25519 for the primary key, Curve25519 for encryption, in the forms of RFC 4880 that gpg 2.2
reads. Dates are seconds since 1970; whatever a case needs is said, the rest is as usual.
"""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from addin_service.pgp import packets
from tests.pgp.keys import part

MADE = 1_700_000_000  # 14 November 2023
DAY = 86_400
FLIPPED_EVERY = 16
CERTIFIES, SIGNS, ENCRYPTS = 1, 2, 12

HASHES = {2: "sha1", 8: "sha256", 10: "sha512"}


def number(data: bytes) -> bytes:
    """A multi-precision integer."""
    data = data.lstrip(b"\0")
    bits = len(data) * 8 - (8 - data[0].bit_length()) if data else 0
    return bits.to_bytes(2, "big") + data


def sub(kind: int, data: bytes) -> bytes:
    """A signature's subpacket."""
    return bytes([len(data) + 1, kind]) + data


def lasts(seconds: int) -> bytes:
    """For how long the key is good."""
    return sub(9, seconds.to_bytes(4, "big"))


def _raw(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@dataclass
class Forge:
    """A primary key that signs whatever it is given, and the packets made so far."""

    made: int = MADE
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    parts: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        point = number(b"\x40" + _raw(self.key))
        curve = bytes.fromhex("092B06010401DA470F01")
        self.body = b"\x04" + self.made.to_bytes(4, "big") + b"\x16" + curve + point
        self.parts.append(part(packets.PUBLIC_KEY, self.body))
        self.fingerprint = packets.key_fingerprint(self.body)

    @property
    def data(self) -> bytes:
        """The certificate."""
        return b"".join(self.parts)

    def subkey_body(self, made: int | None = None) -> bytes:
        """A new key for encryption."""
        point = number(b"\x40" + _raw(X25519PrivateKey.generate()))
        curve = bytes.fromhex("0A2B060104019755010501")
        when = (self.made if made is None else made).to_bytes(4, "big")
        return b"\x04" + when + b"\x12" + curve + point + bytes.fromhex("03010807")

    def signed(
        self,
        kind: int,
        over: bytes,
        *areas: bytes,
        made: int | None = None,
        hashed_with: int = 8,
        by: "Forge | None" = None,
        spoilt: bool = False,
    ) -> bytes:
        """A signature over the primary key and `over`, by it or by another."""
        signer = by or self
        when = (self.made if made is None else made).to_bytes(4, "big")
        hashed = sub(33, b"\x04" + bytes.fromhex(signer.fingerprint)) + sub(2, when)
        hashed += b"".join(areas)
        head = bytes([4, kind, 22, hashed_with]) + len(hashed).to_bytes(2, "big") + hashed
        text = b"\x99" + len(self.body).to_bytes(2, "big") + self.body + over
        text += head + b"\x04\xff" + len(head).to_bytes(4, "big")
        digest = hashlib.new(HASHES[hashed_with], text).digest()
        made_of = signer.key.sign(digest)
        if spoilt:
            made_of = made_of[:-1] + bytes([made_of[-1] ^ 1])
        issuer = sub(16, bytes.fromhex(signer.fingerprint[-16:]))
        tail = len(issuer).to_bytes(2, "big") + issuer + digest[:2]
        return part(packets.SIGNATURE, head + tail + number(made_of[:32]) + number(made_of[32:]))

    def says(self, kind: int, *areas: bytes, **more: int) -> "Forge":
        """A signature over the primary key alone: 0x1F about it, 0x20 revokes it."""
        self.parts.append(self.signed(kind, b"", *areas, **more))  # type: ignore[arg-type]
        return self

    def name(
        self, text: bytes, *areas: bytes, flags: int = CERTIFIES | SIGNS, **more: int
    ) -> "Forge":
        """A user ID with its own signature."""
        self.parts.append(part(packets.USER_ID, text))
        return self.about(text, sub(27, bytes([flags])), *areas, **more)

    def about(self, text: bytes, *areas: bytes, kind: int = 0x13, **more: int) -> "Forge":
        """One more signature about the user ID before."""
        over = b"\xb4" + len(text).to_bytes(4, "big") + text
        self.parts.append(self.signed(kind, over, *areas, **more))  # type: ignore[arg-type]
        return self

    def subkey(
        self, *areas: bytes, born: int | None = None, flags: int = ENCRYPTS, **more: int
    ) -> "Forge":
        """A key for encryption, bound."""
        body = self.subkey_body(born)
        self.parts.append(part(packets.PUBLIC_SUBKEY, body))
        return self.bound(body, sub(27, bytes([flags])), *areas, **more)

    def bound(self, body: bytes, *areas: bytes, kind: int = 0x18, **more: int) -> "Forge":
        """One more signature about a subkey: 0x18 binds it, 0x28 revokes it."""
        over = b"\x99" + len(body).to_bytes(2, "big") + body
        self.parts.append(self.signed(kind, over, *areas, **more))  # type: ignore[arg-type]
        return self


def usual(text: bytes = b"Bob <bob@bank.example>") -> bytes:
    """A good certificate with this user ID, whatever bytes it has."""
    return Forge().name(text).subkey().data
