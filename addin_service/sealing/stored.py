"""A plain ZIP file, a piece at a time, in which nothing is compressed: sizes tell nothing then.

The standard library can write one only to where it can go back, which would be a second copy of
the whole, or leaves the sizes to the end, which some programs do not read in a file like this. Here
they stand where every program looks for them (APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16).
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

LARGEST = 0xFFFF_FFFF
"""Bytes of the whole: the limit of a ZIP file without extensions."""
MOST_FILES = 0xFFFF

_VERSION = 20
_MADE_BY = 3 << 8 | _VERSION  # Unix: old programs take the names of any other for their own letters
_RIGHTS = 0o100600 << 16
_UTF_8_NAMES = 1 << 11
_NOT_COMPRESSED = 0
_MIDNIGHT, _FIRST_DAY = 0, 1 << 5 | 1  # 1 January 1980: of no file is the date told
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the archive; `pieces` gives its bytes, the same each time it is called."""

    name: str
    size: int
    checksum: int
    pieces: Callable[[], Iterable[bytes]]


def entry(name: str, pieces: Callable[[], Iterable[bytes]]) -> Entry:
    """The file of that name; goes through its bytes once."""
    size = checksum = 0
    for piece in pieces():
        size += len(piece)
        checksum = crc32(piece, checksum)
    return Entry(name, size, checksum, pieces)


def size(entries: Iterable[Entry]) -> int:
    """The length of `written`, in bytes."""
    each = (_LOCAL.size + _CENTRAL.size + 2 * len(e.name.encode()) + e.size for e in entries)
    return _END.size + sum(each)


def written(entries: Sequence[Entry]) -> Iterator[bytes]:
    """The archive. Raises `ValueError` for more than a ZIP file can hold."""
    if size(entries) > LARGEST or len(entries) > MOST_FILES:
        raise ValueError("too much for one ZIP file")
    directory = b""
    at = 0
    for e in entries:
        name = e.name.encode()
        facts = (
            _VERSION, _UTF_8_NAMES, _NOT_COMPRESSED, _MIDNIGHT, _FIRST_DAY,
            e.checksum, e.size, e.size, len(name), 0,
        )  # fmt: skip
        directory += _CENTRAL.pack(b"PK\x01\x02", _MADE_BY, *facts, 0, 0, 0, _RIGHTS, at) + name
        yield _LOCAL.pack(b"PK\x03\x04", *facts) + name
        yield from e.pieces()
        at += _LOCAL.size + len(name) + e.size
    count = len(entries)
    yield directory
    yield _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), at, 0)
