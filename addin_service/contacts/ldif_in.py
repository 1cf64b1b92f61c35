"""Contacts from an LDIF file: Thunderbird's, Active Directory's, any LDAP server's."""

from collections.abc import Iterator
from itertools import chain

from addin_service.contacts.headers import decoded
from addin_service.contacts.ldif_entries import Entry, entries
from addin_service.contacts.lines import Readable, raw_lines
from addin_service.contacts.report import NotReadable, Refused
from addin_service.contacts.rows import Card, Row, rows

_HINT = "Save the contacts as LDIF (.ldif), or as CSV (UTF-8), and give that file."
_GROUPS = frozenset(
    {"groupofnames", "groupofuniquenames", "group", "groupofurls", "organization", "publicfolder"}
)


def read_ldif(stream: Readable) -> Iterator[Row | Refused]:
    """The addresses of an LDIF file, in its order, and every entry or address that was left out.

    Raises `NotReadable` where it holds no entry, or is not of version 1. Opens nothing that the
    file points at. Never holds more than one entry in memory.
    """
    found = entries(raw_lines(stream, _HINT), _HINT)
    first = next(found, None)
    if first is None:
        raise NotReadable("There is no directory entry in this file.", _HINT)
    for entry in chain([first], found):
        if isinstance(entry, Refused):
            yield entry
        else:
            yield from rows(_card(entry))


def _card(entry: Entry) -> Card:
    """What one directory entry says of a person."""
    texts = {
        kind: [(line, decoded(value)) for line, value in values if value.strip()]
        for kind, values in entry.values.items()
        if kind != "guid"
    }
    parts = " ".join(filter(None, (_first(texts, "givenname"), _first(texts, "sn"))))
    proxies = []
    for line, text in texts.get("proxy", []):
        scheme, colon, address = text.partition(":")
        if colon and scheme.strip().lower() == "smtp":  # others are X.400, X.500, SIP
            proxies.append((scheme.strip() != "SMTP", line, address))
    given = [
        *texts.get("mail", []),
        *((line, address) for _, line, address in sorted(proxies, key=lambda one: one[0])),
    ]
    guid = next((value.hex() for _, value in entry.values.get("guid", []) if len(value) == 16), "")
    classes = {text.strip().lower() for _, text in texts.get("class", [])}
    return Card(
        line=entry.line,
        name=_first(texts, "displayname") or _first(texts, "cn") or parts,
        organisation=_first(texts, "organisation"),
        given=tuple(given),
        identity=_first(texts, "uuid") or guid,
        is_person=not classes & _GROUPS,
    )


def _first(texts: dict[str, list[tuple[int, str]]], kind: str) -> str:
    return next((text.strip() for _, text in texts.get(kind, [])), "")
