"""How each certificate came here, and what was said of it: only ever added to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from addin_service.model import Json
from addin_service.store import times
from addin_service.store.tables import evidence


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of it.

    `event` is `imported` or a decision, `means` the source or the method, `mailbox` whose word it
    is ("" for everyone), `shown` what was on the screen when it was said.
    """

    fingerprint: str
    at: datetime
    event: str
    means: str
    by: str
    address: str = ""
    mailbox: str = ""
    shown: Mapping[str, Json] = field(default_factory=dict)


def add(connection: Connection, piece: Evidence) -> None:
    """Store one piece."""
    connection.execute(
        evidence.insert().values(
            fingerprint=piece.fingerprint,
            address=piece.address,
            mailbox=piece.mailbox,
            at=times.text(piece.at),
            event=piece.event,
            means=piece.means,
            by=piece.by,
            shown=json.dumps(dict(piece.shown), sort_keys=True),
        )
    )


def about(connection: Connection, fingerprint: str) -> list[Evidence]:
    """All of it about one certificate, oldest first."""
    rows = connection.execute(
        select(evidence).where(evidence.c.fingerprint == fingerprint).order_by(evidence.c.number)
    )
    return [
        Evidence(
            row.fingerprint, times.moment(row.at), row.event, row.means, row.by,
            row.address, row.mailbox, json.loads(row.shown),
        )
        for row in rows
    ]  # fmt: skip
