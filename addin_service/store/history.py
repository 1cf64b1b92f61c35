"""What a mailbox has done: with whom it exchanged mail, and what its owner answered for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from addin_service import addresses
from addin_service.model import Address, Contact, Keep
from addin_service.profile import MOST_MESSAGES, Message
from addin_service.store import doubles, sets, times
from addin_service.store.mails import Mail as Mail
from addin_service.store.tables import (
    correspondents,
    keeps,
    mailboxes,
    messages,
    seen_messages,
)
from addin_service.store.upsert import insert

# As text: to make such a statement takes SQLAlchemy longer than the database takes to run it, and
# everybody who sends meanwhile waits.
_ADD = """
INSERT INTO correspondents AS old
  (mailbox, address, changed, name, named, sent, heard, last_sent, last_heard)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (mailbox, address) DO UPDATE SET
  changed = excluded.changed,
  sent = old.sent + excluded.sent,
  heard = old.heard + excluded.heard,
  last_sent = CASE WHEN old.last_sent IS NULL OR old.last_sent < excluded.last_sent
    THEN excluded.last_sent ELSE old.last_sent END,
  last_heard = CASE WHEN old.last_heard IS NULL OR old.last_heard < excluded.last_heard
    THEN excluded.last_heard ELSE old.last_heard END,
  name = CASE WHEN excluded.named IS NULL THEN old.name
    WHEN old.named IS NULL OR old.named < excluded.named THEN excluded.name
    WHEN old.named = excluded.named AND old.name COLLATE ORDER < excluded.name COLLATE ORDER
    THEN excluded.name ELSE old.name END,
  named = CASE WHEN old.named IS NULL OR old.named < excluded.named
    THEN excluded.named ELSE old.named END
"""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a mailbox has been read: its revision, its newest message, its last rewriting.

    `book` is the revision of its address book.
    """

    revision: int = 0
    number: int = 0
    rewritten: int = 0
    book: int = 0


def learn(connection: Connection, mailbox: str, mails: Iterable[Mail]) -> tuple[int, int]:
    """Count these mails for the mailbox; answers (counted, counted before).

    The order in which mails are learned, and in how many steps, makes no difference.
    """
    ensure(connection, mailbox)
    given = list(mails)
    seen = _seen(connection, mailbox, (mail.message for mail in given))
    new: dict[str, Mail] = {}
    for mail in given:
        if mail.message not in seen:
            new.setdefault(mail.message, mail)
    if not new:
        return 0, len(given)
    rows = [{"mailbox": mailbox, "message": message} for message in new]
    connection.execute(insert(connection, seen_messages), rows)
    fresh = doubles.without_reported(connection, mailbox, list(new.values()))
    if fresh:
        tally: dict[str, dict[str, object]] = {}
        for mail in fresh:
            for address, name in mail.people:
                _count(tally, address, name, mail)
        risen = raised(connection, mailbox)
        _add(connection, mailbox, tally, risen)
        if sent := [mail for mail in fresh if mail.direction == "sent"]:
            _rewrite(connection, mailbox, sent, risen)
    return len(fresh), len(given) - len(fresh)


def learn_one(connection: Connection, mailbox: str, mail: Mail) -> bool:
    """Count one mail, as after every send; False where it was counted before, by any name."""
    ensure(connection, mailbox)
    given = dict.fromkeys((mail.message, *mail.also))
    seen = _seen(connection, mailbox, given)
    if new := [{"mailbox": mailbox, "message": name} for name in given if name not in seen]:
        connection.execute(insert(connection, seen_messages), new)
    if seen:
        return False
    tally: dict[str, dict[str, object]] = {}
    for address, name in mail.people:
        _count(tally, address, name, mail)
    risen = raised(connection, mailbox)
    _add(connection, mailbox, tally, risen)
    if mail.direction == "sent":
        _append(connection, mailbox, mail)
    return True


def position(connection: Connection, mailbox: str) -> Position:
    """Where the mailbox is now; all zero for an unknown one."""
    newest = select(func.max(messages.c.number)).where(messages.c.mailbox == mailbox)
    row = connection.execute(
        select(
            mailboxes.c.revision,
            newest.scalar_subquery(),
            mailboxes.c.rewritten,
            mailboxes.c.book,
        ).where(mailboxes.c.address == mailbox)
    ).first()
    return Position(row[0], row[1] or 0, row[2], row[3]) if row else Position()


def _seen(connection: Connection, mailbox: str, names: Iterable[str]) -> set[str]:
    """Which of these were counted before."""
    where = sets.spelled(connection, "SELECT message FROM seen_messages WHERE mailbox = ?")
    statement = f"{where} AND {sets.among(connection, 'message')}"
    found = sets.rows(connection, statement, mailbox, sets.packed(connection, set(names)))
    return {message for (message,) in found}


def messages_after(connection: Connection, mailbox: str, number: int = 0) -> list[Message]:
    """What the mailbox sent after the message of this number, oldest first."""
    rows = connection.execute(
        select(messages.c.people, messages.c.words, messages.c.thread)
        .where(messages.c.mailbox == mailbox, messages.c.number > number)
        .order_by(messages.c.number)
    )
    return [Message(tuple(p.split(" ")), tuple(w.split(" ")), thread) for p, w, thread in rows]


