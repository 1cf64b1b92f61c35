"""Who may send as whom, and what may be done beside: each change leaves a receipt.

Administrators say it, and so does the sign-in, which is asked anew each time. What the one says
the other does not take back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from addin_service.installation import Installation
from addin_service.model import Address, Json
from addin_service.store import people, receipts, times
from addin_service.store.people import Kind, Person

LONGEST_NAME = 200
MOST_MAILBOXES = 50
"""Of what one sign-in may bring."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a sign-in says of a person, once its signature was checked.

    `mailboxes` are their own, in normal form. Where not `complete`, there may be more of them, and
    nothing is taken back.
    """

    issuer: str
    subject: str
    name: str
    mailboxes: tuple[str, ...]
    roles: frozenset[str] | None = None
    """None where this sign-in says nothing of roles."""
    complete: bool = True


def signed_in(installation: Installation, vouched: Vouched) -> Person:
    """The person who signed in, made or brought up to date. Writes only what has changed.

    Whoever an administrator entered by their mailbox alone becomes the person who signs in with
    that mailbox first. Nothing is changed about somebody disabled.
    """
    with installation.store.read() as connection:
        person = people.by_subject(connection, vouched.issuer, vouched.subject)
        if person and (person.disabled or _is_known(connection, person, vouched)):
            return person
    with installation.store.write() as connection:
        return _brought_up_to_date(installation, connection, vouched)


def _is_known(connection: Connection, person: Person, vouched: Vouched) -> bool:
    lost, new = _difference(connection, person, vouched)
    roles = people.roles(connection, person.id, "sign-in")
    same_roles = vouched.roles is None or roles == vouched.roles
    return not lost and not new and same_roles and person.name == _name(vouched)


def _difference(
    connection: Connection, person: Person, vouched: Vouched
) -> tuple[set[str], set[str]]:
    """The mailboxes that the issuer no longer names, and those that it names for the first time."""
    bound = {b.mailbox for b in people.mailboxes(connection, person.id) if b.source == "sign-in"}
    named = set(vouched.mailboxes[:MOST_MAILBOXES])
    return (bound - named if vouched.complete else set()), named - bound


def _brought_up_to_date(
    installation: Installation, connection: Connection, vouched: Vouched
) -> Person:
    now, name = times.now(), _name(vouched)
    person = people.by_subject(connection, vouched.issuer, vouched.subject)
    action = "person-refreshed"
    if person is None:
        entered = _entered_by_hand(connection, vouched.mailboxes)
        person = entered or people.add(connection, vouched.issuer, vouched.subject, name, now)
        action = "person-recognised" if entered else "person-added"
    people.rename(connection, person.id, vouched.issuer, vouched.subject, name)
    if person.disabled:
        return person
    lost, new = _difference(connection, person, vouched)
    for mailbox in lost:
        people.unbind(connection, person.id, mailbox, "sign-in")
    for mailbox in new:
        people.bind(connection, person.id, mailbox, "own", "sign-in", now)
        _taken_over(connection, person, mailbox, vouched.issuer)
    if vouched.roles is not None:
        people.set_roles(connection, person.id, vouched.roles, "sign-in")
    more: dict[str, Json] = {
        "bound": sorted(map(installation.reviewer.hashed, new)),
        "unbound": sorted(map(installation.reviewer.hashed, lost)),
        "roles": sorted(vouched.roles or ()),
    }
    _receipt(installation, connection, action, person.id, more)
    return people.by_id(connection, person.id) or person


def _entered_by_hand(connection: Connection, mailboxes: Iterable[str]) -> Person | None:
    """Whom an administrator entered under one of these mailboxes, and who never signed in."""
    for mailbox in mailboxes:
        if found := people.by_subject(connection, "", mailbox):
            return found
    return None


def _taken_over(connection: Connection, person: Person, mailbox: str, issuer: str) -> None:
    """An address that its issuer gives to somebody else is its former owner's no longer."""
    for other in people.owners(connection, mailbox):
        if other.id != person.id and other.issuer == issuer:
            people.unbind(connection, other.id, mailbox, "sign-in")


def enter(
    installation: Installation, connection: Connection, mailbox: Address, name: str
) -> tuple[Person, bool]:
    """The person whose own mailbox this is, entered where there is none; whether they are new."""
    if found := people.owners(connection, mailbox.key):
        return found[0], False
    now = times.now()
    person = people.add(connection, "", mailbox.key, name[:LONGEST_NAME] or str(mailbox), now)
    people.bind(connection, person.id, mailbox.key, "own", "admin", now)
    _receipt(installation, connection, "person-added", person.id, _about(installation, mailbox.key))
    return person, True


def bind(
    installation: Installation, connection: Connection, person: Person, mailbox: str, kind: Kind
) -> bool:
    """Let a person send as a mailbox, as an administrator says. False where that is so."""
    if not people.bind(connection, person.id, mailbox, kind, "admin", times.now()):
        return False
    more = _about(installation, mailbox) | {"kind": kind}
    _receipt(installation, connection, "mailbox-bound", person.id, more)
    return True


def unbind(
    installation: Installation, connection: Connection, person: Person, mailbox: str
) -> bool:
    """Take a mailbox back. What the sign-in names comes back with the next one."""
    if not people.unbind(connection, person.id, mailbox):
        return False
    _receipt(installation, connection, "mailbox-unbound", person.id, _about(installation, mailbox))
    return True


def disable(
    installation: Installation, connection: Connection, person: Person, undo: bool = False
) -> bool:
    """End a person's access, all their clients' with it, or give it back."""
    if not people.disable(connection, person.id, None if undo else times.now()):
        return False
    action = "person-enabled" if undo else "person-disabled"
    _receipt(installation, connection, action, person.id)
    return True


def give_roles(
    installation: Installation, connection: Connection, person: Person, roles: Collection[str]
) -> bool:
    """All the roles that a person has from administrators."""
    if not people.set_roles(connection, person.id, roles, "admin"):
        return False
    more: dict[str, Json] = {"roles": sorted(roles)}
    _receipt(installation, connection, "person-roles", person.id, more)
    return True


def roles_for(claims: Mapping[str, Sequence[str]], said: Collection[str]) -> frozenset[str]:
    """The roles that a sign-in gives: `claims` has by role the words that give it."""
    return frozenset(role for role, words in claims.items() if set(words) & set(said))


def _name(vouched: Vouched) -> str:
    said = "".join(c for c in vouched.name if c.isprintable()).strip()
    return said[:LONGEST_NAME] or (vouched.mailboxes[0] if vouched.mailboxes else "")


def _about(installation: Installation, mailbox: str) -> dict[str, Json]:
    return {"about": installation.reviewer.hashed(mailbox)}


def _receipt(
    installation: Installation,
    connection: Connection,
    action: str,
    person: str,
    more: Mapping[str, Json] | None = None,
) -> None:
    body: dict[str, Json] = {"action": action, "person": person, **(more or {})}
    now = times.text(times.now())
    receipts.append(connection, installation.reviewer.chain_key, now, "people", body)
