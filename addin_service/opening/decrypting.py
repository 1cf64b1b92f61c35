"""From sealed bytes to what was sealed, by the user's own gpg; all of it or nothing."""

from collections.abc import Iterator

from addin_service.opening import containers
from addin_service.opening.refusals import CannotOpen
from addin_service.pgp.refused import Refused
from addin_service.pgp.user_gpg import Ran, UserGpg

_BAD_NEWS = ("DECRYPTION_FAILED", "BADMDC", "NODATA", "UNEXPECTED", "FAILURE")
# libgpg-error's codes, in the low 16 bits of the number that gpg gives.
_CODES = {
    11: "passphrase", 31: "passphrase", 99: "cancelled", 198: "cancelled", 62: "cancelled",
    77: "no-window", 85: "no-window", 86: "no-window",
}  # fmt: skip

_NEWEST_ALGORITHM = 22
"""EdDSA: the last number that RFC 4880 and gpg 2.2 know; RFC 9580 goes on from 25."""


def unwrapped(gpg: UserGpg, sealed: bytes) -> bytes:
    """The OpenPGP message that was sealed, with the signature that it may have. `CannotOpen`.

    gpg has seen the end of it and found it unchanged before any of it is given back.
    """
    keys = containers.readers(sealed)
    ran = run(gpg, ["--output", "-", "--unwrap", "--decrypt"], sealed)
    whole = (
        ran.returncode == 0
        and not ran.said(*_BAD_NEWS)
        and all(
            _count(ran, word) == 1
            for word in ("BEGIN_DECRYPTION", "DECRYPTION_OKAY", "GOODMDC", "END_DECRYPTION")
        )
    )
    if not whole:
        raise _why(ran, keys)
    containers.signed_or_plain(ran.output)
    return ran.output


def run(gpg: UserGpg, arguments: list[str], given: bytes) -> Ran:
    """`UserGpg.run`, its refusals in this package's words."""
    try:
        return gpg.run(arguments, given)
    except Refused as refusal:
        reasons = {"no-gpg": "no-gpg", "timeout": "timeout", "too-large": "large"}
        raise CannotOpen(reasons.get(refusal.reason, "not-opened")) from None


def _count(ran: Ran, word: str) -> int:
    return sum(line.split(b" ", 1)[0] == word.encode("ascii") for line in ran.status)


def _why(ran: Ran, keys: tuple[str, ...]) -> CannotOpen:
    """What gpg's status says of the reason, the most telling first."""
    for code in _errors(ran):
        if code in _CODES:
            return CannotOpen(_CODES[code])
    if ran.said("BADMDC"):
        return CannotOpen("changed")
    if ran.said("DECRYPTION_KEY"):
        unprotected = ran.said("DECRYPTION_OKAY") and not ran.said("GOODMDC")
        return CannotOpen("unprotected" if unprotected else "changed")
    if ran.said("NO_SECKEY"):
        return CannotOpen("other-key", tuple(key for key in keys if set(key) != {"0"}))
    if any(algorithm > _NEWEST_ALGORITHM for algorithm in _algorithms(ran)):
        return CannotOpen("newer")
    return CannotOpen("not-opened")


def _algorithms(ran: Ran) -> Iterator[int]:
    """The public-key algorithms of the readers."""
    for line in ran.status:
        words = line.split(b" ")
        if words[0] == b"ENC_TO" and len(words) > 2 and words[2].isdigit():
            yield int(words[2])


def _errors(ran: Ran) -> Iterator[int]:
    for line in ran.status:
        words = line.split(b" ")
        if words[0] == b"ERROR" and len(words) > 2 and words[2].isdigit():
            yield int(words[2]) & 0xFFFF
