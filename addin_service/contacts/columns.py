"""Which column holds what: our own names, Outlook's, Thunderbird's, Google's old and new ones."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from addin_service.contacts.formulas import unmarked
from addin_service.contacts.headers import printable
from addin_service.contacts.report import NotReadable

MOST_COLUMNS = 256
"""Outlook writes 92, Google a hundred and more where contacts have many numbers."""

MOST_CELL_LENGTH = 10_000

_NAMES = {
    "name": "name displayname fullname",
    "first": "firstname givenname",
    "middle": "middlename additionalname",
    "last": "lastname familyname surname",
    "shown": "emaildisplayname",
    "organisation": "organisation organization company organizationname organization1name",
    "domain": "domain",
    "status": "status",
    "reason": "reason",
    "expires": "expires",
    "owner": "owner",
    "person": "person",
}
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_EMAIL = re.compile(r"(primary|secondary)?e?mail\d{0,2}(address|value)?")

LOOKED_FOR = (
    "The first line has to name the columns: name, email, organisation (and status, reason, "
    "expires, owner, person if there are any), or be the first line that Outlook (First Name, "
    "Last Name, Company, E-mail Address) or Google (Given Name, Family Name, E-mail 1 - Value) "
    "writes."
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the cells of a line are that mean something; `entries` are addresses or domains."""

    width: int
    entries: tuple[int, ...]
    domain: int | None
    single: Mapping[str, int]

    def cell(self, cells: Sequence[str], kind: str) -> str:
        """The cleaned cell of this kind; empty where the line or the file has none."""
        place = self.single.get(kind)
        return clean(cells[place]) if place is not None and place < len(cells) else ""

    def longest(self, cells: Sequence[str]) -> int:
        """Characters of the longest cell that is read."""
        places = (*self.entries, *self.single.values())
        return max((len(cells[place]) for place in places if place < len(cells)), default=0)


def clean(cell: str) -> str:
    """A cell as it is read: without the marks of an export, on one line."""
    return on_one_line(unmarked(cell))


def on_one_line(cell: str) -> str:
    """Text on one line, without surrounding blanks and without what cannot be seen."""
    return " ".join(printable(cell).split())


def columns(header: Sequence[str]) -> Columns:
    """The columns of a file with this first line; raises `NotReadable` where none is known."""
    if len(header) > MOST_COLUMNS:
        raise NotReadable(f"This file has more than {MOST_COLUMNS} columns.", LOOKED_FOR)
    entries: list[int] = []
    single: dict[str, int] = {}
    for place, title in enumerate(header):
        title = re.sub(r"[\W_]", "", title).casefold()
        kind = _KINDS.get(title)
        if _EMAIL.fullmatch(title) or kind == "domain":
            entries.append(place)
        if kind:
            single.setdefault(kind, place)
    if not entries:
        raise NotReadable("This file has no column of e-mail addresses.", LOOKED_FOR)
    return Columns(len(header), tuple(entries), single.pop("domain", None), single)
