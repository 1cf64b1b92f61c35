"""Which domains the contacts are at, counted as contacts come and go."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from addin_service.store import facts, sets

REVISION = "contacts.domains"
"""Rises with every change of the set of domains, on whatever day it counts."""

Place = tuple[str, str]
"""A domain and the last day of the contacts there that are meant; "" for those without one."""


def place(entry: str, expires: str | None) -> Place:
    """Where a contact is counted; the domain is empty for an entry of a whole domain."""
    local, _, domain = entry.rpartition("@")
    return (domain if local else "", expires or "")


def count(connection: Connection, changes: Mapping[Place, int]) -> None:
    """Add to the numbers of contacts; to be called in the transaction that changes contacts."""
    changed = {where: by for where, by in sorted(changes.items()) if by and where[0]}
    if not changed:
        return
    statement = (
        "SELECT domain, expires FROM contact_domains "  # noqa: S608
        f"WHERE {sets.among(connection, 'domain')}"
    )
    named = sets.packed(connection, sorted({domain for domain, _ in changed}))
    present = {tuple(row) for row in connection.exec_driver_sql(statement, (named,))}
    connection.exec_driver_sql(
        sets.spelled(
            connection,
            "INSERT INTO contact_domains (domain, expires, people) VALUES (?, ?, ?) ON CONFLICT "
            "(domain, expires) DO UPDATE SET people = contact_domains.people + excluded.people",
        ),
        [(*where, by) for where, by in changed.items()],
    )
    gone = connection.exec_driver_sql("DELETE FROM contact_domains WHERE people <= 0").rowcount
    if gone or changed.keys() - present:
        facts.raise_number(connection, REVISION)


def known(connection: Connection, today: date) -> frozenset[str]:
    """The domains of the contacts that count today."""
    statement = sets.spelled(
        connection, "SELECT domain FROM contact_domains WHERE expires = '' OR expires >= ?"
    )
    rows = connection.exec_driver_sql(statement, (today.isoformat(),))
    return frozenset(domain for (domain,) in rows)
