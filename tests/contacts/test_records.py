"""Lines and records are those that the standard library sees, wherever the stream is cut."""

import csv
import io
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.contacts.lines import text_lines
from addin_service.contacts.records import Record, records

CELL = st.text('ab",;\t \n=é', max_size=12) | st.text(
    st.characters(codec="utf-8", exclude_characters="\r\0\ufeff"), max_size=12
)


class Dripping(io.BytesIO):
    """A stream that gives a few bytes at a time, as a pipe may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(3)


def written(table: list[list[str]], **how: Any) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, **how).writerows([["email", "name"], *table])
    return stream.getvalue()


@settings(max_examples=500)
@given(
    st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=8),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_a_table_holds_is_read_back(
    table: list[list[str]], delimiter: str, end: str, quoting: int, encoding: str
) -> None:
    text = written(table, delimiter=delimiter, lineterminator=end, quoting=quoting)
    found = [one for one in records(Dripping(text.encode(encoding))) if isinstance(one, Record)]
    # Blanks around a cell, and lines of nothing but blanks, mean nothing in a list of contacts.
    assert _meant([one.cells for one in found[1:]]) == _meant(table)


@settings(max_examples=300)
@given(st.text("ab\n\ré", max_size=60))
def test_lines_are_cut_where_they_end(text: str) -> None:
    lines = list(text_lines(Dripping(text.encode()), "hint"))
    assert [line.text for line in lines] == text.replace("\r\n", "\n").replace("\r", "\n").split(
        "\n"
    )[: None if text and text[-1] not in "\r\n" else -1]
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


def _meant(table: list[list[str]]) -> list[list[str]]:
    stripped = [[cell.strip(" ") for cell in cells] for cells in table]
    return [cells for cells in stripped if any(cell.strip() for cell in cells)]
