"""A row of a file as an entry of the allowlist."""

from addin_service.contacts.rows import Row
from addin_service.store.contacts import Entry


def as_entry(row: Row, source: str) -> Entry:
    """What the record keeps of a row; `source` is who says so."""
    return Entry(
        entry=row.entry,
        name=row.name,
        organisation=row.organisation,
        status=row.status,
        reason=row.reason,
        owner=row.owner,
        expires=row.expires,
        address=str(row.address) if row.address else "",
        source=source,
        person=row.person,
    )
