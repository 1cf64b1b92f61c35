"""Where each packet of a message ends, from length to length, to its last byte. Pure.

`packets` looks at the beginning; this goes to the end, without copying what lies between, whatever
chunks it came in (RFC 9580 section 4.2).
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from addin_service.pgp.armor import Malformed
from addin_service.pgp.packets import (
    MARKER,
    PADDING,
    PKESK,
    SEALED,
    SEALED_GNUPG,
    SKESK,
    UNPROTECTED,
)  # fmt: skip

_BEFORE = {PKESK, SKESK, MARKER, PADDING}
_CONTAINERS = {UNPROTECTED, SEALED, SEALED_GNUPG}
_HEAD_BYTES = 6
MOST_PACKETS = 200
"""Packets of a message that are counted; one with as many readers and signatures is refused."""


def is_one_message(chunks: Sequence[bytes]) -> bool:
    """Whether it ends exactly with its encrypted packet: nothing is cut, nothing follows.

    Raises `Malformed` where something else stands than an encrypted message consists of.
    """
    ends = list(accumulate(map(len, chunks)))
    at, tag = 0, 0
    while tag not in _CONTAINERS:
        if not ends or at >= ends[-1]:
            return False
        head = _look(chunks, ends, at)
        if not head[0] & 0x80:
            raise Malformed("kind")
        tag = _tag(head)
        if tag not in _CONTAINERS | _BEFORE:
            raise Malformed("kind")
        at = _end_of_new(chunks, ends, at) if head[0] & 0x40 else _end_of_old(head, at)
    return at == ends[-1]


def outline(data: bytes) -> tuple[int, ...]:
    """The tags of the packets that `data` consists of, to its last byte; or `Malformed`.

    One whose length is not given reaches to the end.
    """
    chunks, ends = (data,), (len(data),)
    tags: list[int] = []
    at = 0
    while at < len(data):
        head = _look(chunks, ends, at)
        if not head[0] & 0x80:
            raise Malformed("kind")
        if head[0] & 0x40:
            end = _end_of_new(chunks, ends, at)
        else:
            end = len(data) if head[0] & 3 == 3 else _end_of_old(head, at)
        if end > len(data):
            raise Malformed("cut")
        tags.append(_tag(head))
        if len(tags) > MOST_PACKETS:
            raise Malformed("several")
        at = end
    return tuple(tags)


def _tag(head: bytes) -> int:
    return head[0] & 0x3F if head[0] & 0x40 else head[0] >> 2 & 0x0F


def _look(chunks: Sequence[bytes], ends: Sequence[int], at: int) -> bytes:
    """The next few bytes from there on; fewer, or none, at the end."""
    found = b""
    for number in range(bisect_right(ends, at), len(chunks)):
        start = at + len(found) - (ends[number] - len(chunks[number]))
        found += chunks[number][start : start + _HEAD_BYTES - len(found)]
        if len(found) == _HEAD_BYTES:
            break
    return found


def _end_of_old(head: bytes, at: int) -> int:
    """Where the packet with a header of the old form ends."""
    width = 1 << (head[0] & 3)
    if width == 8 or len(head) < 1 + width:  # 8: until the end of the file, wherever that is
        raise Malformed("damaged")
    return at + 1 + width + int.from_bytes(head[1 : 1 + width], "big")


def _end_of_new(chunks: Sequence[bytes], ends: Sequence[int], at: int) -> int:
    """Where the packet with a header of the present form ends, all its partial lengths included."""
    at += 1
    while head := _look(chunks, ends, at):
        first = head[0]
        if first < 192:
            return at + 1 + first
        if first < 224:
            return at + 2 + ((first - 192) << 8) + int.from_bytes(head[1:2], "big") + 192
        if first == 255:
            return at + 5 + int.from_bytes(head[1:5], "big")
        at += 1 + (1 << (first & 0x1F))
    raise Malformed("damaged")
