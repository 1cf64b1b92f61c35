"""Reviews that a client's parts cannot hand to each other: kept here, under the draft's number.

In Outlook the pane in which a sender answers and the handler that sees Send are different programs,
and what one keeps the other does not always find.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from addin_service.store import times
from addin_service.store.tables import carried
from addin_service.store.upsert import insert


def taken_up(connection: Connection, client: str, carry: str, now: datetime) -> str | None:
    """The newest review that this client left under `carry`; None where there is none."""
    statement = select(carried.c.review).where(
        carried.c.client == client, carried.c.carry == carry, carried.c.until > times.text(now)
    )
    found: str | None = connection.scalar(statement)
    return found


def leave(
    connection: Connection, client: str, carry: str, review: str, now: datetime, until: datetime
) -> None:
    """Keep a review while it is good; it goes over the one before. What is too old goes."""
    connection.execute(delete(carried).where(carried.c.until <= times.text(now)))
    kept = {"review": review, "until": times.text(until)}
    statement = insert(connection, carried).values(client=client, carry=carry, **kept)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["client", "carry"], set_=kept)
    )
