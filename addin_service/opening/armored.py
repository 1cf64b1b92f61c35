"""A sealed message in text, as mail programs leave it: repaired, and turned into bytes. Pure.

Nothing is lost by being generous here: gpg opens it only if it is what was sealed, to the last bit.
"""

import quopri
import re

from addin_service.pgp.armor import Malformed, dearmor

_BEGIN = re.compile(rb"(?m)^[ \t>]*-----BEGIN PGP MESSAGE-----")
_REST = rb"-----(?:[ \t]|=(?:C2=A0|A0|20|0D)?)*$"
_BLOCK = re.compile(
    rb"(?ms)^[ \t>]*-----BEGIN PGP MESSAGE" + _REST + rb".*?^[ \t>]*-----END PGP MESSAGE" + _REST
)
_BLANKS = re.compile("[\u00a0\u2000-\u200b\u202f\u3000\ufeff]")
_CHECKSUM = re.compile(rb"\n=[A-Za-z0-9+/]{4}\n(?=-----END)")
_QUOTED = re.compile(rb"=(?:3D|0D|0A|20|C2=A0|A0)|[A-Za-z0-9+/]{4}=$", re.MULTILINE)


def is_here(data: bytes) -> bool:
    """Whether there is a line that begins a sealed message."""
    return _BEGIN.search(data) is not None


def as_ascii(text: str) -> bytes:
    """Text with blanks of every kind as plain ones, and ends of lines too."""
    plain = text if text.isascii() else _BLANKS.sub(" ", text)
    return plain.encode("ascii", "replace").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def message(data: bytes) -> bytes:
    """The packets of the one sealed message in `data`; raises `Malformed`."""
    data = as_ascii(data.decode("utf-8", "replace"))
    if len(_BEGIN.findall(data)) > 1:  # before the search for ends, of which each begins one
        raise Malformed("several")
    blocks = _BLOCK.findall(data)
    if len(blocks) != 1:
        raise Malformed("cut")
    try:
        return _packets(blocks[0])
    except Malformed:
        if not _QUOTED.search(blocks[0]):
            raise
        unquoted = quopri.decodestring(blocks[0])
        return _packets(as_ascii(unquoted.decode("utf-8", "replace")))


def outside(data: bytes) -> bool:
    """Whether there are words before or after the message."""
    return bool(_BLOCK.sub(b"", data).strip(b" \t\r\n>"))


def _packets(block: bytes) -> bytes:
    lines = (line.strip(b" \t>\r") for line in block.split(b"\n"))
    # The checksum may be left out (RFC 9580, section 6.1), and slow to compare: gpg does better.
    return dearmor(_CHECKSUM.sub(b"\n", b"\n".join(lines)), b"MESSAGE")
