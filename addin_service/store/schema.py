"""Bringing a database to the form that this version reads, or refusing it with the way out."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from addin_service.store.engine import Store, StoreUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"


class NewerDatabase(Exception):
    """The database was made by a newer version of this program."""


def upgrade(store: Store) -> None:
    """Apply what is missing. Raises `NewerDatabase`, or `StoreUnavailable`."""
    with store.write() as connection:
        upgrade_within(connection)


def upgrade_within(connection: Connection) -> None:
    """The same, in a write transaction that is open. Raises `NewerDatabase`."""
    known = revisions()
    current = revision(connection)
    if current == known[-1]:
        return
    if current is not None and current not in known:
        raise NewerDatabase
    # Only here: it takes a fifth of a second to load, and is needed once per version.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def revisions() -> list[str]:
    """The revisions that this program knows, oldest first: what the files' names begin with."""
    return sorted(file.name[:4] for file in (MIGRATIONS / "versions").glob("0*.py"))


def revision(connection: Connection) -> str | None:
    """The revision that the database has; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def careless(store: Store) -> list[str]:
    """The settings of PostgreSQL by which it may say "written" before anything is on the disk."""
    if store.is_sqlite:
        return []
    with store.read() as connection:
        return [
            name
            for name in ("fsync", "full_page_writes", "synchronous_commit")
            if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off"
        ]


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
