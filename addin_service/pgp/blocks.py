"""What a file is: the one public certificate in it, before gpg sees any of it. Pure."""

import contextlib

from addin_service.pgp import packets
from addin_service.pgp.armor import Malformed, dearmor, is_armored
from addin_service.pgp.not_a_certificate import NotACertificate

LARGEST = 100_000
"""Bytes of a file with a key. A usual one has 1 to 5 kB, one with a portrait up to 40 kB."""
MOST_USER_IDS = 100

ALGORITHMS = {1, 2, 3, 16, 17, 18, 19, 22}
"""Public-key algorithms that gpg 2.2 works with: RSA, ElGamal, DSA, and those on curves."""
KEY_PARTS = {
    packets.PUBLIC_KEY, packets.PUBLIC_SUBKEY, packets.USER_ID, packets.ATTRIBUTE,
    packets.SIGNATURE,
}  # fmt: skip
"""What a certificate consists of."""

_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ", b"Rar!")
_PAGE = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")
_PASSED_OVER = {packets.MARKER, packets.TRUST, packets.PADDING}
_FIRST_BYTES = (0x98, 0x99, 0x9A, 0x9B, 0xC6)  # of a public key packet
_SECRET = {packets.SECRET_KEY, packets.SECRET_SUBKEY}


def block(data: bytes) -> bytes:
    """The one public certificate in a file, in binary; raises `NotACertificate`."""
    if len(data) > LARGEST:
        raise NotACertificate("large")
    data = _as_ascii(data)
    if not data.strip():
        raise NotACertificate("empty")
    if data.startswith(_PACKED):
        raise NotACertificate("packed")
    if data.lstrip()[:200].lower().startswith(_PAGE):
        raise NotACertificate("page")
    binary = _binary(data)
    try:
        found = list(packets.walk(binary))
    except Malformed:
        raise NotACertificate("damaged" if binary[0] in _FIRST_BYTES else "not-a-key") from None
    _one_public_key(found)
    return packets.joined(p for p in found if p.tag in KEY_PARTS)


def _as_ascii(data: bytes) -> bytes:
    """Without the mark of UTF-8, and out of UTF-16, in which Windows' own shell saves text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        with contextlib.suppress(UnicodeError):
            return data.decode("utf-16").encode("ascii")
    return data.removeprefix(b"\xef\xbb\xbf")


def _binary(data: bytes) -> bytes:
    """The packets, out of their armour if they have one."""
    if data[0] >= 0x80:
        return data
    if not is_armored(data):
        raise NotACertificate("not-a-key")
    if b"-----BEGIN PGP PRIVATE KEY BLOCK-----" in data:
        raise NotACertificate("secret")
    if b"-----BEGIN PGP MESSAGE-----" in data or b"-----BEGIN PGP SIGNED MESSAGE-----" in data:
        raise NotACertificate("message")
    try:
        return dearmor(data, b"PUBLIC KEY BLOCK")
    except Malformed as fault:
        if fault.code == "several":
            raise NotACertificate("several") from None
        raise NotACertificate("not-a-key" if fault.code == "kind" else "damaged") from None


def _one_public_key(found: list[packets.Packet]) -> None:
    """Refuse everything but one public key of version 4 and what belongs to it."""
    tags = [packet.tag for packet in found]
    if _SECRET & set(tags):
        raise NotACertificate("secret")
    if tags.count(packets.PUBLIC_KEY) > 1:
        raise NotACertificate("several")
    parts = [packet for packet in found if packet.tag not in _PASSED_OVER]
    if not parts or parts[0].tag != packets.PUBLIC_KEY:
        raise NotACertificate("message" if {1, 3, 8, 9, 11, 18, 20} & set(tags) else "not-a-key")
    if not {packet.tag for packet in parts} <= KEY_PARTS:
        raise NotACertificate("not-a-key")
    primary = parts[0].body
    if len(primary) < 8:
        raise NotACertificate("damaged")
    if primary[0] != 4:
        raise NotACertificate("version")
    if primary[5] not in ALGORITHMS:
        raise NotACertificate("algorithm")
    if tags.count(packets.USER_ID) > MOST_USER_IDS:
        raise NotACertificate("user-ids")
