"""A row of a file as an entry of the allowlist."""

import sys

from addin_service.contacts.rows import Row
from addin_service.store.contacts import Entry


def as_entry(row: Row, source: str) -> Entry:
    """What the record keeps of a row; `source` is who says so."""
    # A file can hold a million: what is the same in many of them is held once.
    address = str(row.address) if row.address else ""
    return Entry(
        entry=row.entry,
        name=row.name,
        organisation=sys.intern(row.organisation),
        status=row.status,
        reason=sys.intern(row.reason),
        owner=sys.intern(row.owner),
        expires=row.expires,
        address=row.entry if address == row.entry else address,
        source=source,
        person=row.person,
    )
