"""Contacts as rows: the organisation's directory, its folder, and what the helpdesk enters."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from addin_service import addresses
from addin_service.model import Contact
from addin_service.store import facts, times
from addin_service.store.tables import contacts
from addin_service.store.upsert import in_one_order, insert


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


def put(connection: Connection, entries: Sequence[Entry], now: datetime) -> Changed:
    """Add or change entries (by entry and source). The same again changes nothing.

    Of several with one entry in `entries` the last counts.
    """
    wanted = {(e.entry, e.source): e for e in entries}
    if not wanted:
        return Changed()
    sources = {source for _, source in wanted}
    present = {
        (row.entry, row.source): row
        for row in connection.execute(select(contacts).where(contacts.c.source.in_(sources)))
    }
    fresh, altered = [], 0
    for identity, entry in wanted.items():
        values = _values(entry)
        row = present.get(identity)
        if row is None:
            fresh.append({"id": uuid.uuid4().hex, "created": times.text(now), "hits": 0, **values})
        elif any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(update(contacts).where(contacts.c.id == row.id).values(values))
            altered += 1
    if fresh:
        connection.execute(insert(connection, contacts), fresh)
    if fresh or altered:
        facts.raise_contacts_revision(connection)
    return Changed(len(fresh), altered, len(wanted) - len(fresh) - altered)


def replace_source(
    connection: Connection, source: str, entries: Sequence[Entry], now: datetime
) -> Changed:
    """Make `entries` all that this source has: what it no longer lists is removed."""
    kept = {entry.entry for entry in entries}
    gone = [
        row.id
        for row in connection.execute(
            select(contacts.c.id, contacts.c.entry).where(contacts.c.source == source)
        )
        if row.entry not in kept
    ]
    for start in range(0, len(gone), 500):
        connection.execute(delete(contacts).where(contacts.c.id.in_(gone[start : start + 500])))
    if gone:
        facts.raise_contacts_revision(connection)
    return put(connection, entries, now)


def remove(connection: Connection, contact_id: str) -> bool:
    """Remove one entry; False where there is none, or where the folder owns it."""
    gone = connection.execute(
        delete(contacts).where(contacts.c.id == contact_id, contacts.c.source != "folder")
    ).rowcount
    if gone:
        facts.raise_contacts_revision(connection)
    return bool(gone)


def id_of(connection: Connection, entry: Entry) -> str:
    """The id of an entry that is there."""
    statement = select(contacts.c.id).where(
        contacts.c.entry == entry.entry, contacts.c.source == entry.source
    )
    return str(connection.execute(statement).scalar_one())


def search(connection: Connection, query: str = "", limit: int = 100) -> list[Entry]:
    """Entries that contain `query` in address, name or organisation, in order of entry."""
    order = in_one_order(connection, contacts.c.entry)
    statement = select(contacts).order_by(order, contacts.c.source).limit(limit)
    if query:
        like = "%" + query.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        like += "%"
        columns = (contacts.c.entry, contacts.c.name, contacts.c.organisation)
        statement = statement.where(
            or_(*(func.lower(column).like(like, escape="\\") for column in columns))
        )
    return [_entry(row) for row in connection.execute(statement)]


def valid_entries(connection: Connection, today: date) -> list[Entry]:
    """Every entry that counts today, the folder's word last (it overrides)."""
    rank = {"directory": 0, "helpdesk": 1, "folder": 2}
    rows = connection.execute(
        select(contacts).where(
            or_(contacts.c.expires.is_(None), contacts.c.expires >= today.isoformat())
        )
    )
    return sorted((_entry(row) for row in rows), key=lambda e: rank.get(e.source, 0))


def count_hits(connection: Connection, entries: Iterable[str], now: datetime) -> None:
    """Note that these entries were used: what the helpdesk needs to retire the others."""
    wanted = sorted(set(entries))
    if wanted:
        connection.execute(
            update(contacts)
            .where(and_(contacts.c.entry.in_(wanted)))
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
    )


def _values(entry: Entry) -> dict[str, object]:
    return {
        "entry": entry.entry,
        "address": entry.address or ("" if entry.domain else entry.entry),
        "name": entry.name,
        "organisation": entry.organisation,
        "status": entry.status,
        "source": entry.source,
        "owner": entry.owner,
        "reason": entry.reason,
        "expires": entry.expires.isoformat() if entry.expires else None,
    }


def _entry(row: object) -> Entry:
    values = dict(row._mapping)  # type: ignore[attr-defined]
    expires = values.pop("expires")
    return Entry(expires=date.fromisoformat(expires) if expires else None, **values)
