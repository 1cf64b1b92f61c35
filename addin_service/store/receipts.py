"""The receipts as rows: appended in one place, in one order, durable with the transaction."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, cast, select

from addin_service.model import Json
from addin_service.receipts import GENESIS, Row, encode, link
from addin_service.store.tables import chain_head, receipts

# Made once: making a statement takes longer than the database takes to run it.
_NEWEST = select(chain_head.c.seq, chain_head.c.hash).where(chain_head.c.id == 1)
_LOCKED = _NEWEST.with_for_update()
_ADD = receipts.insert()
_FIRST = chain_head.insert()
_NEXT = chain_head.update()

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
    head = connection.execute(_LOCKED).one_or_none()
    seq, before = (head.seq + 1, head.hash) if head else (1, GENESIS)
    text = encode(body)
    digest = link(key, before, seq, at, kind, reference, text)
    row = {"seq": seq, "at": at, "kind": kind, "reference": reference, "body": text, "hash": digest}
    connection.execute(_ADD, row)
    if head:
        connection.execute(_NEXT, {"seq": seq, "hash": digest})
    else:
        connection.execute(_FIRST, {"id": 1, "seq": seq, "hash": digest})
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
    found = connection.execute(_NEWEST).one_or_none()
    return (found.seq, found.hash) if found else (0, GENESIS)


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def by_reference(connection: Connection, reference: str) -> list[Row]:
    """The receipts that carry this reference, oldest first."""
    statement = select(receipts).where(receipts.c.reference == reference).order_by(receipts.c.seq)
    return [
        Row(row.seq, row.at, row.kind, row.reference, row.body, row.hash)
        for row in connection.execute(statement)
    ]
