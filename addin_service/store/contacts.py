"""Contacts as rows: the organisation's directory, its folder, and what the helpdesk enters."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, func, or_, select, update

from addin_service import addresses, names
from addin_service.model import Contact
from addin_service.store import contact_domains, facts, neighbours, persons, sets, times
from addin_service.store.tables import contacts
from addin_service.store.upsert import in_one_order


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the allowlist. `entry` is an address in normal form, or `@domain`."""

    entry: str
    name: str = ""
    organisation: str = ""
    status: str = "known"
    reason: str = ""
    owner: str = ""
    expires: date | None = None
    address: str = ""
    source: str = "directory"
    id: str = ""
    created: str = ""
    hits: int = 0
    last_used: str | None = None
    person: str = ""

    @property
    def domain(self) -> str:
        """The domain, where the entry is a whole domain; else empty."""
        return self.entry[1:] if self.entry.startswith("@") else ""


@dataclass(frozen=True, slots=True)
class Changed:
    """How many entries an import added, changed, and found as they were."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0


_COLUMNS = (
    "entry, source, address, name, name_key, organisation, status, owner, reason, expires, person"
)
_EXPIRES = 9
_FIELDS = tuple(field.name for field in fields(Entry))
_READ = ", ".join(_FIELDS)
_INSERT = (
    f"INSERT INTO contacts (id, {_COLUMNS}, created, hits) "  # noqa: S608
    f"VALUES ({', '.join('?' * (_COLUMNS.count(',') + 4))})"
)
_UPDATE = f"UPDATE contacts SET {_COLUMNS.replace(',', ' = ?,')} = ? WHERE id = ?"  # noqa: S608
_RANK = {"directory": 0, "helpdesk": 1, "folder": 2}
_CHUNK = 1000
LONGEST_KEY = 200
"""Characters of a name's key that are kept: what an index of either database takes."""
_CACHE_KIB = 65_536


@dataclass(slots=True)
class _Total:
    """What an import has done so far; `last` is the highest id given."""

    last: int
    added: int = 0
    updated: int = 0
    domains: Counter[contact_domains.Place] = field(default_factory=Counter)


def put(connection: Connection, entries: Iterable[Entry], now: datetime) -> Changed:
    """Add or change entries (by entry and source). The same again changes nothing.

    Of several with one entry in `entries` the last counts. Reads and writes a few at a time, in the
    order of the index.
    """
    wanted = {(entry.source, entry.entry): entry for entry in entries}
    said = persons.settled(connection, ((e.entry, e.person) for e in wanted.values()))
    total = _Total(facts.numbers(connection, neighbours.LAST)[0])
    with _room(connection, len(wanted)):
        for identities in _chunks(sorted(wanted)):
            for source, group in groupby(identities, key=itemgetter(0)):
                some = {entry: wanted[source, entry] for _, entry in group}
                for entry in said.keys() & some.keys():
                    some[entry] = replace(some[entry], person=said[entry])
                _put_some(connection, source, some, now, total)
        if total.added or total.updated:
            contact_domains.count(connection, total.domains)
            facts.raise_contacts_revision(connection)
        if total.added:
            neighbours.added(connection, total.last)
    return Changed(total.added, total.updated, len(wanted) - total.added - total.updated)


def _put_some(
    connection: Connection, source: str, entries: dict[str, Entry], now: datetime, total: _Total
) -> None:
    statement = (
        f"SELECT id, {_COLUMNS} FROM contacts "  # noqa: S608
        f"WHERE source = {sets.spelled(connection, '?')} AND {sets.among(connection, 'entry')}"
    )
    packed = sets.packed(connection, entries)
    present = {row[1]: row for row in sets.rows(connection, statement, source, packed)}
    fresh, altered = [], []
    for key, entry in entries.items():
        values = _values(entry)
        row = present.get(key)
        if row is None:
            total.last += 1
            fresh.append((total.last, *values, times.text(now), 0))
            total.domains[contact_domains.place(key, values[_EXPIRES])] += 1
        elif row[1:] != values:
            altered.append((*values, row[0]))
            total.domains[contact_domains.place(key, row[1 + _EXPIRES])] -= 1
            total.domains[contact_domains.place(key, values[_EXPIRES])] += 1
    if fresh:
        connection.exec_driver_sql(sets.spelled(connection, _INSERT), fresh)
    if altered:
        connection.exec_driver_sql(sets.spelled(connection, _UPDATE), altered)
    total.added += len(fresh)
    total.updated += len(altered)


def replace_source(
    connection: Connection, source: str, entries: Sequence[Entry], now: datetime
) -> Changed:
    """Make `entries` all that this source has: what it no longer lists is removed."""
    kept = {entry.entry for entry in entries}
    rows = connection.execute(
        select(contacts.c.id, contacts.c.entry, contacts.c.expires).where(
            contacts.c.source == source
        )
    )
    _forget(connection, [(row.id, row.entry, row.expires) for row in rows if row.entry not in kept])
    return put(connection, entries, now)


def remove(connection: Connection, contact_id: str) -> bool:
    """Remove one entry; False where there is none, or where the folder owns it."""
    if not (contact_id.isascii() and contact_id.isdigit() and len(contact_id) < 10):
        return False
    row = connection.execute(
        select(contacts.c.id, contacts.c.entry, contacts.c.expires).where(
            contacts.c.id == int(contact_id), contacts.c.source != "folder"
        )
    ).first()
    if row is None:
        return False
    _forget(connection, [(row.id, row.entry, row.expires)])
    return True


