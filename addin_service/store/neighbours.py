"""The index of contacts by nearness: rows of `neighbours`, kept in step with those of `contacts`.

A few new contacts are indexed in the transaction that adds them. Many wait: `build` indexes them
afterwards, in the order of the keys, so that each of its short transactions writes one piece of the
table; it goes on where it was stopped. Contacts that wait are found by a plain comparison.
"""

import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from addin_service import masks
from addin_service.store import facts, sets
from addin_service.store.engine import Store

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
MOST_BUILT = 1_000_000
"""Contacts indexed in one build: their keys are in memory meanwhile, 80 bytes for a contact."""
MOST_WAITING = 20_000
"""Contacts not yet indexed that an address is compared with: ten milliseconds."""
MOST_FOUND = 20_000
"""Rows looked at for one draft: a bound for directories of running numbers."""
PAUSE_S = 0.01
"""Between two transactions of a build, so that checks come in between."""

_READ = 20_000
_WIDTH = 2**32 // PIECES


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
        _insert(connection, sorted(_keys(_contacts(connection, now.indexed, last))))
        facts.write(connection, INDEXED, str(last))
        facts.write(connection, INDEXING, str(last))


def removed(connection: Connection, gone: Sequence[tuple[int, str]]) -> None:
    """To be called in the transaction that removes contacts, these (id, entry)."""
    facts.raise_number(connection, REMOVED, len(gone))
    if len(gone) > AT_ONCE:
        _sweep(connection, 0, PIECES)
        return
    _delete(connection, sorted(_keys(gone)))


def found(connection: Connection, keys: Iterable[int]) -> list[tuple[Any, ...]]:
    """(key, entry) of every indexed contact that has one of these keys."""
    statement = (
        "SELECT n.key, c.entry FROM neighbours n CROSS JOIN contacts c "  # noqa: S608
        f"WHERE {sets.among(connection, 'n.key')} AND c.id = n.contact LIMIT {MOST_FOUND}"
    )
    return sets.rows(connection, statement, sets.packed(connection, keys))


def waiting(connection: Connection, indexed: int, last: int) -> list[str]:
    """The entries that are not indexed yet, the first of them where they are very many."""
    return [entry for _, entry in _contacts(connection, indexed, last, MOST_WAITING)]


def build(
    store: Store,
    told: Callable[[float], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Index what waits. `told` hears the share that is done, `stop` is asked between two pieces.

    May run in several processes at once, which then share the work. Raises `StoreUnavailable`.
    """
    while (job := _begun(store)) is not None:
        pieces = _pieces(store, job, stop)
        for piece in range(job.piece, PIECES):
            if stop():
                return
            keys = sorted(pieces[piece])
            with store.write() as connection:
                now = state(connection)
                if now.indexing != job.indexing or now.indexed != job.indexed:
                    break
                if now.piece > piece:
                    continue
                _insert(connection, keys)
                if now.removed != job.removed:
                    _sweep(connection, piece, piece + 1)
                if piece + 1 == PIECES:
                    facts.write(connection, INDEXED, str(job.indexing))
                facts.write(connection, PIECE, str((piece + 1) % PIECES))
            told((piece + 1) / PIECES)
            time.sleep(PAUSE_S)


def _begun(store: Store) -> State | None:
    """The build that is under way, or a new one; None where nothing waits."""
    with store.read() as connection:
        now = state(connection)
    if not now.waiting:
        return None
    with store.write() as connection:
        now = state(connection)
        if now.indexing == now.indexed:
            upto = min(now.last, now.indexed + MOST_BUILT)
            facts.write(connection, INDEXING, str(upto))
            facts.write(connection, PIECE, "0")
            now = state(connection)
    return now


def _pieces(store: Store, job: State, stop: Callable[[], bool]) -> "list[array[int]]":
    """The keys of the contacts of this job, by piece; the lowest keys first."""
    pieces = [array("Q") for _ in range(PIECES)]
    append = [piece.append for piece in pieces]
    after = job.indexed
    while after < job.indexing and not stop():
        with store.read() as connection:
            rows = _contacts(connection, after, job.indexing, _READ)
        for key in _keys(rows):
            append[(key >> 32) // _WIDTH](key)
        after = rows[-1][0] if len(rows) == _READ else job.indexing
    return pieces


def _contacts(
    connection: Connection, after: int, upto: int, most: int = MOST_BUILT
) -> list[tuple[Any, ...]]:
    """(id, entry) of contacts in the order of their ids."""
    statement = sets.spelled(
        connection,
        "SELECT id, entry FROM contacts WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
    )
    return sets.rows(connection, statement, after, upto, most)


def _keys(rows: Iterable[Sequence[Any]]) -> Iterable[int]:
    """Key and contact in one number, the key above: small to hold and quick to sort."""
    for number, entry in rows:
        local, _, domain = entry.rpartition("@")
        if local:
            for key in masks.stored(local, domain):
                yield (key - masks.LOWEST) << 32 | number


def _insert(connection: Connection, keys: Sequence[int]) -> None:
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


def _sweep(connection: Connection, piece: int, upto: int) -> None:
    """Remove the rows of contacts that are gone, from these pieces of the table."""
    connection.exec_driver_sql(
        sets.spelled(
            connection,
            "DELETE FROM neighbours WHERE key >= ? AND key <= ? AND NOT EXISTS "
            "(SELECT 1 FROM contacts WHERE contacts.id = neighbours.contact)",
        ),
        (piece * _WIDTH + masks.LOWEST, upto * _WIDTH - 1 + masks.LOWEST),
    )
