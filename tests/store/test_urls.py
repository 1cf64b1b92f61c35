"""What stands in ADDIN_SERVICE_DATABASE: used, or refused in words that do not repeat it."""

import importlib
import os
import subprocess
import sys

import pytest

from addin_service.settings import Settings
from addin_service.store.engine import NoSuchDatabase, Store


@pytest.mark.parametrize(
    "url", ["mysql://ann:secret@db.example/x", "nonsense", "postgresql", "://", ""]
)
def test_another_database_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(NoSuchDatabase) as refusal:
        Store(url)
    assert "secret" not in f"{refusal.value} {refusal.value.hint}"
    assert "postgresql://" in refusal.value.hint


def test_a_missing_driver_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, *more: object) -> object:
        raise ModuleNotFoundError(name)

    monkeypatch.setitem(sys.modules, "psycopg", None)
    dialect = importlib.import_module("sqlalchemy.dialects.postgresql.psycopg")
    monkeypatch.setattr(dialect.PGDialect_psycopg, "import_dbapi", classmethod(missing))
    with pytest.raises(NoSuchDatabase) as refusal:
        Store("postgresql://nobody@db.example/x")
    assert "requirements-server.txt" in refusal.value.hint


def test_the_command_says_so_too(settings: Settings) -> None:
    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
    done = subprocess.run(
        [sys.executable, "-m", "addin_service", *place, "client", "list"],
        env={**os.environ, "ADDIN_SERVICE_DATABASE": "mysql://ann:secret@db.example/x"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "SQLite or PostgreSQL" in done.stderr
    assert "secret" not in done.stderr
