"""Small facts about the data itself, by name."""

from sqlalchemy import Connection, select

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


def contacts_revision(connection: Connection) -> int:
    """Rises with every change of the contacts: what was read at one revision holds for it."""
    return int(read(connection, CONTACTS_REVISION, "0"))


def raise_contacts_revision(connection: Connection) -> None:
    """To be called in the transaction that changes contacts."""
    write(connection, CONTACTS_REVISION, str(contacts_revision(connection) + 1))
