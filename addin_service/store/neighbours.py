"""The index of contacts by nearness: rows of `neighbours`, kept in step with those of `contacts`.

A few new contacts are indexed in the transaction that adds them. Many wait for `building`, and are
found by a plain comparison meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from addin_service import masks
from addin_service.store import facts, sets

LAST = "contacts.last"
"""The highest id that a contact ever had."""
INDEXED = "contacts.indexed"
"""Contacts up to this id are indexed."""
INDEXING = "contacts.indexing"
"""Contacts up to this id are being indexed; equal to `INDEXED` where nothing is under way."""
PIECE = "contacts.piece"
"""Keys below this piece are written for the contacts that are being indexed."""
REMOVED = "contacts.removed"
"""How many contacts were ever removed."""

AT_ONCE = 500
"""New contacts that are indexed with the transaction that adds them, however many are there."""
SMALL = 20_000
"""Up to so many contacts the whole directory is: half a second."""
PIECES = 128
"""Short transactions of one build: 80,000 rows each for a million contacts."""
MOST_WAITING = 20_000
"""Contacts not yet indexed that an address is compared with: ten milliseconds."""
MOST_FOUND = 20_000
"""Rows looked at for one draft: a bound for directories of running numbers."""
WIDTH = 2**32 // PIECES
"""Keys of one piece."""


@dataclass(frozen=True, slots=True)
class State:
    """How far the index is."""

    last: int
    indexed: int
    indexing: int
    piece: int
    removed: int

    @property
    def waiting(self) -> int:
        """How many contacts are not indexed, at most: some of them may be gone."""
        return self.last - self.indexed


def state(connection: Connection) -> State:
    """How far the index is."""
    return State(*facts.numbers(connection, LAST, INDEXED, INDEXING, PIECE, REMOVED))


def added(connection: Connection, last: int) -> None:
    """To be called in the transaction that adds contacts: `last` is the highest id now."""
    facts.write(connection, LAST, str(last))
    now = state(connection)
    if now.indexing == now.indexed and (now.waiting <= AT_ONCE or now.last <= SMALL):
        insert(connection, sorted(packed_keys(rows_between(connection, now.indexed, last))))
        facts.write(connection, INDEXED, str(last))
        facts.write(connection, INDEXING, str(last))


def removed(connection: Connection, gone: Sequence[tuple[int, str]]) -> None:
    """To be called in the transaction that removes contacts, these (id, entry)."""
    facts.raise_number(connection, REMOVED, len(gone))
    if len(gone) > AT_ONCE:
        sweep(connection, 0, PIECES)
        return
    _delete(connection, sorted(packed_keys(gone)))


def found(connection: Connection, keys: Iterable[int]) -> list[tuple[Any, ...]]:
    """(key, entry) of every indexed contact that has one of these keys."""
    statement = (
        "SELECT n.key, c.entry FROM neighbours n CROSS JOIN contacts c "  # noqa: S608
        f"WHERE {sets.among(connection, 'n.key')} AND c.id = n.contact LIMIT {MOST_FOUND}"
    )
    return sets.rows(connection, statement, sets.packed(connection, keys))


def waiting(connection: Connection, indexed: int, last: int) -> list[str]:
    """The entries that are not indexed yet, the first of them where they are very many."""
    return [entry for _, entry in rows_between(connection, indexed, last, MOST_WAITING)]


def rows_between(
    connection: Connection, after: int, upto: int, most: int = 2**31 - 1
) -> list[tuple[Any, ...]]:
    """(id, entry) of contacts in the order of their ids."""
    statement = sets.spelled(
        connection,
        "SELECT id, entry FROM contacts WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
    )
    return sets.rows(connection, statement, after, upto, most)


def packed_keys(rows: Iterable[Sequence[Any]]) -> Iterable[int]:
    """Key and contact in one number, the key above: small to hold and quick to sort."""
    for number, entry in rows:
        local, _, domain = entry.rpartition("@")
        if local:
            for key in masks.stored(local, domain):
                yield (key - masks.LOWEST) << 32 | number


def insert(connection: Connection, keys: Sequence[int]) -> None:
    """Add rows, given in the order of the table; those that are there already stay."""
    _with_pairs(
        connection,
        keys,
        "INSERT INTO neighbours (key, contact) VALUES (?, ?) ON CONFLICT DO NOTHING",
        "INSERT INTO neighbours (key, contact) SELECT * FROM unnest(%s::int[], %s::int[]) "
        "ON CONFLICT DO NOTHING",
    )


def _delete(connection: Connection, keys: Sequence[int]) -> None:
    _with_pairs(
        connection,
        keys,
        "DELETE FROM neighbours WHERE key = ? AND contact = ?",
        "DELETE FROM neighbours n USING unnest(%s::int[], %s::int[]) AS gone (key, contact) "
        "WHERE n.key = gone.key AND n.contact = gone.contact",
    )


def _with_pairs(connection: Connection, keys: Sequence[int], sqlite: str, postgresql: str) -> None:
    """Run a statement on many rows, in the quickest way that each of the two has."""
    if not keys:
        return
    pairs = [((both >> 32) + masks.LOWEST, both & 0xFFFFFFFF) for both in keys]
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(sqlite, pairs)
    else:
        columns = [key for key, _ in pairs], [contact for _, contact in pairs]
        connection.exec_driver_sql(postgresql, columns)


def sweep(connection: Connection, piece: int, upto: int) -> None:
    """Remove the rows of contacts that are gone, from these pieces of the table."""
    connection.exec_driver_sql(
        sets.spelled(
            connection,
            "DELETE FROM neighbours WHERE key >= ? AND key <= ? AND NOT EXISTS "
            "(SELECT 1 FROM contacts WHERE contacts.id = neighbours.contact)",
        ),
        (piece * WIDTH + masks.LOWEST, upto * WIDTH - 1 + masks.LOWEST),
    )
