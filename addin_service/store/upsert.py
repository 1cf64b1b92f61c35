"""What SQLite and PostgreSQL spell differently: INSERT … ON CONFLICT, and the order of texts."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> Any:
    """An insert that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
    module = sqlite if connection.dialect.name == "sqlite" else postgresql
    return module.insert(table)


def in_one_order(connection: Connection, column: Column[str]) -> ColumnElement[str]:
    """The column to order by: character by character, not as a language orders its words."""
    return column.collate("BINARY" if connection.dialect.name == "sqlite" else "C")
