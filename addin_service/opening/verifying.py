"""Who signed: gpg with a keyring that holds the claimed sender's certificates and nothing else.

The user's own keyring and its trust are not asked: whoever can make somebody import a key could
otherwise sign as anybody.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from addin_service.opening import containers
from addin_service.opening.decrypting import run
from addin_service.opening.refusals import CannotOpen
from addin_service.opening.signers import Signature, Word
from addin_service.pgp import processes
from addin_service.pgp.armor import Malformed, dearmor, is_armored
from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.pgp.refused import Refused
from addin_service.pgp.user_gpg import Ran, UserGpg

_APART = (
    "--no-options", "--no-autostart", "--no-random-seed-file", "--no-default-keyring",
    "--trust-model", "always", "--ignore-time-conflict",
)  # fmt: skip
_WORDS: dict[bytes, Word] = {
    b"GOODSIG": "good",
    b"EXPSIG": "ended",
    b"EXPKEYSIG": "ended",
    b"REVKEYSIG": "withdrawn",
    b"BADSIG": "bad",
    b"ERRSIG": "unknown",
}
_BROKEN_HASHES = {b"1", b"2", b"3"}
"""MD5, SHA-1, RIPEMD-160: two texts of one hash can be made (RFC 9580, section 9.5)."""
_OF_TEXT = {b"00", b"01"}
_DIGITS = re.compile(rb"[0-9A-F]{16}|[0-9A-F]{40}")


@dataclass(frozen=True, slots=True)
class Content:
    """What was signed or sealed, and the signatures over it."""

    data: bytes
    signatures: tuple[Signature, ...] = ()


def content(gpg: UserGpg, message: bytes, certificates: Sequence[Certificate]) -> Content:
    """The content of an OpenPGP message that is sealed no more. Raises `CannotOpen`."""
    with _apart(gpg, certificates) as (place, _, ring):
        ran = run(place, [*ring, "--output", "-", "--decrypt"], message)
    texts = [line for line in ran.status if line.split(b" ", 1)[0] == b"PLAINTEXT"]
    signatures = _signatures(ran)
    # Where a signature is not good gpg ends with an error, although it wrote the whole text.
    unwell = ran.returncode != 0 and all(one.word == "good" for one in signatures)
    astray = ran.said("NODATA", "BEGIN_DECRYPTION", "ENC_TO", "NO_SECKEY", "UNEXPECTED", "ERROR")
    if len(texts) != 1 or unwell or astray:
        raise CannotOpen("nested")
    return Content(ran.output, signatures)


def detached(
    gpg: UserGpg, signed: bytes, signature: bytes, certificates: Sequence[Certificate]
) -> tuple[Signature, ...]:
    """The signatures that stand in a part of their own. Raises `CannotOpen`."""
    try:
        packets = dearmor(signature, b"SIGNATURE") if is_armored(signature) else signature
    except Malformed:
        return (Signature("bad"),)
    if not containers.only_signatures(packets):
        return (Signature("bad"),)  # a whole signed text here would be verified in place of ours
    with _apart(gpg, certificates) as (place, home, ring):
        file = home / "signature"
        file.write_bytes(packets)
        ran = run(place, [*ring, "--verify", str(file), "-"], signed)
    return _signatures(ran) or (Signature("bad"),)


@contextmanager
def _apart(
    gpg: UserGpg, certificates: Sequence[Certificate]
) -> Iterator[tuple[UserGpg, Path, list[str]]]:
    """gpg in an empty home, that home, and the options for a keyring of these certificates."""
    try:
        with processes.home() as home:
            ring = home / "ring.pgp"
            ring.write_bytes(b"".join(one.data for one in certificates))
            yield replace(gpg, home=home), home, [*_APART, "--keyring", str(ring)]
    except (Refused, OSError):
        raise CannotOpen("not-opened") from None


def _signatures(ran: Ran) -> tuple[Signature, ...]:
    return tuple(map(_signature, _groups(ran.status)))


def _groups(status: Iterable[bytes]) -> list[list[list[bytes]]]:
    """The status lines, as words, of each signature."""
    groups: list[list[list[bytes]]] = []
    for line in status:
        words = line.split(b" ")
        if words[0] == b"NEWSIG":
            groups.append([])
        elif groups:
            groups[-1].append(words)
    return groups


def _signature(lines: list[list[bytes]]) -> Signature:
    said = [words for words in lines if words[0] in _WORDS]
    if len(said) != 1:
        return Signature("bad")
    word = _WORDS[said[0][0]]
    if word == "unknown":
        return _unknown(said[0])
    valid = [words for words in lines if words[0] == b"VALIDSIG"]
    if word == "bad" or len(valid) != 1 or len(valid[0]) < 11:
        return Signature("bad")
    _, _, _, made, _, _, _, _, hashed, kind, primary = valid[0][:11]
    if kind not in _OF_TEXT or not re.fullmatch(rb"[0-9A-F]{40}", primary):
        return Signature("bad")
    if hashed in _BROKEN_HASHES:
        word = "weak"
    return Signature(word, Fingerprint(primary.decode("ascii")), "", _moment(made))


def _unknown(words: list[bytes]) -> Signature:
    """ERRSIG: the id of the key, and where gpg knows it the whole fingerprint."""
    named = [word for word in (words[1:2] + words[7:8]) if _DIGITS.fullmatch(word)]
    return Signature("unknown", None, named[-1].decode("ascii") if named else "")


def _moment(seconds: bytes) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
