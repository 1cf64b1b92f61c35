"""What staff ask the helpdesk to allow."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from addin_service.model import Address
from addin_service.store import times
from addin_service.store.tables import requests


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `state` is open, granted or refused."""

    id: str
    entry: str
    address: str
    mailbox: str
    client: str
    reason: str
    asked: str
    state: str
    decided: str | None


def ask(
    connection: Connection, address: Address, mailbox: str, client: str, reason: str, now: datetime
) -> str:
    """Store a request and answer its id; asking again while one is open gives the same id."""
    same = select(requests.c.id).where(
        requests.c.entry == address.key,
        requests.c.mailbox == mailbox,
        requests.c.state == "open",
    )
    if found := connection.scalar(same):
        return str(found)
    request_id = uuid.uuid4().hex
    connection.execute(
        requests.insert().values(
            id=request_id, entry=address.key, address=str(address), mailbox=mailbox,
            client=client, reason=reason, asked=times.text(now), state="open",
        )
    )  # fmt: skip
    return request_id


def listed(connection: Connection, state: str | None = None) -> list[Request]:
    """Requests, the oldest first; of one state only where it is given."""
    statement = select(requests).order_by(requests.c.asked)
    if state:
        statement = statement.where(requests.c.state == state)
    return [Request(**row._mapping) for row in connection.execute(statement)]


def decide(connection: Connection, request_id: str, state: str, now: datetime) -> Request | None:
    """Close an open request; None where there is none of this id."""
    statement = update(requests).where(requests.c.id == request_id, requests.c.state == "open")
    if not connection.execute(statement.values(state=state, decided=times.text(now))).rowcount:
        return None
    row = connection.execute(select(requests).where(requests.c.id == request_id)).one()
    return Request(**row._mapping)
