"""The packets of OpenPGP data, as far as we must see them for ourselves. Bytes in, facts out.

A second pair of eyes beside gpg: what an uploaded file consists of before gpg sees it, and for
whom a sealed message really is after gpg wrote it. RFC 9580 section 4, RFC 4880 section 4.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from addin_service.pgp.armor import Malformed, beginning

PKESK, SIGNATURE, SKESK, SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY = 1, 2, 3, 5, 6, 7
UNPROTECTED, MARKER, TRUST, USER_ID, PUBLIC_SUBKEY, ATTRIBUTE = 9, 10, 12, 13, 14, 17
SEALED, SEALED_GNUPG, PADDING = 18, 20, 21
_ENDS, _ISSUER, _ISSUER_FINGERPRINT = 3, 16, 33
_CONTAINERS = {UNPROTECTED, SEALED, SEALED_GNUPG}
_SKIPPED = {MARKER, PADDING}
_REVOCATION_REASON, _MADE = 29, 2


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: its tag, and its body (of a container only the part that was there)."""

    tag: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Readers:
    """Whom an encrypted message names, and the packet that its content is in.

    `passwords` counts readers who need no key. `version` is that of a `SEALED` container.
    """

    key_ids: tuple[str, ...]
    passwords: int
    container: int
    version: int


@dataclass(frozen=True, slots=True)
class Signature:
    """What a version 4 signature says: its type, its hash, the reason of a revocation, its date.

    `ends`: it counts only up to a day that it names (the signature, not the key). `issuer` is the
    key id that it names as its maker's, 16 digits; empty where it names none.
    """

    type: int
    hash: int
    reason: int | None
    made: datetime | None
    ends: bool = False
    issuer: str = ""


def walk(data: bytes) -> Iterator[Packet]:
    """The packets of a certificate: all of them whole, or `Malformed`."""
    at = 0
    while at < len(data):
        tag, start, length = _header(data, at)
        if length is None or start + length > len(data):
            raise Malformed("damaged")
        yield Packet(tag, data[start : start + length])
        at = start + length


def joined(parts: Iterable[Packet]) -> bytes:
    """The packets as bytes again, each with a header of the present form."""
    return b"".join(bytes([0xC0 | p.tag]) + _length(len(p.body)) + p.body for p in parts)


def readers(message: bytes) -> Readers:
    """Whom this message, armoured or not, can be opened by. Looks at its beginning only."""
    size = 1 << 14
    while True:
        try:
            return _readers(beginning(message, size))
        except Malformed as fault:
            if fault.code != "cut" or size > len(message):
                raise
        size *= 8


def key_ids(message: bytes) -> frozenset[str]:
    """The key ids in a message, each 16 upper-case digits; all zeros for a hidden reader."""
    return frozenset(readers(message).key_ids)


def key_fingerprint(body: bytes) -> str:
    """The fingerprint of a version 4 public key packet."""
    framed = b"\x99" + len(body).to_bytes(2, "big") + body
    return hashlib.sha1(framed, usedforsecurity=False).hexdigest().upper()


def signature(body: bytes) -> Signature | None:
    """What a signature packet says; None for another version than 4."""
    if len(body) < 6 or body[0] != 4:
        return None
    area, rest = _area(body[4:])
    said, beside = _by_type(area), _by_type(_area(rest)[0])
    reason, date = said.get(_REVOCATION_REASON), said.get(_MADE, b"")
    made = datetime.fromtimestamp(int.from_bytes(date, "big"), UTC) if len(date) == 4 else None
    issuer = said.get(_ISSUER_FINGERPRINT) or said.get(_ISSUER) or beside.get(_ISSUER, b"")
    return Signature(
        body[1],
        body[3],
        reason[0] if reason else None,
        made,
        any(said.get(_ENDS, b"")),
        issuer[-8:].hex().upper(),
    )


def _area(data: bytes) -> tuple[bytes, bytes]:
    """The subpackets at the beginning of `data`, and what follows them."""
    end = 2 + int.from_bytes(data[:2], "big")
    return data[2:end], data[end:]


def _by_type(area: bytes) -> dict[int, bytes]:
    """The content of each subpacket; of several of one type the first."""
    said: dict[int, bytes] = {}
    for subpacket in _subpackets(area):
        said.setdefault(subpacket[0] & 0x7F, subpacket[1:])
    return said


def _length(size: int) -> bytes:
    if size < 192:
        return bytes([size])
    if size < 8384:
        return bytes([((size - 192) >> 8) + 192, (size - 192) & 0xFF])
    return b"\xff" + size.to_bytes(4, "big")


def _readers(data: bytes) -> Readers:
    """`readers` of binary data; `Malformed("cut")` where more of it is needed."""
    keys: list[str] = []
    at = passwords = 0
    while True:
        tag, start, length = _header(data, at)
        if tag in _CONTAINERS:
            if tag != UNPROTECTED and start >= len(data):
                raise Malformed("cut")
            version = data[start] if tag != UNPROTECTED else 0
            return Readers(tuple(keys), passwords, tag, version)
        if length is None:
            raise Malformed("damaged")
        if start + length > len(data):
            raise Malformed("cut")
        body = data[start : start + length]
        if tag == PKESK:
            if len(body) < 10 or body[0] != 3:
                raise Malformed("version")
            keys.append(body[1:9].hex().upper())
        elif tag == SKESK:
            passwords += 1
        elif tag not in _SKIPPED:
            raise Malformed("kind")
        at = start + length


def _header(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Tag, where the body starts, and its length: None if that is not said here."""
    head = data[at : at + 6]
    if len(head) < 2:
        raise Malformed("cut")
    if not head[0] & 0x80:
        raise Malformed("kind" if at == 0 else "damaged")
    if head[0] & 0x40:
        tag, first = head[0] & 0x3F, head[1]
        if first < 192:
            return tag, at + 2, first
        if 224 <= first < 255:
            return tag, at + 2, None
        width = 2 if first < 224 else 5
        if len(head) < 1 + width:
            raise Malformed("cut")
        if width == 2:
            return tag, at + 3, ((first - 192) << 8) + head[2] + 192
        return tag, at + 6, int.from_bytes(head[2:6], "big")
    tag, kind = (head[0] >> 2) & 0x0F, head[0] & 3
    if kind == 3:
        return tag, at + 1, None
    width = 1 << kind
    if len(head) < 1 + width:
        raise Malformed("cut")
    return tag, at + 1 + width, int.from_bytes(head[1 : 1 + width], "big")


def _subpackets(area: bytes) -> Iterator[bytes]:
    """Type and content of each subpacket; ends quietly where the area is damaged."""
    at = 0
    while at < len(area):
        first = area[at]
        if first < 192:
            start, length = at + 1, first
        elif first < 255:
            start, length = (
                at + 2,
                ((first - 192) << 8) + int.from_bytes(area[at + 1 : at + 2]) + 192,
            )
        else:
            start, length = at + 5, int.from_bytes(area[at + 1 : at + 5], "big")
        if length < 2 or start + length > len(area):
            return
        yield area[start : start + length]
        at = start + length
