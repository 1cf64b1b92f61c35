"""gpg's listing of one certificate (with colons), in bytes. Pure.

Split on line feeds only: a user ID can contain everything else that a program may take for the
end of a line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from addin_service.pgp.blocks import ALGORITHMS
from addin_service.pgp.certificate import Subkey, fingerprint
from addin_service.pgp.not_a_certificate import NotACertificate

_ESCAPED = re.compile(rb"\\(x[0-9A-Fa-f]{2}|[nrtfvb0\\])")
_LETTERS = dict(zip(b"nrtfvb0\\", b"\n\r\t\f\v\b\0\\", strict=True))


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key, and what gpg says beside: `kind` is pub or sub, `uses` has a letter for each use.

    `known` is whether gpg itself can work with its algorithm and curve, `chosen` whether it would
    try to encrypt to the key all the same; `bits` its length.
    """

    key: Subkey
    kind: bytes
    algorithm: int
    bits: int
    uses: bytes
    known: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """What gpg lists: keys in order, and each user ID with whether gpg calls it revoked."""

    keys: tuple[ListedKey, ...]
    names: tuple[tuple[bytes, bool], ...]


def listed(listing: bytes) -> Listed:
    """What stands in the listing; raises `NotACertificate` where it is not as gpg writes it."""
    records = [line.split(b":") for line in listing.split(b"\n") if line]
    names = [(unescaped(f[9]), f[1] == b"r") for f in records if f[0] == b"uid" and len(f) > 9]
    return Listed(tuple(_keys(records)), tuple(names))


def unescaped(field: bytes) -> bytes:
    """A field of gpg's listing as the bytes that stood in the key."""
    return _ESCAPED.sub(_letter, field)


def _letter(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1][1:], 16) if len(escape[1]) == 3 else _LETTERS[escape[1][0]]])


def _keys(records: list[list[bytes]]) -> Iterator[ListedKey]:
    """The primary key and the subkeys, in order."""
    above: list[bytes] = []
    for fields in records:
        if fields[0] in (b"pub", b"sub") and len(fields) > 11:
            above = fields
        elif fields[0] == b"fpr" and above and len(fields) > 9:
            yield _listed(above, fields[9])
            above = []


def _listed(fields: list[bytes], digits: bytes) -> ListedKey:
    try:
        algorithm, bits = int(fields[3]), int(fields[2])
        # Where gpg cannot use a key it still lists the uses that its owner gave it: it calls the
        # key invalid then, or has no name for its curve but the number.
        curve = fields[16] if len(fields) > 16 else b""
        known = algorithm in ALGORITHMS and not curve[:1].isdigit()
        chosen = b"e" in fields[11] and fields[1] not in (b"i", b"r")
        key = _key(fields, digits, known and fields[1] != b"i")
    except (ValueError, OverflowError, OSError):
        raise NotACertificate("disagree") from None
    return ListedKey(key, fields[0], algorithm, bits, fields[11], known, chosen)


def _key(fields: list[bytes], digits: bytes, works: bool) -> Subkey:
    created = _moment(fields[5])
    if created is None or len(digits) != 40:
        raise ValueError("a key without a date, or of another version")
    return Subkey(
        fingerprint=fingerprint(digits.decode("ascii")),
        created=created,
        expires=_moment(fields[6]),
        revoked=fields[1] == b"r",
        encrypts=works and b"e" in fields[11],
    )


def _moment(field: bytes) -> datetime | None:
    return datetime.fromtimestamp(int(field), UTC) if field else None
