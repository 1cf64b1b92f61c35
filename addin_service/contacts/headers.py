"""Mail headers as they really are: broken ones too. Text in, text out; nothing raises.

The standard library repairs or drops an address it cannot parse. Here it is kept as it was given,
because the sender has to be told about it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from email.header import decode_header
from functools import lru_cache
from typing import TypeAlias

from addin_service.addresses import LONGEST, NotAnAddress, parse
from addin_service.model import Address

Mailbox: TypeAlias = tuple[str, str]
"""The address as given, and the display name, which may be empty."""

STUMBLES = (
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    OverflowError,
)
"""What the standard library's mail parser has been seen to raise on malformed mail."""

# Codecs that are no character sets of mail: slow on long input, or able to make lone surrogates.
_NO_CHARSET = re.compile(r"punycode|idna|.*escape|undefined|mbcs|oem", re.IGNORECASE)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,40}\?[bqBQ]\?[^?\s]*\?=")
_TOKENS = re.compile(
    # Bounded, so that a header of nothing but opening marks is still read in linear time.
    r"""(?P<quoted>"(?:[^"\\]|\\.){0,300}+") | (?P<angle><[^<>]*>) | (?P<end>[,;]) | (?P<colon>:)
      | (?P<comment>\((?:[^()\\]|\\.){0,300}+\)) | (?P<other>[^",;:<(]+|.)""",
    re.VERBOSE | re.DOTALL,
)


def charset(name: str | None) -> str:
    """A character set that Python can decode from; UTF-8 for one that is unknown or unfit."""
    name = name or "utf-8"
    if _NO_CHARSET.match(name):
        return "utf-8"
    try:
        b"a".decode(name, "replace")
    except (LookupError, ValueError):
        return "utf-8"
    return name


def decoded(raw: bytes, name: str | None = None) -> str:
    """Bytes to text in the named character set; without a name UTF-8, else Windows' western one."""
    if name is None or charset(name) == "utf-8":
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")
    return scrubbed(raw.decode(charset(name), "replace"))


def scrubbed(text: str) -> str:
    """Text without lone surrogates, which cannot be written anywhere."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def unfolded(raw: str) -> str:
    """A header as the parser keeps it (undecodable bytes as surrogates) on one line, as text."""
    try:
        raw = decoded(raw.encode("ascii", "surrogateescape"))
    except UnicodeEncodeError:
        raw = scrubbed(raw)
    return re.sub(r"\s*[\r\n\0]+\s*", " ", raw).strip()


def words(text: str) -> str:
    """A header with its encoded words (`=?utf-8?q?…?=`) decoded, blanks collapsed, one line."""
    if _ENCODED_WORD.search(text):
        with suppress(*STUMBLES):  # Shown as it stands.
            text = "".join(
                part if isinstance(part, str) else decoded(part, name)
                for part, name in decode_header(text)
            )
    return " ".join(printable(scrubbed(text)).split())


def printable(text: str) -> str:
    """Text in NFC without control characters and without marks that turn its direction round."""
    text = unicodedata.normalize("NFC", text)
    if text.isprintable():
        return text
    return "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text
        if c not in "\u061c\u200b\u200e\u200f\u2060\ufeff" and not "\u202a" <= c <= "\u202e"
        if not "\u2066" <= c <= "\u2069"
    )


def mailboxes(header: str) -> Iterator[Mailbox]:
    """Everyone whom an unfolded address header names, good addresses and bad ones.

    Commas and semicolons separate, except in quotes, comments and angle brackets, and except one
    that stands inside an address: in `p.tann@chambers,example` no blank follows the comma and the
    two halves are addresses only together, so that is one recipient. `Team: a@x.example;` is its
    members; a group without members is nobody.
    """
    pieces: list[tuple[str, str]] = []
    piece = ""
    for token in _TOKENS.finditer(header):
        kind, text = token.lastgroup, token.group()
        if kind == "end":
            pieces.append((piece, text))
            piece = ""
        elif kind == "colon" and "@" not in piece:
            piece = ""
        else:
            piece += text
    pieces.append((piece, ""))
    for given in _rejoined(pieces):
        address, name = _split(given)
        if address or name:
            yield address, name


def parseable(header: str) -> Iterator[tuple[Address, str]]:
    """Of `mailboxes` those that are addresses, each with its display name."""
    for given, name in mailboxes(header):
        try:
            yield _parsed(given), name
        except NotAnAddress:
            continue


# In a mailbox the same people come again and again.
_parsed = lru_cache(maxsize=4096)(parse)


def _rejoined(pieces: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Pieces with the mark that ended each, the halves of a torn address put together again."""
    held, mark = "", ""
    for piece, end in pieces:
        if held and _torn(held, piece):
            held = f"{held}{mark}{piece}"
        else:
            if held.strip():
                yield held
            held = piece
        mark = end
    if held.strip():
        yield held


def _torn(left: str, right: str) -> bool:
    """Whether the two are halves of one bare address: `p@chambers` `example`, `p` `tann@x.org`."""
    if not right or len(left) > LONGEST or re.search(r'[\s"<>()]', left.strip() + right.rstrip()):
        return False
    before, after = left.count("@"), right.count("@")
    if before == 1 and after == 0:
        return "." not in left.rpartition("@")[2] or "." not in right
    return before == 0 and after == 1


def _split(given: str) -> Mailbox:
    """One mailbox as it was written, to the address as given and the display name."""
    given = given.strip()
    name, address, comment = "", None, ""
    for token in _TOKENS.finditer(given):
        kind, text = token.lastgroup, token.group()
        if kind == "angle":
            if address is not None:
                return given, ""  # Two addresses in one: whose it is, programs disagree.
            address = text[1:-1].strip()
        elif kind == "comment":
            comment = text[1:-1]
        elif kind == "quoted" and not given[token.end() :].startswith("@"):
            name += re.sub(r"\\(.)", r"\1", text[1:-1])
        else:
            name += text
    if address is None:
        return name.strip(), words(comment)
    return address, words(name)
