"""The database: opening it, one read or one write transaction, and what is said when it fails."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from addin_service.settings import INSTALL_SERVER

BUSY_MS = 3000
"""How long a transaction waits for another program's lock before it gives up."""

ASIDE_MS = 200
"""The same, for what is not worth waiting for."""

TURN_S = 10.0
"""How long a transaction waits for the others of this process, each of which is short."""

WRITERS = 0x4C617374
"""The lock under which PostgreSQL has one writer at a time, as SQLite has anyway.

The receipts are a chain, so writers wait for each other; this way none of them reads a revision or
the head of the chain that another is about to replace, and no two can wait for each other for ever.
"""

POOL = 10
"""Connections kept to PostgreSQL: one for each thread that serves, and for background work."""

POSTGRESQL = ("postgresql+psycopg", "postgresql", "postgres")
"""How its URLs begin; first, with the driver we use."""

CONNECT_S = 3
"""How long PostgreSQL may take to accept a connection."""

RETURN_S = 1.0
"""How long a transaction waits for PostgreSQL to be back: a restart takes less, and nobody notices
it. nginx asks the other worker after two seconds."""
LOOK_AGAIN_S = 0.05

# Rollback journal, not WAL: SQLite 3.7.0-3.51.2 can corrupt a WAL database that two connections
# write and checkpoint at once (sqlite.org/wal.html#walresetbug), and most Pythons ship such a one.
# The wait comes first: the other pragmas look into the file, which may be locked.
SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA journal_mode=DELETE",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)


class StoreUnavailable(Exception):
    """The database cannot be read or written now. Carries the kind of failure, never its text."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the record cannot be read or written ({kind})")
        self.kind = kind


class NoSuchDatabase(Exception):
    """There can be no database at this URL. Never repeats it: it may hold a password."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Store:
    """One database, SQLite or PostgreSQL. Transactions are the only way in."""

    def __init__(self, url: str) -> None:
        """Raises `NoSuchDatabase`; whether anything answers there, a transaction tells."""
        self.engine = _engine(url)
        # One at a time within the process: SQLite would let readers and writers race for the file
        # lock, which is not fair, and some would lose. PostgreSQL needs it for the writers only.
        self._turn = threading.RLock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction, which sees one moment; raises `StoreUnavailable`."""
        if self.is_sqlite:
            with self._in_turn(), _told_plainly(), self.engine.begin() as connection:
                yield connection
            return
        with _told_plainly(), self._connected() as connection:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction, durable when the block is left; raises `StoreUnavailable`."""
        with _told_plainly(), self._connected_in_turn() as connection:
            connection = connection.execution_options(addin_writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def aside(self) -> Iterator[Connection]:
        """On PostgreSQL, a short write that neither waits for the writers nor keeps them waiting.

        For what is no part of the record. Gives up soon; raises `StoreUnavailable`.
        """
        with _told_plainly(), self.engine.connect() as connection, connection.begin():
            connection.execute(text(f"SET LOCAL lock_timeout = {ASIDE_MS}"))
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            yield connection

    @contextmanager
    def _connected_in_turn(self) -> Iterator[Connection]:
        """Nobody's turn is spent on waiting for PostgreSQL to be back."""
        if self.is_sqlite:
            with self._in_turn(), self.engine.connect() as connection:
                yield connection
            return
        with self._connected() as connection, self._in_turn():
            yield connection

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection to PostgreSQL, which may be in the midst of a restart."""
        ends = time.monotonic() + RETURN_S
        while True:
            try:
                connection = self.engine.connect()
                break
            except OperationalError:
                if time.monotonic() > ends:
                    raise
                time.sleep(LOOK_AGAIN_S)
        with connection:
            yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=TURN_S):
            raise StoreUnavailable("busy")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{path}"


def postgresql_url(given: str) -> URL | None:
    """The URL with the driver we use, however it was spelt; None for what is no PostgreSQL URL."""
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        return None
    return url.set(drivername=POSTGRESQL[0]) if url.drivername in POSTGRESQL else None


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
        return _postgresql(url)
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        # SQLite's own knows A to Z only.
        connection.create_function("lower", 1, _lower, deterministic=True)
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("addin_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(given: str) -> Engine:
    url = postgresql_url(given)
    if url is None:
        raise NoSuchDatabase(
            "ADDIN_SERVICE_DATABASE is not the URL of an SQLite or PostgreSQL database.",
            "For example postgresql:///lastlook?host=/run/postgresql, or leave it out.",
        )
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,  # a server that was restarted is found at once
            pool_size=POOL,
            pool_timeout=CONNECT_S,
            connect_args={"connect_timeout": CONNECT_S},
        )
    except ModuleNotFoundError:
        raise NoSuchDatabase(
            "What PostgreSQL needs is not installed.",
            INSTALL_SERVER,
        ) from None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("addin_writes"):
            connection.execute(text(f"SET LOCAL lock_timeout = {BUSY_MS}"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITERS})"))

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def prepare(
        _connection: Connection, _cursor: Any, statement: str, values: Any, *_more: Any
    ) -> tuple[str, Any]:
        return statement, _without_nul(values)

    return engine


def _without_nul(values: Any) -> Any:
    """PostgreSQL's text holds every character but this one, which people's names never have."""
    if isinstance(values, str):
        return values.replace("\0", "\ufffd")
    if isinstance(values, dict):
        return {name: _without_nul(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return type(values)(_without_nul(value) for value in values)
    return values


def _lower(value: str | None) -> str | None:
    return value.lower() if isinstance(value, str) else value
