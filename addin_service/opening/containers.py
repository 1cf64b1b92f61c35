"""Which OpenPGP messages are opened: one, whole, protected against change, for keys. Pure.

Programs have been led to show as one message what were several, or what had been altered so that
showing it gave it away (EFAIL, 2018). What is looked for here is the only thing that is let in.
"""

import re

from addin_service.opening.refusals import CannotOpen
from addin_service.pgp import framing, packets
from addin_service.pgp.armor import Malformed

COMPRESSED, LITERAL, ONE_PASS = 8, 11, 4
_LETTERS = {
    packets.SIGNATURE: "s", ONE_PASS: "o", LITERAL: "l", COMPRESSED: "c", packets.MARKER: "",
}  # fmt: skip
_MESSAGE = re.compile(r"(?P<ones>o*)(?:l|c)(?P<signatures>s*)|s+l|c")
_BEFORE = {packets.PKESK, packets.SKESK, packets.MARKER, packets.PADDING}


def readers(sealed: bytes) -> tuple[str, ...]:
    """The key ids that a message is sealed for, of 16 digits; raises `CannotOpen`."""
    try:
        found = packets.readers(sealed)
        tags = framing.outline(sealed)
    except Malformed as fault:
        raise CannotOpen({"version": "newer", "several": "several"}.get(fault.code, "damaged")) \
            from None  # fmt: skip
    if found.container == packets.UNPROTECTED:
        raise CannotOpen("unprotected")
    if found.container == packets.SEALED and found.version != 1:
        raise CannotOpen("newer")
    if not found.key_ids:
        raise CannotOpen("password" if found.passwords else "damaged")
    if tags[-1] != found.container or not set(tags[:-1]) <= _BEFORE:
        raise CannotOpen("several")
    return found.key_ids


def is_message(data: bytes) -> bool:
    """Whether this begins as a sealed message in binary."""
    if data[:1] < b"\x80":
        return False
    try:
        packets.readers(data)
    except Malformed as fault:
        return fault.code == "version"
    return True


def signed_or_plain(opened: bytes) -> None:
    """Raises `CannotOpen` unless what was sealed is one message, signed or not, sealed no more."""
    try:
        tags = framing.outline(opened)
    except Malformed:
        raise CannotOpen("nested") from None
    found = _MESSAGE.fullmatch("".join(_LETTERS.get(tag, "?") for tag in tags))
    if found is None or len(found["ones"] or "") != len(found["signatures"] or ""):
        raise CannotOpen("nested")


def only_signatures(data: bytes) -> bool:
    """Whether these packets are signatures and nothing that could be taken for the text."""
    try:
        tags = framing.outline(data)
    except Malformed:
        return False
    return bool(tags) and set(tags) == {packets.SIGNATURE}
