"""The database: opening it, one read or one write transaction, and what is said when it fails."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

BUSY_MS = 3000
"""How long a transaction waits for another program's lock before it gives up."""

# Rollback journal, not WAL: SQLite 3.7.0-3.51.2 can corrupt a WAL database that two connections
# write and checkpoint at once (sqlite.org/wal.html#walresetbug), and most Pythons ship such a one.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=DELETE",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
)


class StoreUnavailable(Exception):
    """The database cannot be read or written now. Carries the kind of failure, never its text."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the record cannot be read or written ({kind})")
        self.kind = kind


class Store:
    """One database, SQLite or PostgreSQL. Transactions are the only way in."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        # One writer at a time within the process: SQLite would let them race for the file lock
        # and some would lose; the receipts are a chain anyway.
        self._writing = threading.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction; raises `StoreUnavailable`."""
        with _told_plainly(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction, durable when the block is left; raises `StoreUnavailable`."""
        if not self._writing.acquire(timeout=BUSY_MS / 1000):
            raise StoreUnavailable("busy")
        try:
            with _told_plainly(), self.engine.connect() as connection:
                connection = connection.execution_options(addin_writes=True)
                with connection.begin():
                    yield connection
        finally:
            self._writing.release()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{path}"


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # The original text can hold statement parameters, that is, addresses.
        raise StoreUnavailable(type(error.orig).__name__) from None
    except SQLAlchemyError as error:
        raise StoreUnavailable(type(error).__name__) from None


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("addin_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
