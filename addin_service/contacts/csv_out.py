"""Tables to CSV that no spreadsheet will run. Rows in, text out; `read_csv` reads contacts back."""

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from addin_service.contacts.columns import on_one_line
from addin_service.contacts.formulas import marked
from addin_service.contacts.rows import Row

COLUMNS = ("name", "email", "organisation", "status", "reason", "expires", "owner", "person")


def write_csv(rows: Iterable[Row], stream: TextIO) -> None:
    """Writes contacts and domains so that `read_csv` gives the same entries again.

    A cell that could be a formula (a domain such as `@chambers.example` is one) gets an apostrophe
    in front; it stays visible where the file is opened in a spreadsheet, and `read_csv` takes it
    off. Open the stream with `newline=""`, and as `utf-8-sig` where Excel is to read it.
    """
    write_table(COLUMNS, (_cells(row) for row in rows), stream)


def write_table(titles: Sequence[str], rows: Iterable[Sequence[str]], stream: TextIO) -> None:
    """Writes any table, every cell in quotes and marked where it could be a formula."""
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([marked(title) for title in titles])
    for row in rows:
        writer.writerow([marked(cell) for cell in row])


def _cells(row: Row) -> tuple[str, ...]:
    cells = (
        row.name,
        str(row.address) if row.address else row.entry,
        row.organisation,
        row.status,
        row.reason,
        row.expires.isoformat() if row.expires else "",
        row.owner,
        row.person,
    )
    return tuple(map(on_one_line, cells))
