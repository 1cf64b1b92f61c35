"""Bringing a database to the form that this version reads, or refusing it with the way out."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from addin_service.store.engine import Store, StoreUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"


class NewerDatabase(Exception):
    """The database was made by a newer version of this program."""


def upgrade(store: Store) -> None:
    """Apply what is missing. Raises `NewerDatabase`, or `StoreUnavailable`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    with store.write() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == script.get_current_head():
            return
        if current is not None and current not in {r.revision for r in script.walk_revisions()}:
            raise NewerDatabase
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def problem(store: Store) -> str:
    """What is wrong with the file itself, in SQLite's words; empty when it is sound."""
    if not store.is_sqlite:
        return ""
    try:
        with store.read() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    except StoreUnavailable as unavailable:
        return unavailable.kind
    return "" if said == "ok" else "damaged"
