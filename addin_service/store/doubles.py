"""Mails whose headers come after they were reported without their Message-ID: counted once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from addin_service.store import times
from addin_service.store.mails import Mail
from addin_service.store.tables import messages

APART = timedelta(minutes=10)
"""Between the date of a mail and the report that it was sent. Our own judgement: a report comes
within seconds of Send, but a slow server or a clock that is wrong may lie between."""


def without_reported(connection: Connection, mailbox: str, mails: Sequence[Mail]) -> list[Mail]:
    """Those of these mails that no report without a Message-ID can have been about.

    The same people, the same thread, the time near: each report stands for one mail.
    """
    reported = _reported(connection, mailbox)
    if not reported:
        return list(mails)
    left: list[Mail] = []
    for mail in mails:
        about = (frozenset(address.key for address, _ in mail.people), mail.thread)
        waiting = reported.get(about, []) if mail.direction == "sent" else []
        near = [one for one in waiting if abs(one[0] - mail.at) <= APART]
        if not near:
            left.append(mail)
            continue
        closest = min(near, key=lambda one: abs(one[0] - mail.at))
        waiting.remove(closest)
        found = (messages.c.mailbox == mailbox) & (messages.c.number == closest[1])
        connection.execute(update(messages).where(found).values(nameless=None))
    return left


def _reported(
    connection: Connection, mailbox: str
) -> dict[tuple[frozenset[str], str], list[tuple[datetime, int]]]:
    """Time and number of each report, by people and thread."""
    rows = connection.execute(
        select(messages).where(messages.c.mailbox == mailbox, messages.c.nameless.is_(True))
    )
    found: dict[tuple[frozenset[str], str], list[tuple[datetime, int]]] = defaultdict(list)
    for row in rows:
        about = (frozenset(row.people.split(" ")), row.thread)
        found[about].append((times.moment(row.at), row.number))
    return dict(found)
