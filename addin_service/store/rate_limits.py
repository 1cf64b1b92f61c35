"""Buckets that all workers fill together: each failure pours in one, and they leak steadily.

They are beside the record: nothing that is written there waits for them, nor they for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from addin_service.store import sets
from addin_service.store.engine import Store

LONGEST_LIFE_S = 3600.0
"""Every bucket is empty long before."""

_LEVEL = "SELECT level, at FROM rate_limits WHERE key = ?"
# Another worker's clock may be ahead of this one's: time never runs backwards here.
_POUR = """
    INSERT INTO rate_limits (key, level, at) VALUES (?, 1, ?)
    ON CONFLICT (key) DO UPDATE SET
        level = {least}(?, 1 + {most}(0, rate_limits.level
            - {most}(0, excluded.at - rate_limits.at) * ?)),
        at = {most}(rate_limits.at, excluded.at)
    RETURNING level
"""
_SWEEP = "DELETE FROM rate_limits WHERE at < ?"


def level(store: Store, key: str, now_s: float, per_s: float) -> float:
    """How full a bucket is that leaks so much a second. Raises `StoreUnavailable`."""
    with store.read() as connection:
        found = sets.rows(connection, sets.spelled(connection, _LEVEL), key)
    return max(0.0, found[0][0] - max(0.0, now_s - found[0][1]) * per_s) if found else 0.0


def pour(store: Store, key: str, now_s: float, per_s: float, full: float) -> float:
    """Pour one into a bucket that holds `full`; answers how full it is then."""
    with _beside(store) as connection:
        least, most = ("min", "max") if store.is_sqlite else ("least", "greatest")
        statement = sets.spelled(connection, _POUR.format(least=least, most=most))
        return float(sets.rows(connection, statement, key, now_s, full, per_s)[0][0])


def sweep(store: Store, now_s: float) -> None:
    """Remove the buckets that have been empty for long."""
    with _beside(store) as connection:
        sets.rows(connection, sets.spelled(connection, _SWEEP), now_s - LONGEST_LIFE_S)


@contextmanager
def _beside(store: Store) -> Iterator[Connection]:
    if store.is_sqlite:
        with store.write() as connection:
            yield connection
        return
    with store.aside() as connection:
        yield connection
