"""A stream of bytes to numbered lines of text, in bounded memory whatever the stream holds."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from addin_service.contacts.headers import decoded
from addin_service.contacts.report import refuse_compressed

MOST_BYTES_IN_LINE = 1_000_000
_BEGINNING = 200
_CHUNK = 65_536
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end, counted from 1. Where `problem` says why, `text` is empty."""

    number: int
    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line without its end, counted from 1, as bytes.

    Where `problem` says why it cannot be used, `raw` is no more than its beginning.
    """

    number: int
    raw: bytes
    problem: str = ""


class Readable(Protocol):
    """All that is asked of a stream."""

    def read(self, size: int, /) -> bytes:
        """At most so many of the next bytes; none at the end."""


def text_lines(stream: Readable, hint: str) -> Iterator[Line]:
    r"""The lines of a text file that ends them with `\n`, `\r\n` or `\r`.

    UTF-16 is known by its byte order mark; everything else is UTF-8, with or without a mark, and a
    line that is not is taken as Windows' western character set. Raises `NotReadable` with the hint
    where the stream is an archive or the like.
    """
    for line in raw_lines(stream, hint):
        yield Line(line.number, "" if line.problem else decoded(line.raw), line.problem)


def raw_lines(stream: Readable, hint: str) -> Iterator[RawLine]:
    """As `text_lines`, but each line in its own character set, UTF-16 excepted."""
    for number, (raw, is_whole) in enumerate(_split(_chunks(stream, hint)), start=1):
        if not is_whole:
            problem = f"the line is longer than {MOST_BYTES_IN_LINE:,} bytes"
            yield RawLine(number, raw[:_BEGINNING], problem)
        elif b"\0" in raw:
            yield RawLine(number, raw[:_BEGINNING], "the line contains a NUL character")
        else:
            yield RawLine(number, raw)


def marked_encoding(start: bytes) -> str:
    """The character set of a file that begins so, as its byte order mark tells it."""
    return _UTF16.get(start[:2], "utf-8-sig")


def _chunks(stream: Readable, hint: str) -> Iterator[bytes]:
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


def _split(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Lines without their ends, and whether that is all of it; of one too long the beginning."""
    rest, beginning = b"", b""
    for chunk in chunks:
        pieces = (rest + chunk).splitlines(keepends=True)
        # A line that ends in \r may go on with the \n of the next chunk.
        rest = pieces.pop() if pieces and not pieces[-1].endswith(b"\n") else b""
        for piece in pieces:
            line = piece.rstrip(b"\r\n")
            if beginning or len(line) > MOST_BYTES_IN_LINE:
                yield beginning or line, False
            else:
                yield line, True
            beginning = b""
        if len(rest) > MOST_BYTES_IN_LINE:
            rest, beginning = rest[-1:], beginning or rest[:_BEGINNING]
    if rest or beginning:
        yield beginning or rest.rstrip(b"\r"), not beginning
