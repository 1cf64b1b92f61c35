"""Small facts about the data itself, by name."""

from sqlalchemy import Connection, select

from addin_service.store import sets
from addin_service.store.tables import settings
from addin_service.store.upsert import insert

CONTACTS_REVISION = "contacts.revision"


def read(connection: Connection, name: str, default: str = "") -> str:
    """The fact of this name."""
    value = connection.scalar(select(settings.c.value).where(settings.c.name == name))
    return default if value is None else str(value)


def write(connection: Connection, name: str, value: str) -> None:
    """Set the fact of this name."""
    statement = insert(connection, settings).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )


def numbers(connection: Connection, *names: str) -> tuple[int, ...]:
    """The facts of these names as numbers, 0 where there is none."""
    statement = f"SELECT name, value FROM settings WHERE {sets.among(connection, 'name')}"  # noqa: S608
    found = dict(sets.rows(connection, statement, sets.packed(connection, names)))
    return tuple(int(found.get(name, 0)) for name in names)


def raise_number(connection: Connection, name: str, by: int = 1) -> int:
    """Add to a number; answers what it is now."""
    (value,) = numbers(connection, name)
    write(connection, name, str(value + by))
    return value + by


def contacts_revision(connection: Connection) -> int:
    """Rises with every change of the contacts: what was read at one revision holds for it."""
    return numbers(connection, CONTACTS_REVISION)[0]


def raise_contacts_revision(connection: Connection) -> None:
    """To be called in the transaction that changes contacts."""
    raise_number(connection, CONTACTS_REVISION)
