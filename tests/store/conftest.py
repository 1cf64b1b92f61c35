"""Both databases: an SQLite file, and a throwaway PostgreSQL server on a socket of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from addin_service.store import schema
from addin_service.store.engine import Store, sqlite_url
from tests.store.server import postgres

__all__ = ["postgres"]

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, on each of the two."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "record.db")
        return
    with request.getfixturevalue("postgres").fresh() as fresh:
        yield fresh


@pytest.fixture
def empty(url: str) -> Iterator[Store]:
    """A database without tables."""
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def store(empty: Store) -> Store:
    """A database as a fresh installation has it."""
    schema.upgrade(empty)
    return empty
