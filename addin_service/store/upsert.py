"""INSERT … ON CONFLICT for both databases: the one statement whose spelling is theirs alone."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> Any:
    """An insert that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
    module = sqlite if connection.dialect.name == "sqlite" else postgresql
    return module.insert(table)
