"""Header lines in which nothing that a person typed can become a line of its own."""

import re
import unicodedata
from binascii import b2a_base64
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from addin_service import addresses
from addin_service.sealing.content import Person

FOLD = "\r\n "
LONGEST_NAME = 180
"""Characters of a file name; its ending is kept."""
NO_NAME = "attachment"
NO_TYPE = "application/octet-stream"

_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_PLAIN = re.compile(r"[!-~](?:[ -~]{0,58}[!-~])?")
_PLAIN_FILE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._()+,&@-]{0,48}[A-Za-z0-9)])?")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,99}/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}")
_ENCODED_BYTES = 39
_PARAMETER_LENGTH = 56
_JOINERS = "\u200c\u200d"


def one_line(text: str) -> str:
    """The text without controls and line separators of any kind."""
    return _UNSHOWN.sub(" ", text)


def words(text: str) -> str:
    """Free text, such as a subject: as it is, or in encoded words (RFC 2047)."""
    text = one_line(text)
    if not text or (_PLAIN.fullmatch(text) and "=?" not in text):
        return text
    return FOLD.join(_encoded(text))


def mailboxes(people: Iterable[Person]) -> str:
    """The value of From, To or Cc, names included; raises `NotAnAddress`."""
    return f",{FOLD}".join(_mailbox(address, name) for address, name in people)


def bare_mailboxes(people: Iterable[Person]) -> str:
    """The addresses alone, as they stand outside; raises `NotAnAddress`."""
    return f",{FOLD}".join(_address(address) for address, _ in people)


def filename(name: str) -> str:
    """The `filename` parameter, with its semicolon and fold, in RFC 2231 where it is needed."""
    if _PLAIN_FILE.fullmatch(name):
        return f';{FOLD}filename="{name}"'
    pieces = list(_together((quote(c, safe="").encode() for c in name), _PARAMETER_LENGTH))
    if len(pieces) == 1:
        return f";{FOLD}filename*=utf-8''{pieces[0]}"
    pieces[0] = f"utf-8''{pieces[0]}"
    return "".join(f";{FOLD}filename*{number}*={piece}" for number, piece in enumerate(pieces))


def file_name(given: str) -> str:
    """A name that is safe to save under: no folder, no control, nothing that turns the text."""
    name = one_line(re.split(r"[/\\]", given)[-1])
    name = "".join(c for c in name if c in _JOINERS or unicodedata.category(c) != "Cf")
    name = re.sub(r'[<>:"|?*\s]+', " ", name).strip(" ")
    if not name.strip(". "):
        return NO_NAME
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 16 else ""
        name = name[: LONGEST_NAME - len(ending)].rstrip(" .") + ending
    return name


def file_type(given: str) -> str:
    """A media type that may stand on a file, without parameters; else the neutral one."""
    kind = given.partition(";")[0].strip().lower()
    if not _TYPE.fullmatch(kind) or kind.startswith("multipart/"):
        return NO_TYPE
    return NO_TYPE if kind.startswith("message/") and kind != "message/rfc822" else kind


def _mailbox(address: str, name: str) -> str:
    name = " ".join(one_line(name).split())
    if not name:
        return _address(address)
    if _PLAIN.fullmatch(name) and "=?" not in name:
        escaped = re.sub(r'(["\\])', r"\\\1", name)
        return f'"{escaped}"{FOLD if len(name) > 30 else " "}<{_address(address)}>'
    return f"{FOLD.join(_encoded(name))}{FOLD}<{_address(address)}>"


def _address(given: str) -> str:
    """The domain in ASCII; letters outside it before the @ stay as they are (RFC 6532)."""
    address = addresses.parse(given)
    return str(address)


def _encoded(text: str) -> Iterator[str]:
    """Encoded words of whole characters; readers leave out the blanks between them."""
    for piece in _together((character.encode() for character in text), _ENCODED_BYTES):
        yield f"=?utf-8?B?{b2a_base64(piece.encode(), newline=False).decode('ascii')}?="


def _together(units: Iterable[bytes], most: int) -> Iterator[str]:
    """The units, as many at a time as `most` bytes hold."""
    piece = b""
    for unit in units:
        if piece and len(piece) + len(unit) > most:
            yield piece.decode()
            piece = b""
        piece += unit
    if piece:
        yield piece.decode()
