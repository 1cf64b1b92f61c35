"""The sender's own address book: whom their mail programs have in it, per mailbox."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, delete, func, select, true, update

from addin_service.model import Address, Contact
from addin_service.store import history
from addin_service.store.tables import book, mailboxes
from addin_service.store.upsert import in_one_order, insert


def put(
    connection: Connection,
    mailbox: str,
    client: str,
    names: Mapping[str, str],
    listing: str = "",
) -> int:
    """Enter addresses (normal forms) with their names; answers how many were new or changed.

    `listing` is the client's number of the complete list that they stand in.
    """
    if not names:
        return 0
    history.ensure(connection, mailbox)
    here = (book.c.mailbox == mailbox) & (book.c.client == client)
    rows = connection.execute(select(book.c.address, book.c.name).where(here))
    held = {row.address: row.name for row in rows}
    statement = insert(connection, book)
    values = {"name": statement.excluded.name, "listing": statement.excluded.listing}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["mailbox", "client", "address"], set_=values
        ),
        [
            {
                "mailbox": mailbox, "client": client, "address": address, "name": name,
                "listing": listing,
            }
            for address, name in sorted(names.items())
        ],
    )  # fmt: skip
    changed = [address for address, name in names.items() if held.get(address) != name]
    if changed:
        _note(connection, mailbox)
    return len(changed)


def take_out(connection: Connection, mailbox: str, addresses: Iterable[str]) -> int:
    """Take these addresses out, whichever program entered them; answers how many were there."""
    wanted = sorted(set(addresses))
    gone = 0
    for at in range(0, len(wanted), 500):
        gone += _removed(connection, mailbox, book.c.address.in_(wanted[at : at + 500]))
    return gone


def close(connection: Connection, mailbox: str, client: str, listing: str) -> int:
    """What this client had and its complete list has not is gone; answers how many these are."""
    stale = (book.c.client == client) & (book.c.listing != listing)
    return _removed(connection, mailbox, stale)


def forget(connection: Connection, mailbox: str) -> int:
    """Forget the whole address book of this mailbox; answers how many rows that were."""
    return _removed(connection, mailbox, true())


def of(connection: Connection, mailbox: str) -> list[Contact]:
    """Whom the address book has. Of several names of one address the last in order is taken."""
    order = (book.c.address, in_one_order(connection, book.c.name))
    rows = connection.execute(
        select(book.c.address, book.c.name).where(book.c.mailbox == mailbox).order_by(*order)
    )
    found: dict[str, Contact] = {}
    for address, name in rows:
        local, _, domain = address.rpartition("@")
        found[address] = Contact(Address(local, domain), name, booked=True)
    return list(found.values())


def count(connection: Connection, mailbox: str) -> int:
    """How many addresses are in the address book."""
    statement = select(func.count(book.c.address.distinct())).where(book.c.mailbox == mailbox)
    return connection.scalar(statement) or 0


def _removed(connection: Connection, mailbox: str, which: ColumnElement[bool]) -> int:
    gone = connection.execute(delete(book).where(book.c.mailbox == mailbox, which)).rowcount
    if gone:
        _note(connection, mailbox)
    return gone


def _note(connection: Connection, mailbox: str) -> None:
    """Whoever holds what the mailbox knows has to read the book anew."""
    risen = history.raised(connection, mailbox)
    connection.execute(update(mailboxes).where(mailboxes.c.address == mailbox).values(book=risen))
