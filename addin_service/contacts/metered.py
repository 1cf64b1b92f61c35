"""A stream that ends with a refusal when it has given too much, or has taken too long."""

import time
from collections.abc import Callable

from addin_service.contacts.lines import Readable
from addin_service.contacts.report import NotReadable

MOST_BYTES_IN_FILE = 2_000_000_000
MOST_SECONDS = 1_800
MOST_ENTRIES = 1_000_000
SPLIT = "Divide it into several files and import one after the other. Nothing was changed."


class Metered:
    """Reads from a stream; raises `NotReadable` where a budget for the whole file is used up."""

    def __init__(self, stream: Readable, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._begun = clock()
        self._bytes = 0
        self._back = b""

    def read(self, size: int, /) -> bytes:
        """At most so many of the next bytes; none at the end."""
        if self._back:
            piece, self._back = self._back[:size], self._back[size:]
            return piece
        piece = self._stream.read(size)
        self._bytes += len(piece)
        if self._bytes > MOST_BYTES_IN_FILE:
            raise NotReadable(f"This file is larger than {MOST_BYTES_IN_FILE:,} bytes.", SPLIT)
        if self._clock() - self._begun > MOST_SECONDS:
            raise NotReadable(f"Reading this file took more than {MOST_SECONDS} seconds.", SPLIT)
        return piece

    def beginning(self, size: int) -> bytes:
        """What it begins with; read again afterwards."""
        start = b""
        while len(start) < size and (piece := self.read(size - len(start))):
            start += piece
        self._back = start
        return start
