"""Contacts from a CSV file: our own, Outlook's or Google's. Bytes in, rows and refusals out."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from addin_service.addresses import NotAnAddress
from addin_service.contacts.columns import MOST_CELL_LENGTH, Columns, clean, columns
from addin_service.contacts.lines import Readable
from addin_service.contacts.records import records
from addin_service.contacts.report import Refused
from addin_service.contacts.rows import (
    Row,
    Status,
    address_in,
    domain_in,
    not_an_address,
    person_of,
)
from addin_service.model import Address

_STATUSES: dict[str, Status] = {
    "": "known",
    "known": "known",
    "allow": "known",
    "allowed": "known",
    "block": "blocked",
    "blocked": "blocked",
}


_PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


def read_csv(stream: Readable) -> Iterator[Row | Refused]:
    """The entries of a CSV file, in its order, and every line that was left out.

    A line gives one row for each address on it. Raises `NotReadable` where the file is no CSV file
    with a column of addresses. Never holds more than some lines of the file in memory.
    """
    found: Columns | None = None
    for record in records(stream):
        if isinstance(record, Refused):
            yield record
        elif found is None:
            found = columns(record.cells)
        else:
            yield from _rows(record.line, record.cells, found)


def _rows(line: int, cells: Sequence[str], found: Columns) -> Iterator[Row | Refused]:
    """What one line says: rows, or why there are none."""
    if any(cell.strip() for cell in cells[found.width :]):
        yield Refused(line, "it has more cells than the first line; is a comma not in quotes?")
        return
    if found.longest(cells) > MOST_CELL_LENGTH:
        yield Refused(line, f"a cell is longer than {MOST_CELL_LENGTH:,} characters")
        return
    status = _STATUSES.get(found.cell(cells, "status").casefold())
    if status is None:
        yield Refused(line, "its status is neither known nor blocked")
        return
    try:
        expires = _day(found.cell(cells, "expires"))
    except ValueError:
        yield Refused(line, "its expiry is not a day written like 2030-12-31")
        return
    person = found.cell(cells, "person")
    if person and not _PERSON.fullmatch(person):
        yield Refused(line, "its person is not up to 64 letters, digits and hyphens")
        return
    given = list(dict.fromkeys(_given(cells, found)))
    if not given:
        yield Refused(line, "it has no e-mail address")
    name = _name(cells, found)
    entries: list[tuple[str, Address | None, str]] = []
    for text in given:
        try:
            entries.append(_entry(text))
        except NotAnAddress as refusal:
            yield not_an_address(line, text, refusal)
    person = person or _person(name, entries)
    for entry, address, own_name in entries:
        yield Row(
            line=line,
            entry=entry,
            address=address,
            name=name or own_name,
            organisation=found.cell(cells, "organisation"),
            status=status,
            reason=found.cell(cells, "reason"),
            expires=expires,
            owner=found.cell(cells, "owner"),
            person=person if address else "",
        )


def _given(cells: Sequence[str], found: Columns) -> Iterator[str]:
    """The addresses and domains on a line, as they are written there."""
    for place in found.entries:
        cell = clean(cells[place]) if place < len(cells) else ""
        for text in re.split(r" ?::: ?|;", cell):
            text = text.strip()
            if len(text) > 2 and text.startswith("'") and text.endswith("'"):
                text = text[1:-1]
            if text:
                yield f"@{text}" if place == found.domain and "@" not in text else text


def _entry(text: str) -> tuple[str, Address | None, str]:
    """Key, address and name of what is written; raises `NotAnAddress`."""
    if domain := domain_in(text):
        return domain, None, ""
    address, name = address_in(text)
    return address.key, address, name


def _person(name: str, entries: Sequence[tuple[str, Address | None, str]]) -> str:
    """The person of a line with several addresses; empty where they bear several names."""
    names = {own_name for _, _, own_name in entries if own_name}
    if not name and len(names) > 1:
        return ""
    return person_of({entry for entry, address, _ in entries if address})


def _name(cells: Sequence[str], found: Columns) -> str:
    """The name on a line: in one cell, in parts, or before the address (Outlook's display name)."""
    if name := found.cell(cells, "name"):
        return name
    parts = (found.cell(cells, kind) for kind in ("first", "middle", "last"))
    if name := " ".join(part for part in parts if part):
        return name
    shown = re.sub(r"\s*\([^()]*@[^()]*\)$", "", found.cell(cells, "shown"))
    return "" if "@" in shown else shown


def _day(text: str) -> date | None:
    """A day as in ISO 8601, in one of its forms only; raises `ValueError`."""
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    return date.fromisoformat(text)
