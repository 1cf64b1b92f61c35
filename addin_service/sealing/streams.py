"""Large bodies a piece at a time: never a second copy of 25 MB for the sake of its line ends."""

import re
from binascii import b2a_base64
from collections.abc import Iterable, Iterator

PIECE = 1 << 18
"""Characters or bytes that are looked at together."""
LONGEST_LINE = 990
"""Of the 998 that a line of mail may have."""

_LINE = 57
_NOT_PLAIN = re.compile(rb"[^\t\r\n -~]")


def of_text(text: str) -> Iterator[bytes]:
    """The text in UTF-8; half a surrogate pair becomes a question mark."""
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE].encode("utf-8", "replace")


def of_bytes(data: bytes) -> Iterator[bytes]:
    """The data as it is."""
    view = memoryview(data)
    for start in range(0, len(data), PIECE):
        yield bytes(view[start : start + PIECE])


def crlf(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same lines, each ended by CR LF, whatever ended it before."""
    held = b""
    for piece in pieces:
        piece = held + piece
        held = b"\r" if piece.endswith(b"\r") else b""
        piece = piece[: len(piece) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield piece.replace(b"\n", b"\r\n")
    if held:
        yield b"\r\n"


def fits_7bit(pieces: Iterable[bytes]) -> bool:
    """Whether these lines may travel as they are: plain ASCII, no control, none too long."""
    unfinished = 0
    for piece in pieces:
        if _NOT_PLAIN.search(piece):
            return False
        start = 0
        while unfinished + len(piece) - start > LONGEST_LINE:
            end = piece.rfind(b"\n", start, start + LONGEST_LINE - unfinished)
            if end < 0:
                return False
            start, unfinished = end + 1, 0
        last = piece.rfind(b"\n", start) + 1
        unfinished = len(piece) - last if last else unfinished + len(piece) - start
    return True


def base64_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Base64 in lines of 76, with CR LF between them and none at the end."""
    rest, between = b"", b""
    for piece in pieces:
        piece = rest + piece if rest else piece
        whole = len(piece) - len(piece) % _LINE
        rest = piece[whole:]
        if whole:
            yield between + _wrapped(piece[:whole])
            between = b"\r\n"
    if rest:
        yield between + _wrapped(rest)


def _wrapped(data: bytes) -> bytes:
    letters = b2a_base64(data, newline=False)
    return b"\r\n".join([letters[start : start + 76] for start in range(0, len(letters), 76)])
