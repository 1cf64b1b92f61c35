"""The text of a user ID: what may be shown, and for which address it is evidence. Pure.

Whoever makes a key writes its user IDs, and programs disagree on which address such a text names.
So it counts only where all of them read the same; everything else is a name to look at.
"""

import re
import unicodedata

from addin_service.addresses import NotAnAddress, parse
from addin_service.pgp.certificate import UserId

LONGEST = 200
"""Characters of a user ID that are shown."""

_ADDRESS = r"([^\s<>@(),\"]+@[^\s<>@(),\"]+)"
_PLAIN = re.compile(rf"{_ADDRESS}|[^<>@(),\"]*<{_ADDRESS}>")
_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}


def user_id(raw: bytes, revoked: bool) -> UserId:
    """The user ID that these bytes are."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return UserId(shown(raw.decode(errors="surrogateescape")), None, revoked)
    return UserId(shown(text), evidence(text), revoked)


def evidence(text: str) -> str | None:
    """The address (normal form) that every program reads from `text`, or None."""
    found = _PLAIN.fullmatch(text)
    if found is None or any(unicodedata.category(character) in _UNSEEN for character in text):
        return None
    address = found[1] or found[2]
    if address.endswith("."):
        return None
    try:
        return parse(address).key
    except NotAnAddress:
        return None


def shown(text: str) -> str:
    """`text` as it may be shown on a page or a terminal: nothing hidden, not endless."""
    cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return "".join(_visible(character) for character in cut)


def _visible(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    if unicodedata.category(character) in _UNSEEN:
        return f"\\u{{{ord(character):x}}}"
    return character
