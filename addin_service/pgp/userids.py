"""The text of a user ID: what may be shown, and for which address it is evidence. Pure.

Whoever makes a key writes its user IDs, and programs disagree on which address such a text names.
So it counts only where all of them read the same; everything else is a name to look at.
"""

import re
import unicodedata
from itertools import pairwise

from addin_service.addresses import NotAnAddress, is_hidden, parse, readable_domain
from addin_service.domains.looks import skeleton
from addin_service.pgp.certificate import UserId

LONGEST = 200
"""Characters of a user ID that are shown."""
MOST_MARKS = 3
"""Accents and vowel signs on one letter that are shown: as many as any living script puts there."""

# What RFC 5322 gives a meaning is kept out, dots apart: a list, a group, a comment, a quotation.
_SPECIAL = r'()<>\[\]:;@\\,"'
_ATOM = rf"[^\s{_SPECIAL}.]+"
_ADDRESS = rf"({_ATOM}(?:\.{_ATOM})*@[^\s{_SPECIAL}]+)"
_PLAIN = re.compile(rf"{_ADDRESS}|[^{_SPECIAL}]*<{_ADDRESS}>")
_CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_TWINS = frozenset("аеорсухіјѕһԁԛԝӏ" + "αονρ" + "ɑɡıɩ")
"""Letters that are ASCII ones to the eye: Cyrillic, Greek, and of phonetic alphabets."""


def user_id(raw: bytes, revoked: bool) -> UserId:
    """The user ID that these bytes are."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return UserId(shown(raw.decode(errors="surrogateescape")), None, revoked)
    return UserId(shown(text), evidence(text), revoked)


def evidence(text: str) -> str | None:
    """The address (normal form) that every program reads from `text`, or None.

    A program that first brings letters into their usual form must read the same; and apart from
    the capitals of ASCII the address must be written as it is compared, or with its domain in
    the letters that people read: programs differ on what else they take to be equal.
    """
    written = _written(text)
    if written is None or written != _written(unicodedata.normalize("NFKC", text)):
        return None
    if any(low.isascii() and unicodedata.category(up)[0] == "M" for low, up in pairwise(written)):
        return None  # a mark that belongs to no letter, laid over one
    try:
        address = parse(written)
    except NotAnAddress:
        return None
    local, _, domain = written.translate(_CAPITALS).rpartition("@")
    if domain not in (address.domain, readable_domain(address.domain)):
        return None
    return address.key if address.key == f"{local}@{address.domain}" else None


def looks_like(address: str) -> str | None:
    """The address that a reader takes this one (normal form) for; None where it is what it seems.

    Letters of another alphabet that pass for ASCII ones, alone or among them. Not accents, which
    show, and not a word in an alphabet of its own.
    """
    local, _, domain = address.rpartition("@")
    parts = [local, *readable_domain(domain).split(".")]
    seen = [_seen_as(part) for part in parts]
    return f"{seen[0]}@{'.'.join(seen[1:])}" if seen != parts else None


def shown(text: str) -> str:
    """`text` as it may be shown on a page or a terminal: nothing hidden, not endless.

    Of what is too long the beginning and the end are kept: the address stands at the end.
    """
    half = LONGEST // 2
    cut = text if len(text) <= LONGEST else f"{text[:half]}…{text[1 - half :]}"
    out, room = [], 0
    for character in cut:
        category = unicodedata.category(character)
        is_mark = category[0] == "M"
        if (is_mark and (category == "Me" or not room)) or is_hidden(character):
            out.append(_escaped(character))
            continue
        room = room - 1 if is_mark else MOST_MARKS if category[0] in "LN" else 0
        out.append(character)
    return "".join(out)


def _written(text: str) -> str | None:
    """The address in a plain user ID, as it stands there."""
    if any(is_hidden(character) for character in text):
        return None
    found = _PLAIN.fullmatch(text)
    return (found[1] or found[2]) if found else None


def _seen_as(part: str) -> str:
    """A local part or a label as it is read, if that is in ASCII; else itself."""
    foreign = {character for character in part if _is_foreign(character)}
    mixed = any(character.isascii() and character.isalpha() for character in part)
    if not foreign or not (mixed or foreign <= _TWINS):
        return part
    seen = "".join(skeleton(c) if c in foreign else c for c in part)
    return seen if seen.isascii() else part


def _is_foreign(character: str) -> bool:
    """A letter that is not of the Latin alphabet as Europe writes it."""
    if character.isascii() or not character.isalpha():
        return False
    return character in _TWINS or not unicodedata.name(character, "").startswith("LATIN ")


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return f"\\u{{{ord(character):x}}}"
