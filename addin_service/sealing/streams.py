"""Large bodies a piece at a time: never a second copy of 25 MB for the sake of its line ends."""

import re
import struct
from binascii import b2a_base64
from collections.abc import Iterable, Iterator

_LINE = 57
PIECE = 4 * _LINE * 512
"""Characters or bytes that are looked at together: whole groups, and whole lines, of Base64."""
LONGEST_LINE = 990
"""With its end; a line of mail may have 1,000."""

_NOT_PLAIN = re.compile(rb"[^\t\r\n -~]")


def of_text(text: str) -> Iterator[bytes]:
    """The text in UTF-8; half a surrogate pair becomes a question mark."""
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE].encode("utf-8", "replace")


def of_bytes(data: bytes | memoryview) -> Iterator[bytes]:
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
        piece = piece[: len(piece) - len(held)]
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield piece.replace(b"\n", b"\r\n")
    if held:
        yield b"\r\n"


def measured(pieces: Iterable[bytes]) -> tuple[int, bool]:
    """How many bytes, and whether they may travel as they are.

    They may if they are plain ASCII, without controls, in lines of no more than `LONGEST_LINE`.
    """
    size = unfinished = 0
    plain = True
    for piece in pieces:
        size += len(piece)
        plain = plain and not _NOT_PLAIN.search(piece)
        start = 0
        while plain and unfinished + len(piece) - start > LONGEST_LINE:
            end = piece.rfind(b"\n", start, max(start, start + LONGEST_LINE - unfinished))
            plain = end >= 0
            start, unfinished = end + 1, 0
        last = piece.rfind(b"\n", start) + 1
        unfinished = len(piece) - last if last else unfinished + len(piece) - start
    return size, plain


def base64_size(size: int, line_end: bytes = b"\r\n") -> int:
    """The length of `base64_lines` of so many bytes."""
    return (size + 2) // 3 * 4 + max(0, size - 1) // _LINE * len(line_end)


def base64_lines(pieces: Iterable[bytes], line_end: bytes = b"\r\n") -> Iterator[bytes]:
    """Base64 in lines of 76, with `line_end` between them and none at the end."""
    rest, between = b"", b""
    for piece in pieces:
        piece = rest + piece if rest else piece
        whole = len(piece) - len(piece) % _LINE
        rest = piece[whole:]
        if whole:
            yield between + _wrapped(piece[:whole], line_end)
            between = line_end
    if rest:
        yield between + _wrapped(rest, line_end)


def _wrapped(data: bytes, line_end: bytes) -> bytes:
    letters = b2a_base64(data, newline=False)
    whole, rest = divmod(len(letters), 76)
    # Cut in C: a slice for each line takes three times as long.
    lines = list(struct.unpack(f"{'76s' * whole}{rest}s", letters))
    return line_end.join(lines if rest else lines[:whole])
