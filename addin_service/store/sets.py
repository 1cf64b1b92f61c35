"""Statements given to the driver as they are, and many values as one parameter of them.

For what every check asks: SQLAlchemy's part takes longer there than the database's.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from addin_service.store.engine import StoreUnavailable


def spelled(connection: Connection, statement: str) -> str:
    """A statement with `?` for its parameters as this driver wants it."""
    return statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")


def among(connection: Connection, column: str) -> str:
    """The condition that `column` is one of the values of one parameter, see `packed`."""
    if connection.dialect.name == "sqlite":
        return f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608
    return f"{column} = ANY(%s)"


def rows(connection: Connection, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement answers; nothing for one that only writes.

    Raises `StoreUnavailable`, as everything between the ends of a transaction does.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []
    except connection.dialect.loaded_dbapi.Error as error:
        raise StoreUnavailable(type(error).__name__) from None
    finally:
        cursor.close()


def packed(connection: Connection, values: Iterable[Any]) -> Any:
    """The parameter of `among`."""
    return json.dumps(list(values)) if connection.dialect.name == "sqlite" else list(values)
