"""Lines to the records of a CSV file: cells, with the line on which each record begins."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from addin_service.contacts.columns import LOOKED_FOR
from addin_service.contacts.lines import MOST_BYTES_IN_LINE, Line, Readable, text_lines
from addin_service.contacts.report import NotReadable, Refused

_HINT = "Open it, save the contacts as CSV (UTF-8), and give that file."

MOST_LINES = 500
"""Lines that a quoted cell may span: Outlook's notes are long."""


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record, and the line (counted from 1) on which it begins."""

    line: int
    cells: list[str]


def records(stream: Readable) -> Iterator[Record | Refused]:
    """The records of a CSV file, the one with the titles first.

    Comma, semicolon or TAB separate: the first line decides. A quotation mark that is wrong, or
    never closed, costs the line on which it stands and no other. Raises `NotReadable` where there
    is no first line to read.
    """
    lines = _Lines(stream)
    delimiter = _delimiter(lines)
    first = True
    while line := lines.next():
        if not line.problem and not line.text.strip():
            continue
        record = _record(line, lines, delimiter)
        if first and isinstance(record, Refused):
            raise NotReadable(f"The first line cannot be read: {record.why}.", LOOKED_FOR)
        first = False
        yield record
    if first:
        raise NotReadable("This file is empty.", LOOKED_FOR)


class _Lines:
    """The lines of the stream; some can be given back, to be read again."""

    def __init__(self, stream: Readable) -> None:
        self._lines = text_lines(stream, hint=_HINT)
        self._back: deque[Line] = deque()

    def next(self) -> Line | None:
        return self._back.popleft() if self._back else next(self._lines, None)

    def give_back(self, *lines: Line) -> None:
        self._back.extendleft(reversed(lines))


def _delimiter(lines: _Lines) -> str:
    """What separates cells, judged by the first line; Excel's line `sep=;` is taken off."""
    while (line := lines.next()) and not line.problem and not line.text.strip():
        pass
    if line is None:
        return ","
    if re.fullmatch(r"sep=[,;\t]", line.text):
        return line.text[-1]
    lines.give_back(line)
    outside = re.sub(r'"[^"]*"', "", line.text)
    return max(",;\t", key=outside.count)


def _record(line: Line, lines: _Lines, delimiter: str) -> Record | Refused:
    """The record that begins with this line, with as many more lines as its quotes span."""
    if line.problem:
        return Refused(line.number, line.problem)
    if '"' not in line.text:
        return Record(line.number, line.text.split(delimiter))
    taken = [line]
    size = len(line.text)
    is_open = _ends_in_quotes(line.text, delimiter, False)
    while is_open:
        more = lines.next()
        size += len(more.text) if more else 0
        if more is None or more.problem or len(taken) > MOST_LINES or size > MOST_BYTES_IN_LINE:
            lines.give_back(*taken[1:], *([more] if more else []))
            return Refused(line.number, "a quotation mark is never closed")
        taken.append(more)
        is_open = _ends_in_quotes(more.text, delimiter, True)
    text = "\n".join(one.text for one in taken)
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error as error:
        lines.give_back(*taken[1:])
        if "limit" in str(error):
            return Refused(line.number, "a cell is too long")
        return Refused(line.number, "a quotation mark stands in the wrong place")
    return Record(line.number, cells)


def _ends_in_quotes(text: str, delimiter: str, is_open: bool) -> bool:
    """Whether the end of the line is inside quotes. Quotes mean something around a cell only."""
    place = 0
    while True:
        if is_open:
            place = text.find('"', place)
            if place < 0:
                return True
            if text.startswith('""', place):
                place += 2
                continue
            place += 1
            if not text.startswith(delimiter, place):
                return False  # The end; or a mistake, which the csv module will find.
            place += 1
        while text.startswith(" ", place):
            place += 1
        is_open = text.startswith('"', place)
        if is_open:
            place += 1
            continue
        place = text.find(delimiter, place)
        if place < 0:
            return False
        place += 1
