"""An mbox file to its messages, as a stream: the headers are kept, bodies are passed over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from addin_service.contacts.report import NotReadable, refuse_compressed

MOST_HEADER_BYTES = 256 * 1024
_PIECE = 65_536

_DATED = re.compile(rb"From .*\b\d\d:\d\d(:\d\d)?\b.*\b(19|20)\d\d\b")
_HEADER = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_HINT = "Give the mailbox file itself, in Thunderbird the file without ending next to the .msf one."


@dataclass(frozen=True, slots=True)
class Message:
    """The headers of one message, and where it begins (line, from 1) and ends (byte).

    Where `problem` says why they cannot be used, `headers` is empty.
    """

    line: int
    end: int
    headers: bytes
    problem: str = ""


def messages(stream: BinaryIO) -> Iterator[Message]:
    """The messages of an mbox file; raises `NotReadable` where it is none.

    A message begins at a line `From …` with a header line after it. Where the first such line of
    the file bears a date, all do; where it bears none, a blank line comes before each. So a
    sentence in a body begins no message, nor does a `>From`.
    """
    reader = _Reader()
    for piece in iter(lambda: stream.readline(_PIECE), b""):
        if message := reader.take(piece):
            yield message
    if not reader.has_begun:
        raise NotReadable("This file is empty.", _HINT)
    if message := reader.finished():
        yield message


class _Reader:
    """Where in the file the reading is. Each line is taken in pieces, all but its first unread."""

    def __init__(self) -> None:
        self.has_begun = False
        self._is_dated = False
        self._number = self._bytes = 0
        self._at_line_start = self._after_blank = True
        self._candidate = 0
        self._begun = 0
        self._in_headers = False
        self._headers: list[bytes] = []
        self._size = 0

    def take(self, piece: bytes) -> Message | None:
        """The next line, or the next piece of a long one; a message where that ends one."""
        finished = None
        self._bytes += len(piece)
        if self._bytes == len(piece):
            piece = piece.removeprefix(b"\xef\xbb\xbf")
        if self._at_line_start:
            self._number += 1
            finished = self._take_line(piece)
        if self._in_headers:
            self._keep(piece)
        self._at_line_start = piece.endswith(b"\n")
        return finished

    def finished(self) -> Message | None:
        """The message that has been read, if there is one."""
        if not self._begun:
            return None
        if self._size > MOST_HEADER_BYTES:
            problem = f"the headers of this message are longer than {MOST_HEADER_BYTES:,} bytes"
            return Message(self._begun, self._bytes, b"", problem)
        return Message(self._begun, self._bytes, b"".join(self._headers))

    def _take_line(self, piece: bytes) -> Message | None:
        finished = None
        is_blank = not piece.strip(b"\r\n")
        if self._candidate and (_HEADER.match(piece) or piece.startswith(b">From ")):
            finished = self.finished()
            self._begun, self._in_headers = self._candidate, True
            self._headers, self._size = [], 0
        elif is_blank:
            self._in_headers = False
        self._candidate = 0
        if piece.startswith(b"From ") and self._separates(piece[:200]):
            self._candidate = self._number
        elif not self.has_begun and not is_blank:
            refuse_compressed(piece[:8], _HINT)
            raise NotReadable("This is not a mailbox file (mbox).", _HINT)
        self._after_blank = is_blank
        return finished

    def _separates(self, line: bytes) -> bool:
        if not self.has_begun:
            self.has_begun, self._is_dated = True, bool(_DATED.match(line))
            return True
        return bool(_DATED.match(line)) if self._is_dated else self._after_blank

    def _keep(self, piece: bytes) -> None:
        if self._size == 0 and piece.startswith(b">From "):
            return  # Some programs leave the separator of another one before the headers.
        self._size += len(piece)
        if self._size > MOST_HEADER_BYTES:
            self._headers.clear()
        else:
            self._headers.append(piece)
