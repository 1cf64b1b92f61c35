"""Bytes that somebody gave us to `Certificate`. Pure: gpg's own words come in as bytes.

`block` looks at a file before gpg sees it. `certificate` reads gpg's listing of the cleaned
certificate, in bytes and split on line feeds only: a user ID can contain everything else that a
program may take for the end of a line. Both readings, ours and gpg's, must agree.
"""

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from addin_service.pgp import packets
from addin_service.pgp.armor import Malformed, dearmor, is_armored
from addin_service.pgp.certificate import Certificate, Subkey, fingerprint
from addin_service.pgp.userids import user_id

LARGEST = 100_000
"""Bytes of a file with a key. A usual one has 1 to 5 kB, one with a portrait up to 40 kB."""
MOST_USER_IDS = 100

PROBLEMS: dict[str, tuple[str, str]] = {
    "empty": ("the file is empty", "ask for the key again"),
    "large": (
        "the file is larger than a key needs to be",
        "ask for it without photos and other people's signatures",
    ),
    "secret": (
        "it contains a secret key, which nobody but its owner may have",
        "delete it, tell its owner, and ask for the public key",
    ),
    "several": ("it contains more than one key", "import one key at a time"),
    "message": ("it is an encrypted or signed message, not a key", "ask for the public key"),
    "packed": ("it is a packed file (zip, gzip or the like)", "unpack it first"),
    "page": ("it is a web page", "use the page's own download of the key"),
    "not-a-key": ("it is not an OpenPGP key", "ask for the public key as a .asc file"),
    "damaged": ("it is incomplete or damaged", "ask for it again, as an attached file"),
    "version": (
        "it is a key of another version than gpg can use here",
        "ask for a key of version 4",
    ),
    "algorithm": (
        "it is a kind of key that gpg cannot use here",
        "ask for an RSA, Curve25519 or NIST key",
    ),
    "no-user-id": (
        "it names nobody: no user ID that the key itself has signed",
        "ask for the whole public key, with its user IDs",
    ),
    "disagree": (
        "gpg and this program read it differently, which a well-made key does not do",
        "ask for a newly made key",
    ),
    "user-ids": (
        "it has more user IDs than a person has names",
        "ask for a key without the others",
    ),
}
"""Why something is not accepted as a key, and what to do. The first completes "This is not …:"."""

_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ", b"Rar!")
_KEY_PARTS = {
    packets.PUBLIC_KEY, packets.PUBLIC_SUBKEY, packets.USER_ID, packets.ATTRIBUTE,
    packets.SIGNATURE,
}  # fmt: skip
_PASSED_OVER = {packets.MARKER, packets.TRUST, packets.PADDING}
_FIRST_BYTES = (0x98, 0x99, 0x9A, 0x9B, 0xC6)  # of a public key packet
_SECRET = {packets.SECRET_KEY, packets.SECRET_SUBKEY}
_ALGORITHMS = {1, 2, 3, 16, 17, 18, 19, 20, 22}
_ALGORITHM_FIELDS = {b"%d" % algorithm for algorithm in _ALGORITHMS}
_BROKEN_HASHES = {1, 2, 3}  # MD5, SHA-1, RIPEMD-160
_SOFT = {1, 3, 32}  # superseded, no longer used, user ID no longer valid
_OWN_SIGNATURES = {0x10, 0x11, 0x12, 0x13, 0x1F}
_KEY_REVOCATION, _SUBKEY_BINDING = 0x20, 0x18
_ESCAPED = re.compile(rb"\\(x[0-9A-Fa-f]{2}|[nrtfvb0\\])")
_LETTERS = dict(zip(b"nrtfvb0\\", b"\n\r\t\f\v\b\0\\", strict=True))


class NotACertificate(ValueError):
    """What was given is not one usable public certificate. Never repeats what was in it.

    `reason` is a key of `PROBLEMS`, the text completes "This is not a key to use:", `hint` says
    what to do.
    """

    def __init__(self, reason: str) -> None:
        problem, self.hint = PROBLEMS[reason]
        super().__init__(problem)
        self.reason = reason


def block(data: bytes) -> bytes:
    """The one public certificate in a file, in binary, before gpg sees any of it."""
    if len(data) > LARGEST:
        raise NotACertificate("large")
    data = _as_ascii(data)
    if not data.strip():
        raise NotACertificate("empty")
    if data.startswith(_PACKED):
        raise NotACertificate("packed")
    if (
        data.lstrip()[:200]
        .lower()
        .startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body"))
    ):
        raise NotACertificate("page")
    binary = _binary(data)
    try:
        found = list(packets.walk(binary))
    except Malformed:
        raise NotACertificate("damaged" if binary[0] in _FIRST_BYTES else "not-a-key") from None
    _one_public_key(found)
    return packets.joined(p for p in found if p.tag in _KEY_PARTS)


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
    if not {packet.tag for packet in parts} <= _KEY_PARTS:
        raise NotACertificate("not-a-key")
    primary = parts[0].body
    if len(primary) < 8:
        raise NotACertificate("damaged")
    if primary[0] != 4:
        raise NotACertificate("version")
    if primary[5] not in _ALGORITHMS:
        raise NotACertificate("algorithm")
    if tags.count(packets.USER_ID) > MOST_USER_IDS:
        raise NotACertificate("user-ids")


