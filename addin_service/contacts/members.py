"""Who may send as which mailbox, from a CSV file: bytes in, rows and refusals out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from addin_service import addresses
from addin_service.contacts.columns import clean
from addin_service.contacts.lines import Readable
from addin_service.contacts.records import records
from addin_service.contacts.report import NotReadable, Refused
from addin_service.model import Address

COLUMNS = ("person", "mailbox", "kind")
HINT = (
    "The first line has to name the columns: person,mailbox,kind. A person is named by their own "
    "mailbox; the kind is own, delegated or shared."
)
_KINDS: Mapping[str, Literal["own", "delegated", "shared"]] = {
    "own": "own",
    "delegated": "delegated",
    "shared": "shared",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A person, named by their own mailbox, may send as a mailbox."""

    line: int
    person: Address
    mailbox: Address
    kind: Literal["own", "delegated", "shared"]


def read_members(stream: Readable) -> Iterator[Member | Refused]:
    """The lines of the file in its order; a line without mailbox and kind enters the person.

    Raises `NotReadable` where the first line does not name the columns.
    """
    places: dict[str, int] = {}
    try:
        for record in records(stream):
            if isinstance(record, Refused):
                yield record
            elif not places:
                places = _places([clean(cell).casefold() for cell in record.cells])
            else:
                yield _member(record.line, [clean(cell) for cell in record.cells], places)
    except NotReadable as refusal:
        raise NotReadable(refusal.message, HINT) from None


def _places(titles: list[str]) -> dict[str, int]:
    if len(set(titles)) < len(titles) or "person" not in titles:
        raise NotReadable("This is no list of who may send as which mailbox.", HINT)
    return {name: titles.index(name) for name in COLUMNS if name in titles}


def _member(line: int, cells: list[str], places: Mapping[str, int]) -> Member | Refused:
    """What a line says, or why it is left out."""
    if len(cells) > len(places) and any(cells[max(places.values()) + 1 :]):
        return Refused(line, "it has more cells than the first line; is a comma not in quotes?")
    said = {name: cells[at] if at < len(cells) else "" for name, at in places.items()}
    given = said["person"]
    try:
        person = addresses.parse(given)
        given = said.get("mailbox") or given
        mailbox = addresses.parse(given)
    except addresses.NotAnAddress as problem:
        return Refused(line, f"an address cannot be used: {problem}", given[:100])
    kind = _KINDS.get(said.get("kind", "").casefold() or ("own" if person == mailbox else ""))
    if kind is None:
        return Refused(line, "its kind is neither own nor delegated nor shared")
    if person.key == mailbox.key and kind != "own":
        return Refused(line, "a person's own mailbox is of the kind own")
    return Member(line, person, mailbox, kind)
