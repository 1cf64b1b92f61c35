"""Every row of one database into another one, SQLite or PostgreSQL, in the transactions given.

Nothing here knows which tables there are: they come from `store.tables`.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, String, Table, delete, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from addin_service.store.tables import metadata
from addin_service.transfer.online import plainly
from addin_service.transfer.problems import DAMAGED, NotMoved

BATCH = 5_000
"""Rows that are in memory at a time."""

Told = Callable[[int, int], None]
"""Hears how many rows are there, and of how many."""

More = Callable[[int], None]


def is_empty(connection: Connection) -> bool:
    """Whether there is no table at all, ours or anybody's."""
    return not inspect(connection).get_table_names()


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in metadata.sorted_tables
    }


def copy(
    source: Connection, target: Connection, told: Told = lambda _done, _all: None
) -> dict[str, int]:
    """Copy every table; answers how many rows each one has now, counted in the target.

    The target has the tables, and what a fresh one has in them is replaced. Raises `NotMoved` for
    a value that the target cannot hold, and for a copy with fewer or more rows than the source.
    """
    wanted = counts(source)
    total, done = sum(wanted.values()), 0

    def more(rows: int) -> None:
        nonlocal done
        done += rows
        told(done, total)

    for table in reversed(metadata.sorted_tables):
        target.execute(delete(table))
    for table in metadata.sorted_tables:
        try:
            _copy_table(source, target, table, more)
        except DBAPIError as error:
            raise _refused(table, error.orig) from None
        except target.dialect.loaded_dbapi.Error as error:
            raise _refused(table, error) from None
    there = counts(target)
    if there != wanted:
        raise NotMoved("The copy has not the same rows.", "Try again.", fault="record")
    return there


def _refused(table: Table, error: BaseException | None) -> NotMoved:
    if isinstance(error, sqlite3.Error) and isinstance(told := plainly(error), NotMoved):
        return told
    # The driver's own text can hold the row.
    return NotMoved(
        f"The table {table.name} could not be copied ({type(error).__name__}).",
        "Is there room, and does the other database answer? `addin-service doctor` looks at ours.",
        "machine",
    )


def _copy_table(source: Connection, target: Connection, table: Table, more: More) -> None:
    batches = _batches(source, table)
    if target.dialect.name == "sqlite":
        for batch in batches:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            marks = ", ".join("?" for _ in table.columns)
            statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608
            target.exec_driver_sql(statement, batch)
            more(len(batch))
        return
    _into_postgresql(target, table, batches, more)


def _batches(source: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    statement = select(*table.columns)
    streamed = source.execution_options(stream_results=True, yield_per=BATCH)
    for batch in streamed.execute(statement).partitions():
        yield [tuple(row) for row in batch]


def _into_postgresql(
    target: Connection, table: Table, batches: Iterator[list[tuple[Any, ...]]], more: More
) -> None:
    """By COPY, which is three times as fast as INSERT."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    texts = [n for n, column in enumerate(table.columns) if isinstance(column.type, String)]
    cursor: Any = target.connection.cursor()
    try:
        with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as out:
            for batch in batches:
                for row in _plain(batch, texts, table) if texts else batch:
                    out.write_row(row)
                more(len(batch))
    finally:
        cursor.close()
    _number_on(target, table)
    target.execute(text(f'ANALYZE "{table.name}"'))


def _plain(
    batch: Sequence[tuple[Any, ...]], texts: Sequence[int], table: Table
) -> Iterator[Sequence[Any]]:
    """The rows as PostgreSQL can hold them: see `engine._without_nul`."""
    for row in batch:
        for n in texts:
            value = row[n]
            if value.__class__ is str:
                if "\0" in value:
                    row = (*row[:n], value.replace("\0", "\ufffd"), *row[n + 1 :])
            elif value is not None:  # SQLite keeps in a text column whatever it is given
                raise NotMoved(f"A row of {table.name} is no text.", DAMAGED, fault="record")
        yield row


def _number_on(target: Connection, table: Table) -> None:
    """Let the next row that is numbered by PostgreSQL follow the last one that was copied."""
    column = table.autoincrement_column
    if column is None:
        return
    place = {"table": f'"{table.name}"', "column": column.name}
    found = text("SELECT pg_get_serial_sequence(:table, :column)")
    sequence = target.scalar(found, place)
    highest = target.scalar(select(func.max(column)))
    if sequence and highest:
        target.execute(text("SELECT setval(:sequence, :highest)"), {
            "sequence": sequence, "highest": highest,
        })  # fmt: skip
