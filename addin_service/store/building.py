"""Makes the index of contacts that wait: in short transactions, and from where it was stopped.

The keys are written in their own order, so that each transaction touches one piece of the table,
however many contacts there are.
"""

import time
from array import array
from collections.abc import Callable

from addin_service.store import facts, neighbours
from addin_service.store.engine import Store

MOST_BUILT = 1_000_000
"""Contacts indexed in one build: their keys are in memory meanwhile, 80 bytes for a contact."""
PAUSE_S = 0.01
"""Between two transactions of a build, so that checks come in between."""
_READ = 20_000


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
        for piece in range(job.piece, neighbours.PIECES):
            if stop():
                return
            keys = sorted(pieces[piece])
            with store.write() as connection:
                now = neighbours.state(connection)
                if now.indexing != job.indexing or now.indexed != job.indexed:
                    break
                if now.piece > piece:
                    continue
                neighbours.insert(connection, keys)
                if now.removed != job.removed:
                    neighbours.sweep(connection, piece, piece + 1)
                if piece + 1 == neighbours.PIECES:
                    facts.write(connection, neighbours.INDEXED, str(job.indexing))
                facts.write(connection, neighbours.PIECE, str((piece + 1) % neighbours.PIECES))
            told((piece + 1) / neighbours.PIECES)
            time.sleep(PAUSE_S)


def _begun(store: Store) -> neighbours.State | None:
    """The build that is under way, or a new one; None where nothing waits."""
    with store.read() as connection:
        now = neighbours.state(connection)
    if not now.waiting:
        return None
    with store.write() as connection:
        now = neighbours.state(connection)
        if now.indexing == now.indexed:
            upto = min(now.last, now.indexed + MOST_BUILT)
            facts.write(connection, neighbours.INDEXING, str(upto))
            facts.write(connection, neighbours.PIECE, "0")
            now = neighbours.state(connection)
    return now


def _pieces(store: Store, job: neighbours.State, stop: Callable[[], bool]) -> "list[array[int]]":
    """The keys of the contacts of this job, by piece; the lowest keys first."""
    pieces = [array("Q") for _ in range(neighbours.PIECES)]
    append = [piece.append for piece in pieces]
    after = job.indexed
    while after < job.indexing and not stop():
        with store.read() as connection:
            rows = neighbours.rows_between(connection, after, job.indexing, _READ)
        for key in neighbours.packed_keys(rows):
            append[(key >> 32) // neighbours.WIDTH](key)
        after = rows[-1][0] if len(rows) == _READ else job.indexing
    return pieces
