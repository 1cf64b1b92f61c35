"""The receipts as rows: appended in one place, in one order, durable with the transaction."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, cast, func, select

from addin_service.model import Json
from addin_service.receipts import GENESIS, Row, encode, link
from addin_service.store import sets
from addin_service.store.tables import receipts

_NEWEST = "SELECT seq, hash FROM chain_head WHERE id = 1"
_ADD = "INSERT INTO receipts (seq, at, kind, reference, body, hash) VALUES (?, ?, ?, ?, ?, ?)"
_FIRST = "INSERT INTO chain_head (seq, hash, id) VALUES (?, ?, 1)"
_NEXT = "UPDATE chain_head SET seq = ?, hash = ?"

_TEXTS = ("at", "kind", "reference", "body", "hash")


def append(
    connection: Connection,
    key: bytes,
    at: str,
    kind: str,
    body: Mapping[str, Json],
    reference: str | None = None,
) -> int:
    """Add a receipt to the chain, in the caller's write transaction. Answers its number.

    The row of the head is locked until the transaction ends: that is what makes it a chain on
    PostgreSQL with several workers. On SQLite the write transaction itself does.
    """
    lock = "" if connection.dialect.name == "sqlite" else " FOR UPDATE"
    newest = sets.rows(connection, _NEWEST + lock)
    seq, before = (newest[0][0] + 1, newest[0][1]) if newest else (1, GENESIS)
    text = encode(body)
    digest = link(key, before, seq, at, kind, reference, text)
    add, follow = sets.spelled(connection, _ADD), _NEXT if newest else _FIRST
    sets.rows(connection, add, seq, at, kind, reference, text, digest)
    sets.rows(connection, sets.spelled(connection, follow), seq, digest)
    return seq


def rows(connection: Connection) -> Iterator[Row]:
    """Every receipt in order, read as it is needed."""
    texts: list[ColumnElement[Any]] = [receipts.c[name] for name in _TEXTS]
    if connection.dialect.name == "sqlite":
        # SQLite keeps what is no text in a text column: a row that was damaged so is to be named
        # by who verifies the chain, not to end the reading.
        texts = [cast(column, LargeBinary) for column in texts]
    statement = select(receipts.c.seq, *texts).order_by(receipts.c.seq)
    streamed = connection.execution_options(stream_results=True, yield_per=1000)
    for row in streamed.execute(statement):
        yield Row(row[0], *(_text(value) for value in row[1:]))


def head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the newest receipt, as the database says; (0, GENESIS) for none."""
    found = sets.rows(connection, _NEWEST)
    return (found[0][0], found[0][1]) if found else (0, GENESIS)


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def sealed_to(connection: Connection, key: str) -> tuple[int, str]:
    """How many messages were sealed to a key, by its keyed hash, and when the last one was."""
    statement = select(func.count(), func.max(receipts.c.at)).where(
        receipts.c.kind == "seal", receipts.c.body.contains(f'"{key}"', autoescape=True)
    )
    count, last = connection.execute(statement).one()
    return count, last or ""


def by_reference(connection: Connection, reference: str) -> list[Row]:
    """The receipts that carry this reference, oldest first."""
    statement = select(receipts).where(receipts.c.reference == reference).order_by(receipts.c.seq)
    return [
        Row(row.seq, row.at, row.kind, row.reference, row.body, row.hash)
        for row in connection.execute(statement)
    ]
