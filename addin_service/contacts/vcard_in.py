"""Contacts from a vCard file (.vcf), versions 2.1, 3.0 and 4.0. Bytes in, rows and refusals out."""

from collections.abc import Iterator, Sequence
from itertools import chain

from addin_service.contacts.lines import Readable, raw_lines
from addin_service.contacts.report import NotReadable, Refused
from addin_service.contacts.rows import Card, Row, rows
from addin_service.contacts.vcard_cards import cards
from addin_service.contacts.vcard_lines import Property, components, unescaped

_HINT = "Save the contacts as vCard (.vcf), or as CSV (UTF-8), and give that file."


def read_vcard(stream: Readable) -> Iterator[Row | Refused]:
    """The entries of a vCard file, in its order, and every card or address that was left out.

    A card gives one row for each of its addresses, the preferred one first. Raises `NotReadable`
    where the file holds no card. Never holds more than one card in memory, photos excepted.
    """
    found = cards(raw_lines(stream, _HINT))
    first = next(found, None)
    if first is None:
        raise NotReadable("This file is empty.", _HINT)
    for card in chain([first], found):
        if isinstance(card, Refused):
            yield card
            continue
        try:
            yield from rows(_card(card.line, card.properties))
        except _Broken as broken:
            yield Refused(broken.line, "a value is not in the encoding that it names")


class _Broken(ValueError):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _card(line: int, properties: Sequence[Property]) -> Card:
    """What the properties of one card say; raises `_Broken`."""
    values: dict[str, list[str]] = {}
    given: list[tuple[int, int, str]] = []
    for one in properties:
        text = _text(one)
        if one.name == "EMAIL":
            address = unescaped(text).strip()
            if address[:7].lower() == "mailto:":
                address = address[7:]
            if address:
                given.append((one.preference, one.line, address))
        else:
            values.setdefault(one.name, []).append(text)
    kind = _first(values, "KIND") or _first(values, "X-ADDRESSBOOKSERVER-KIND")
    organisation = components(next(iter(values.get("ORG", ())), ""))[0]
    name = _first(values, "FN") or _structured(values) or _first(values, "NICKNAME")
    is_organisation = kind.lower() in ("org", "organization")
    return Card(
        line=line,
        name=name or organisation,
        organisation=organisation or (name if is_organisation else ""),
        given=tuple((line, address) for _, line, address in sorted(given, key=lambda g: g[0])),
        identity=_first(values, "UID"),
        is_person=kind.lower() in ("", "individual"),
    )


def _text(one: Property) -> str:
    try:
        return one.text()
    except ValueError:
        raise _Broken(one.line) from None


def _first(values: dict[str, list[str]], name: str) -> str:
    return next((text for one in values.get(name, ()) if (text := unescaped(one).strip())), "")


def _structured(values: dict[str, list[str]]) -> str:
    """Family, given, further names, titles: in the order in which they are said, without titles."""
    family, given, further, *_ = (*components(next(iter(values.get("N", ())), "")), "", "", "")
    return " ".join(part for part in (given, further, family) if part)
