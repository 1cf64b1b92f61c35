"""A stream of bytes to numbered lines of text, in bounded memory whatever the stream holds."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from addin_service.contacts.headers import decoded
from addin_service.contacts.report import refuse_compressed

MOST_BYTES_IN_LINE = 1_000_000
_CHUNK = 65_536
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end, counted from 1. Where `problem` says why, `text` is empty."""

    number: int
    text: str
    problem: str = ""


def text_lines(stream: BinaryIO, hint: str) -> Iterator[Line]:
    r"""The lines of a text file that ends them with `\n`, `\r\n` or `\r`.

    UTF-16 is known by its byte order mark; everything else is UTF-8, with or without a mark, and a
    line that is not is taken as Windows' western character set. Raises `NotReadable` with the hint
    where the stream is an archive or the like.
    """
    for number, raw in enumerate(_split(_chunks(stream, hint)), start=1):
        if raw is None:
            yield Line(number, "", f"the line is longer than {MOST_BYTES_IN_LINE:,} bytes")
        elif b"\0" in raw:
            yield Line(number, "", "the line contains a NUL character")
        else:
            yield Line(number, decoded(raw))


def _chunks(stream: BinaryIO, hint: str) -> Iterator[bytes]:
    """The stream piece by piece, without its mark; UTF-16 is turned into UTF-8."""
    chunk = stream.read(_CHUNK)
    while 0 < len(chunk) < 8 and (more := stream.read(_CHUNK)):
        chunk += more
    refuse_compressed(chunk[:8], hint)
    encoding = _UTF16.get(chunk[:2])
    if encoding:
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        chunk = chunk[2:]
        while chunk:
            yield decoder.decode(chunk).encode()
            chunk = stream.read(_CHUNK)
        yield decoder.decode(b"", final=True).encode()
        return
    chunk = chunk.removeprefix(codecs.BOM_UTF8)
    while chunk:
        yield chunk
        chunk = stream.read(_CHUNK)


def _split(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    """Lines without their ends; None for one that is too long."""
    rest, too_long = b"", False
    for chunk in chunks:
        pieces = (rest + chunk).splitlines(keepends=True)
        # A line that ends in \r may go on with the \n of the next chunk.
        rest = pieces.pop() if pieces and not pieces[-1].endswith(b"\n") else b""
        for piece in pieces:
            line = piece.rstrip(b"\r\n")
            yield None if too_long or len(line) > MOST_BYTES_IN_LINE else line
            too_long = False
        if len(rest) > MOST_BYTES_IN_LINE:
            rest, too_long = rest[-1:], True
    if rest or too_long:
        yield None if too_long else rest.rstrip(b"\r")