def correspondents_of(connection: Connection, mailbox: str, after: int = -1) -> list[Contact]:
    """Those with whom this mailbox has exchanged mail, changed after this revision."""
    rows = connection.execute(
        select(correspondents).where(
            correspondents.c.mailbox == mailbox, correspondents.c.changed > after
        )
    )
    found = []
    for row in rows:
        local, _, domain = row.address.rpartition("@")
        found.append(Contact(Address(local, domain), row.name, sent=row.sent, heard=row.heard))
    return found


def remember(connection: Connection, mailbox: str, kept: Iterable[Keep], now: datetime) -> None:
    """Store answers; a newer one of the same kind takes the place of the older."""
    kept = list(kept)
    if not kept:
        return
    ensure(connection, mailbox)
    for keep in kept:
        values = {"given": times.text(now), "until": times.text(keep.until)}
        connection.execute(
            insert(connection, keeps)
            .values(
                mailbox=mailbox, kind=keep.kind, key=keep.key, sensitive=keep.sensitive, **values
            )
            .on_conflict_do_update(
                index_elements=["mailbox", "kind", "key", "sensitive"], set_=values
            )
        )
    raised(connection, mailbox)


def kept_by(connection: Connection, mailbox: str, now: datetime) -> list[Keep]:
    """The answers of this mailbox that still count."""
    rows = connection.execute(
        select(keeps).where(keeps.c.mailbox == mailbox, keeps.c.until > times.text(now))
    )
    return [Keep(row.kind, row.key, row.sensitive, times.moment(row.until)) for row in rows]


def revision(connection: Connection, mailbox: str) -> int:
    """Rises with every change of this mailbox's history and answers; 0 for an unknown one."""
    statement = select(mailboxes.c.revision).where(mailboxes.c.address == mailbox)
    return connection.scalar(statement) or 0


def ensure(connection: Connection, mailbox: str) -> None:
    """Make the mailbox known, where it is not."""
    addresses.parse(mailbox)
    statement = insert(connection, mailboxes).values(address=mailbox, revision=0)
    connection.execute(statement.on_conflict_do_nothing())


def raised(connection: Connection, mailbox: str) -> int:
    """Raise the revision; answers the new one."""
    return int(
        connection.execute(
            update(mailboxes)
            .where(mailboxes.c.address == mailbox)
            .values(revision=mailboxes.c.revision + 1)
            .returning(mailboxes.c.revision)
        ).scalar_one()
    )


def _append(connection: Connection, mailbox: str, mail: Mail) -> None:
    """One more message; the oldest of too many is forgotten."""
    number = position(connection, mailbox).number + 1
    connection.execute(insert(connection, messages).values(_row(mailbox, number, mail)))
    connection.execute(
        delete(messages).where(
            messages.c.mailbox == mailbox, messages.c.number <= number - MOST_MESSAGES
        )
    )


def _rewrite(connection: Connection, mailbox: str, fresh: Iterable[Mail], risen: int) -> None:
    """Put the messages in the order of their times: imported ones are mostly older."""
    here = messages.c.mailbox == mailbox
    old = connection.execute(select(messages).where(here).order_by(messages.c.number))
    rows = [dict(row._mapping) for row in old]
    oldest = rows[0]["at"] if len(rows) >= MOST_MESSAGES else ""
    entering = [row for mail in fresh if (row := _row(mailbox, 0, mail))["at"] >= oldest]
    if not entering:
        return
    rows += entering
    rows.sort(key=lambda row: (row["at"], row["people"], row["words"], row["thread"]))
    connection.execute(delete(messages).where(here))
    newest = rows[-MOST_MESSAGES:]
    for number, row in enumerate(newest, 1):
        row["number"] = number
    connection.execute(insert(connection, messages), newest)
    connection.execute(
        update(mailboxes).where(mailboxes.c.address == mailbox).values(rewritten=risen)
    )


def _row(mailbox: str, number: int, mail: Mail) -> dict[str, Any]:
    return {
        "mailbox": mailbox,
        "number": number,
        "at": times.text(mail.at),
        "people": " ".join(dict.fromkeys(address.key for address, _ in mail.people)),
        "words": " ".join(mail.words),
        "thread": mail.thread,
        "nameless": mail.nameless or None,
    }


def _count(tally: dict[str, dict[str, object]], address: Address, name: str, mail: Mail) -> None:
    counted = tally.setdefault(address.key, {"name": "", "sent": 0, "heard": 0})
    counted[mail.direction] = int(str(counted[mail.direction])) + 1
    at, column = times.text(mail.at), f"last_{mail.direction}"
    if name and (at, name) > (str(counted.get("named", "")), str(counted["name"])):
        counted["name"], counted["named"] = name, at
    counted[column] = max(str(counted.get(column, "")), at)


def _add(
    connection: Connection, mailbox: str, tally: Mapping[str, Mapping[str, object]], risen: int
) -> None:
    """Add what was counted to what is known of each correspondent."""
    columns = ("name", "named", "sent", "heard", "last_sent", "last_heard")
    rows = [
        (mailbox, address, risen, *(counted.get(column) for column in columns))
        for address, counted in tally.items()
    ]
    if rows:
        order = "BINARY" if connection.dialect.name == "sqlite" else '"C"'
        connection.exec_driver_sql(sets.spelled(connection, _ADD.replace("ORDER", order)), rows)
