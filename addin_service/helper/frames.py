"""The frames of native messaging: four bytes of length in the machine's own order, then JSON.

Pure: bytes come in as they were read, in whatever pieces.
"""

import json
import struct
from typing import Any

LIMIT_BYTES = 16 * 1024
"""Of one frame. What is asked has a hundred bytes; Thunderbird itself takes up to 1 MB."""

_LENGTH = struct.Struct("=I")


class Garbled(Exception):
    """No frame, too large a one, or none of JSON. What follows on this line has no meaning."""


class Frames:
    """Turns the bytes of one line into values."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """The values that are complete with these bytes, in order. Raises `Garbled`."""
        self._held += data
        values = []
        while (frame := self._taken()) is not None:
            values.append(_value(frame))
        return values

    @property
    def unfinished(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._held)

    def _taken(self) -> bytes | None:
        if len(self._held) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._held)
        if length > LIMIT_BYTES:
            raise Garbled
        end = _LENGTH.size + length
        if len(self._held) < end:
            return None
        frame = bytes(self._held[_LENGTH.size : end])
        del self._held[:end]
        return frame


def framed(value: object) -> bytes:
    """The frame of a value. Raises `ValueError` for one that is too large."""
    content = json.dumps(value, separators=(",", ":")).encode()
    if len(content) > LIMIT_BYTES:
        raise ValueError("too large for a frame")
    return _LENGTH.pack(len(content)) + content


def _value(frame: bytes) -> Any:
    try:
        return json.loads(frame.decode("utf-8"))
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Garbled from None