def _forget(connection: Connection, gone: Sequence[tuple[int, str, str | None]]) -> None:
    """Remove these (id, entry, last day) and what is kept about them."""
    if not gone:
        return
    statement = sets.spelled(connection, "DELETE FROM contacts WHERE id = ?")
    connection.exec_driver_sql(statement, [(number,) for number, _, _ in gone])
    neighbours.removed(connection, [(number, entry) for number, entry, _ in gone])
    fewer = Counter(contact_domains.place(entry, expires) for _, entry, expires in gone)
    contact_domains.count(connection, {place: -count for place, count in fewer.items()})
    facts.raise_contacts_revision(connection)


def id_of(connection: Connection, entry: Entry) -> str:
    """The id of an entry that is there."""
    statement = select(contacts.c.id).where(
        contacts.c.entry == entry.entry, contacts.c.source == entry.source
    )
    return str(connection.execute(statement).scalar_one())


def search(connection: Connection, query: str = "", limit: int = 100) -> list[Entry]:
    """Entries that contain `query` in address, name or organisation, in order of entry."""
    order = in_one_order(connection, contacts.c.entry)
    statement = select(*(contacts.c[name] for name in _FIELDS))
    statement = statement.order_by(order, contacts.c.source).limit(limit)
    if query:
        like = "%" + query.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        like += "%"
        columns = (contacts.c.entry, contacts.c.name, contacts.c.organisation)
        statement = statement.where(
            or_(*(func.lower(column).like(like, escape="\\") for column in columns))
        )
    return [_entry(row) for row in connection.execute(statement)]


def valid(connection: Connection, today: date, condition: str, *values: Any) -> list[Entry]:
    """The entries for which `condition` holds (see `sets.among`) and that count today.

    Of one entry from several sources the folder's word counts, then the helpdesk's.
    """
    statement = f"SELECT {_READ} FROM contacts WHERE {condition}"  # noqa: S608
    entries = map(_entry, sets.rows(connection, statement, *values))
    counted = [entry for entry in entries if entry.expires is None or entry.expires >= today]
    counted.sort(key=lambda entry: _RANK.get(entry.source, 0))
    return list({entry.entry: entry for entry in counted}.values())


def count_valid(connection: Connection, today: date) -> int:
    """How many entries count today."""
    statement = (
        select(func.count())
        .select_from(contacts)
        .where(or_(contacts.c.expires.is_(None), contacts.c.expires >= today.isoformat()))
    )
    return connection.scalar(statement) or 0


def organisation_of(connection: Connection, address: str) -> str:
    """Where the owner of this address (normal form) works, as far as the directory knows."""
    return _known(connection, address, contacts.c.organisation)


def name_of(connection: Connection, address: str) -> str:
    """The name of the owner of this address (normal form), as far as the directory knows."""
    return _known(connection, address, contacts.c.name)


def _known(connection: Connection, address: str, what: Column[str]) -> str:
    found = connection.scalars(
        select(what).where(contacts.c.entry == address, what != "").order_by(contacts.c.source)
    ).first()
    return found or ""


def count_hits(connection: Connection, entries: Iterable[str], now: datetime) -> None:
    """Note that these entries were used: what the helpdesk needs to retire the others."""
    wanted = sorted(set(entries))
    if wanted:
        connection.execute(
            update(contacts)
            .where(contacts.c.entry.in_(wanted))
            .values(hits=contacts.c.hits + 1, last_used=times.text(now))
        )


def as_contact(entry: Entry) -> Contact:
    """The entry as the checks see it. Only for addresses, not for `@domain`."""
    return Contact(
        address=addresses.parse(entry.address or entry.entry),
        name=entry.name,
        organisation=entry.organisation,
        vouched=entry.status == "known",
        blocked=entry.status == "blocked",
        reason=entry.reason,
        person=entry.person,
    )


def name_key(name: str) -> str:
    """The key under which a name is found: `names.name_key`, short enough for an index."""
    return names.name_key(name)[:LONGEST_KEY]


@contextmanager
def _room(connection: Connection, count: int) -> Iterator[None]:
    """More memory for SQLite's pages while many rows are written in no order of theirs."""
    if connection.dialect.name != "sqlite" or count <= neighbours.SMALL:
        yield
        return
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA cache_size = -2000")


def _chunks(identities: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    return (identities[at : at + _CHUNK] for at in range(0, len(identities), _CHUNK))


def _values(entry: Entry) -> tuple[str | None, ...]:
    """As `_COLUMNS` names them."""
    return (
        entry.entry,
        entry.source,
        entry.address or ("" if entry.domain else entry.entry),
        entry.name,
        name_key(entry.name),
        entry.organisation,
        entry.status,
        entry.owner,
        entry.reason,
        entry.expires.isoformat() if entry.expires else None,
        entry.person or None,
    )


def _entry(row: Sequence[Any]) -> Entry:
    """An entry from its columns, in the order of `_FIELDS`."""
    values = dict(zip(_FIELDS, row, strict=True))
    expires = values["expires"]
    values["expires"] = date.fromisoformat(expires) if expires else None
    values["id"] = str(values["id"])
    values["person"] = values["person"] or ""
    return Entry(**values)