def certificate(cleaned: bytes, listing: bytes) -> Certificate:
    """The certificate of which gpg exported `cleaned` and printed `listing` (with colons)."""
    records = [line.split(b":") for line in listing.split(b"\n") if line]
    keys = list(_keys(records))
    names = [(unescaped(f[9]), f[1] == b"r") for f in records if f[0] == b"uid" and len(f) > 9]
    try:
        own = list(packets.walk(cleaned))
    except Malformed:
        raise NotACertificate("disagree") from None
    if not names:
        raise NotACertificate("no-user-id")
    same_keys = [key.fingerprint for key, _ in keys] == [
        packets.key_fingerprint(p.body)
        for p in own
        if p.tag in (packets.PUBLIC_KEY, packets.PUBLIC_SUBKEY)
    ]
    same_names = sorted(raw for raw, _ in names) == sorted(
        p.body for p in own if p.tag == packets.USER_ID
    )
    if not (keys and same_keys and same_names and keys[0][1][0] == b"pub"):
        raise NotACertificate("disagree")
    primary, fields = keys[0]
    return Certificate(
        fingerprint=primary.fingerprint,
        created=primary.created,
        expires=primary.expires,
        revoked=_revoked(own) if primary.revoked else "",
        user_ids=tuple(user_id(raw, revoked) for raw, revoked in names),
        subkeys=tuple(key for key, _ in keys),
        data=cleaned,
        problem=_problem(own, keys, b"D" in fields[11]),
    )


def is_whole(certificate: Certificate) -> bool:
    """Whether `data` is one public key with this fingerprint and only what belongs to it.

    A keyring may also hold gpg's own notes on which signatures it has checked; not in here.
    """
    try:
        own = list(packets.walk(certificate.data))
    except Malformed:
        return False
    primaries = [packets.key_fingerprint(p.body) for p in own if p.tag == packets.PUBLIC_KEY]
    return primaries == [certificate.fingerprint] and {p.tag for p in own} <= _KEY_PARTS


def unescaped(field: bytes) -> bytes:
    """A field of gpg's listing as the bytes that stood in the key."""
    return _ESCAPED.sub(_letter, field)


def _letter(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1][1:], 16) if len(escape[1]) == 3 else _LETTERS[escape[1][0]]])


def _keys(records: list[list[bytes]]) -> Iterator[tuple[Subkey, list[bytes]]]:
    """The primary key and the subkeys, in order, each with its record."""
    key: list[bytes] = []
    for fields in records:
        if fields[0] in (b"pub", b"sub") and len(fields) > 11:
            key = fields
        elif fields[0] == b"fpr" and key and len(fields) > 9:
            yield _key(key, fields[9]), key
            key = []


def _key(fields: list[bytes], digits: bytes) -> Subkey:
    try:
        created = _moment(fields[5])
        if created is None:
            raise ValueError("a key without a date")
        return Subkey(
            fingerprint=fingerprint(digits.decode("ascii")),
            created=created,
            expires=_moment(fields[6]),
            revoked=fields[1] == b"r",
            encrypts=b"e" in fields[11],
        )
    except (ValueError, OverflowError, OSError):
        raise NotACertificate("disagree") from None


def _moment(field: bytes) -> datetime | None:
    return datetime.fromtimestamp(int(field), UTC) if field else None


def _revoked(own: list[packets.Packet]) -> Literal["soft", "hard"]:
    """Soft where its owner only says that the key is out of use; whatever is unclear is hard."""
    said = [packets.signature(p.body) for p in own if p.tag == packets.SIGNATURE]
    reasons = [s.reason for s in said if s and s.type == _KEY_REVOCATION]
    return "soft" if reasons and all(reason in _SOFT for reason in reasons) else "hard"


def _problem(
    own: list[packets.Packet], keys: list[tuple[Subkey, list[bytes]]], disabled: bool
) -> str:
    """What is wrong with it for good, in words that complete "This key cannot be used:"."""
    if disabled:
        return "it is marked as disabled"
    if not any(key.encrypts for key, _ in keys):
        if any(fields[3] not in _ALGORITHM_FIELDS for _, fields in keys):
            return "its encryption key is of a kind that gpg cannot use here"
        return "it has no key for encryption, only for signing"
    encrypting = {key.fingerprint for key, _ in keys if key.encrypts}
    names, bindings, last = [], [], ""
    for part in own:
        if part.tag in (packets.PUBLIC_KEY, packets.PUBLIC_SUBKEY):
            last = packets.key_fingerprint(part.body)
        elif part.tag == packets.SIGNATURE and (said := packets.signature(part.body)):
            if said.type in _OWN_SIGNATURES:
                names.append(said.hash)
            elif said.type == _SUBKEY_BINDING and last in encrypting:
                bindings.append(said.hash)
    if any(hashes and _BROKEN_HASHES.issuperset(hashes) for hashes in (names, bindings)):
        return "its own signatures use SHA-1 or MD5, which can be forged"
    return ""
