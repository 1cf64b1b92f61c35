"""Who may send in a department: people, the mailboxes they may send as, their roles."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, select, update

from addin_service.store import sets, times, upsert
from addin_service.store.tables import people, person_mailboxes, person_roles

Kind = Literal["own", "delegated", "shared"]
Source = Literal["sign-in", "admin"]
KINDS: tuple[Kind, ...] = ("own", "delegated", "shared")

_MAY_SEND = "SELECT 1 FROM person_mailboxes WHERE person = ? AND mailbox = ? LIMIT 1"
_HAS_ROLE = "SELECT 1 FROM person_roles WHERE person = ? AND role = ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may send, as the issuer of their sign-in names them.

    `issuer` is empty while only an administrator has named them; `subject` is then their mailbox.
    """

    id: str
    issuer: str
    subject: str
    name: str
    created: str
    disabled: str | None


@dataclass(frozen=True, slots=True)
class Bound:
    """A mailbox, in normal form, as which somebody may send, and who said so."""

    mailbox: str
    kind: Kind
    source: Source


def add(connection: Connection, issuer: str, subject: str, name: str, now: datetime) -> Person:
    """A new person, or the one who is there already under this issuer's name."""
    new = Person(uuid.uuid4().hex, issuer, subject, name, times.text(now), None)
    connection.execute(
        upsert.insert(connection, people)
        .values(id=new.id, issuer=issuer, subject=subject, name=name, created=new.created)
        .on_conflict_do_nothing()
    )
    return by_subject(connection, issuer, subject) or new


def by_subject(connection: Connection, issuer: str, subject: str) -> Person | None:
    """The person whom this issuer names so."""
    return _one(connection, (people.c.issuer == issuer) & (people.c.subject == subject))


def by_id(connection: Connection, person: str) -> Person | None:
    """The person of this id."""
    return _one(connection, people.c.id == person)


def owners(connection: Connection, mailbox: str) -> list[Person]:
    """The people whose own mailbox this is, the oldest first."""
    owned = select(person_mailboxes.c.person).where(
        person_mailboxes.c.mailbox == mailbox, person_mailboxes.c.kind == "own"
    )
    return _all(connection, people.c.id.in_(owned))


def everyone(connection: Connection) -> list[Person]:
    """All people, the oldest first."""
    return _all(connection, None)


def rename(connection: Connection, person: str, issuer: str, subject: str, name: str) -> None:
    """Give a person this name, as the issuer's `subject`."""
    changed = update(people).where(people.c.id == person)
    connection.execute(changed.values(issuer=issuer, subject=subject, name=name))


def disable(connection: Connection, person: str, now: datetime | None) -> bool:
    """End all access of a person, or with None give it back. False where that changes nothing."""
    is_so = people.c.disabled.is_(None) if now else people.c.disabled.is_not(None)
    changed = update(people).where(people.c.id == person, is_so)
    return bool(connection.execute(changed.values(disabled=now and times.text(now))).rowcount)


def bind(
    connection: Connection, person: str, mailbox: str, kind: Kind, source: Source, now: datetime
) -> bool:
    """Let a person send as a mailbox. False where the same was said before."""
    if Bound(mailbox, kind, source) in mailboxes(connection, person):
        return False
    connection.execute(
        upsert.insert(connection, person_mailboxes)
        .values(person=person, mailbox=mailbox, kind=kind, source=source, created=times.text(now))
        .on_conflict_do_update(index_elements=["person", "mailbox", "source"], set_={"kind": kind})
    )
    return True


def unbind(connection: Connection, person: str, mailbox: str, source: Source | None = None) -> bool:
    """Take a mailbox back, whoever gave it or only as one source said. False: it was not there."""
    gone = delete(person_mailboxes).where(
        person_mailboxes.c.person == person, person_mailboxes.c.mailbox == mailbox
    )
    if source:
        gone = gone.where(person_mailboxes.c.source == source)
    return bool(connection.execute(gone).rowcount)


def mailboxes(connection: Connection, person: str) -> list[Bound]:
    """As whom a person may send, own mailboxes first."""
    statement = select(
        person_mailboxes.c.mailbox, person_mailboxes.c.kind, person_mailboxes.c.source
    ).where(person_mailboxes.c.person == person)
    found = [Bound(*row) for row in connection.execute(statement)]
    return sorted(found, key=lambda b: (KINDS.index(b.kind), b.mailbox, b.source))


def may_send_as(connection: Connection, person: str, mailbox: str) -> bool:
    """Whether a mailbox, in normal form, is one of this person's. Asked at every check."""
    statement = sets.spelled(connection, _MAY_SEND)
    return bool(sets.rows(connection, statement, person, _sound(mailbox)))


def roles(connection: Connection, person: str, source: Source | None = None) -> frozenset[str]:
    """What a person may be beside a sender; with `source`, only as that one says."""
    statement = select(person_roles.c.role).where(person_roles.c.person == person)
    if source:
        statement = statement.where(person_roles.c.source == source)
    return frozenset(connection.scalars(statement))


def has_role(connection: Connection, person: str, role: str) -> bool:
    """Whether a person has this role now, whoever gave it."""
    return bool(sets.rows(connection, sets.spelled(connection, _HAS_ROLE), person, role))


def set_roles(connection: Connection, person: str, wanted: Iterable[str], source: Source) -> bool:
    """The roles that one source gives a person, all of them. False where nothing changed."""
    new, old = frozenset(wanted), roles(connection, person, source)
    if new == old:
        return False
    connection.execute(
        delete(person_roles).where(person_roles.c.person == person, person_roles.c.source == source)
    )
    for role in sorted(new):
        connection.execute(person_roles.insert().values(person=person, role=role, source=source))
    return True


def _sound(text: str) -> str:
    return text.replace("\0", "\ufffd")  # what PostgreSQL has no character for


def _one(connection: Connection, condition: object) -> Person | None:
    found = _all(connection, condition)
    return found[0] if found else None


def _all(connection: Connection, condition: object) -> list[Person]:
    statement = select(people).order_by(people.c.created, people.c.id)
    if condition is not None:
        statement = statement.where(condition)  # type: ignore[arg-type]
    return [Person(**row._mapping) for row in connection.execute(statement)]
