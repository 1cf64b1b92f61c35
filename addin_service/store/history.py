"""What a mailbox has done: with whom it exchanged mail, and what its owner answered for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, case, delete, func, select, update

from addin_service import addresses
from addin_service.model import Address, Contact, Keep
from addin_service.profile import MOST_MESSAGES, Message
from addin_service.store import times
from addin_service.store.tables import (
    correspondents,
    keeps,
    mailboxes,
    messages,
    seen_messages,
)
from addin_service.store.upsert import insert


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that passed: `message` is a keyed hash by which it is counted once.

    `words` and `thread` are keyed hashes too (`profile.hashed_words`); of heard mail they are not
    kept.
    """

    message: str
    direction: Literal["sent", "heard"]
    people: tuple[tuple[Address, str], ...]
    at: datetime
    words: tuple[str, ...] = ()
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a mailbox has been read: its revision, its newest message, its last rewriting."""

    revision: int = 0
    number: int = 0
    rewritten: int = 0


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
    sent: list[Mail] = []
    before = 0
    for mail in mails:
        if mail.message in seen:
            before += 1
            continue
        seen.add(mail.message)
        fresh.append({"mailbox": mailbox, "message": mail.message})
        if mail.direction == "sent":
            sent.append(mail)
        for address, name in mail.people:
            _count(tally, address, name, mail)
    if fresh:
        connection.execute(insert(connection, seen_messages), fresh)
    if fresh:
        risen = _raise(connection, mailbox)
        for key, counted in tally.items():
            _add(connection, mailbox, key, counted, risen)
        if sent:
            _rewrite(connection, mailbox, sent, risen)
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
    risen = _raise(connection, mailbox)
    for key, counted in tally.items():
        _add(connection, mailbox, key, counted, risen)
    if mail.direction == "sent":
        _append(connection, mailbox, mail)
    return True


def position(connection: Connection, mailbox: str) -> Position:
    """Where the mailbox is now; all zero for an unknown one."""
    newest = select(func.max(messages.c.number)).where(messages.c.mailbox == mailbox)
    row = connection.execute(
        select(mailboxes.c.revision, newest.scalar_subquery(), mailboxes.c.rewritten).where(
            mailboxes.c.address == mailbox
        )
    ).first()
    return Position(row[0], row[1] or 0, row[2]) if row else Position()


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


def _raise(connection: Connection, mailbox: str) -> int:
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
    rows = [dict(row._mapping) for row in old] + [_row(mailbox, 0, mail) for mail in fresh]
    rows.sort(key=lambda row: row["at"])
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
    }


def _count(tally: dict[str, dict[str, object]], address: Address, name: str, mail: Mail) -> None:
    counted = tally.setdefault(address.key, {"name": "", "sent": 0, "heard": 0})
    counted[mail.direction] = int(str(counted[mail.direction])) + 1
    counted["name"] = name or counted["name"]
    column = f"last_{mail.direction}"
    counted[column] = max(str(counted.get(column, "")), times.text(mail.at))


def _add(
    connection: Connection, mailbox: str, key: str, counted: dict[str, object], risen: int
) -> None:
    row = correspondents.c
    statement = insert(connection, correspondents).values(
        mailbox=mailbox, address=key, changed=risen, **counted
    )
    changes: dict[str, object] = {
        "changed": risen,
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
