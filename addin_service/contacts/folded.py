"""Lines as vCard and LDIF fold them, put together again: in bytes, within a budget.

In bytes, because programs also fold in the middle of a letter.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from addin_service.contacts.lines import RawLine

MOST_BYTES_IN_VALUE = 65_536
"""Kept of one unfolded line. A photo is longer: it is passed over, not held."""

_HEADER = re.compile(rb"[^:\r\n]{0,1000}:")


@dataclass(slots=True)
class Unfolded:
    """A whole line, the number of the line on which it begins and of that on which it ends.

    Where `problem` says why it cannot be used, `raw` is no more than its beginning.
    """

    line: int
    last: int
    problem: str = ""
    _raw: bytearray = field(default_factory=bytearray)

    def add(self, raw: bytes, problem: str) -> None:
        """Continue it."""
        self.problem = self.problem or problem
        room = MOST_BYTES_IN_VALUE - len(self._raw)
        self._raw += raw[:room]
        if len(raw) > room:
            self.problem = self.problem or f"a value is longer than {MOST_BYTES_IN_VALUE:,} bytes"

    def soft_end(self) -> None:
        """Take off the `=` with which a quoted-printable line goes on."""
        if self._raw.endswith(b"="):
            del self._raw[-1:]

    @property
    def raw(self) -> bytes:
        """What was kept of it."""
        return bytes(self._raw)

    @property
    def is_quoted_printable(self) -> bool:
        """Whether its parameters say so."""
        header = _HEADER.match(self._raw)
        return header is not None and b"QUOTED-PRINTABLE" in header.group().upper()


def unfolded(
    lines: Iterator[RawLine], stands_alone: Callable[[bytes], bool], has_soft_ends: bool = False
) -> Iterator[Unfolded]:
    """The lines with what was folded put back: a blank or TAB in front continues a line.

    With `has_soft_ends` (vCard 2.1) a quoted-printable value that ends in `=` goes on as well. A
    line that `stands_alone`, or is empty, continues no other and is not continued: whatever was
    left open before or after it, it is found.
    """
    current: Unfolded | None = None
    is_closed, goes_on = True, False
    for line in lines:
        is_alone = not line.raw or stands_alone(line.raw)
        if current and not is_closed and goes_on and not is_alone:
            current.add(line.raw, line.problem)
            current.last = line.number
        elif current and not is_closed and not is_alone and line.raw[:1] in (b" ", b"\t"):
            current.add(line.raw[1:], line.problem)
            current.last = line.number
        else:
            if current:
                yield current
            current = Unfolded(line.number, line.number)
            current.add(line.raw, line.problem)
            is_closed = is_alone
        goes_on = (
            has_soft_ends
            and line.raw.endswith(b"=")
            and not line.problem
            and current.is_quoted_printable
        )
        if goes_on:
            current.soft_end()
    if current:
        yield current
