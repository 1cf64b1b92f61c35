"""What a mailbox has done: with whom it exchanged mail, and what its owner answered for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, case, select, update

from addin_service import addresses
from addin_service.model import Address, Contact, Keep
from addin_service.store import times
from addin_service.store.tables import correspondents, keeps, mailboxes, seen_messages
from addin_service.store.upsert import insert


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that passed: `message` is a keyed hash by which it is counted once."""

    message: str
    direction: Literal["sent", "heard"]
    people: tuple[tuple[Address, str], ...]
    at: datetime


def learn(connection: Connection, mailbox: str, mails: Iterable[Mail]) -> tuple[int, int]:
    """Count these mails for the mailbox; answers (counted, seen before)."""
    _ensure(connection, mailbox)
    seen = set(
        connection.scalars(
            select(seen_messages.c.message).where(seen_messages.c.mailbox == mailbox)
        )
    )
    tally: dict[str, dict[str, object]] = {}
    fresh: list[dict[str, str]] = []
    before = 0
    for mail in mails:
        if mail.message in seen:
            before += 1
            continue
        seen.add(mail.message)
        fresh.append({"mailbox": mailbox, "message": mail.message})
        for address, name in mail.people:
            _count(tally, address, name, mail)
    if fresh:
        connection.execute(insert(connection, seen_messages), fresh)
    for key, counted in tally.items():
        _add(connection, mailbox, key, counted)
    if fresh:
        _raise(connection, mailbox)
    return len(fresh), before


def learn_one(connection: Connection, mailbox: str, mail: Mail) -> bool:
    """Count one mail, as after every send; False where it was counted before."""
    _ensure(connection, mailbox)
    statement = insert(connection, seen_messages).values(mailbox=mailbox, message=mail.message)
    counted = statement.on_conflict_do_nothing().returning(seen_messages.c.message)
    if connection.scalar(counted) is None:
        return False
    tally: dict[str, dict[str, object]] = {}
    for address, name in mail.people:
        _count(tally, address, name, mail)
    for key, counted in tally.items():
        _add(connection, mailbox, key, counted)
    _raise(connection, mailbox)
    return True


def correspondents_of(connection: Connection, mailbox: str) -> list[Contact]:
    """Everyone this mailbox has exchanged mail with."""
    rows = connection.execute(select(correspondents).where(correspondents.c.mailbox == mailbox))
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
    _ensure(connection, mailbox)
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
    _raise(connection, mailbox)


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


def _ensure(connection: Connection, mailbox: str) -> None:
    addresses.parse(mailbox)
    statement = insert(connection, mailboxes).values(address=mailbox, revision=0)
    connection.execute(statement.on_conflict_do_nothing())


def _raise(connection: Connection, mailbox: str) -> None:
    connection.execute(
        update(mailboxes)
        .where(mailboxes.c.address == mailbox)
        .values(revision=mailboxes.c.revision + 1)
    )


def _count(tally: dict[str, dict[str, object]], address: Address, name: str, mail: Mail) -> None:
    counted = tally.setdefault(address.key, {"name": "", "sent": 0, "heard": 0})
    counted[mail.direction] = int(str(counted[mail.direction])) + 1
    counted["name"] = name or counted["name"]
    column = f"last_{mail.direction}"
    counted[column] = max(str(counted.get(column, "")), times.text(mail.at))


def _add(connection: Connection, mailbox: str, key: str, counted: dict[str, object]) -> None:
    row = correspondents.c
    statement = insert(connection, correspondents).values(mailbox=mailbox, address=key, **counted)
    changes: dict[str, object] = {
        "sent": row.sent + statement.excluded.sent,
        "heard": row.heard + statement.excluded.heard,
    }
    for name in ("last_sent", "last_heard"):
        if name in counted:
            new = statement.excluded[name]
            changes[name] = case((row[name] > new, row[name]), else_=new)
    if counted["name"]:
        changes["name"] = counted["name"]
    connection.execute(
        statement.on_conflict_do_update(index_elements=["mailbox", "address"], set_=changes)
    )
