"""Files that are too large to be kept: they are made up while they are read."""

import io
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any, BinaryIO, TypeAlias

import pytest

MakeStream: TypeAlias = Callable[[bytes, bytes, int, bytes], BinaryIO]


class _MadeUp(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.fixture
def made_up() -> MakeStream:
    """A stream of a start, a middle so and so many times over, and an end."""

    def make(start: bytes, middle: bytes, times: int, end: bytes) -> BinaryIO:
        return io.BufferedReader(_MadeUp(chain([start], repeat(middle, times), [end])))

    return make
