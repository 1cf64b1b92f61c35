"""What the helpdesk does: allow, block, remove, grant. Each change leaves a receipt."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from sqlalchemy import Connection

from addin_service import addresses
from addin_service.installation import Installation
from addin_service.language import Words, say, say_n
from addin_service.model import Json
from addin_service.store import contacts, persons, receipts, requests, times
from addin_service.store.contacts import Entry


class NotAnEntry(ValueError):
    """What was given cannot be an entry of the allowlist; `hint` says what can."""

    def __init__(self, message: Words, hint: Words) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def entry(
    given: str,
    name: str = "",
    organisation: str = "",
    status: str = "known",
    reason: str = "",
    expires: str | None = None,
    owner: str = "",
) -> Entry:
    """An entry from what a person typed: an address, or `@domain`. Raises `NotAnEntry`."""
    try:
        last_day = date.fromisoformat(expires) if expires else None
    except ValueError:
        raise NotAnEntry(
            say("That is not a day."), say("Write the expiry as 2027-03-31.")
        ) from None
    try:
        if given.startswith("@"):
            domain = addresses.ascii_domain(given[1:])
            if "." not in domain:
                raise NotAnEntry(
                    say("A whole ending such as .uk cannot be an entry."),
                    say("Name the organisation's domain, such as @chambers.example."),
                )
            key, written = f"@{domain}", ""
        else:
            address = addresses.parse(given)
            key, written = address.key, str(address)
    except addresses.NotAnAddress as refusal:
        raise NotAnEntry(
            say("That is not an address: {reason}.", reason=addresses.PROBLEMS[refusal.problem]),
            say("Write it as name@chambers.example, or @chambers.example for everybody there."),
        ) from None
    return Entry(
        key, name, organisation, status, reason, owner, last_day, written, source="helpdesk"
    )


def put(installation: Installation, new: Entry, client: str) -> str:
    """Add or change an entry; answers its id."""
    with installation.store.write() as connection:
        contacts.put(connection, [new], times.now())
        _receipt(installation, connection, "contact-" + new.status, new.entry, client)
        return contacts.id_of(connection, new)


def remove(installation: Installation, contact_id: str, client: str) -> bool:
    """Remove an entry; False where there is none that may be removed."""
    with installation.store.write() as connection:
        removed = contacts.remove(connection, contact_id)
        if removed:
            _receipt(installation, connection, "contact-removed", contact_id, client)
        return removed


def same_person(
    installation: Installation, given: Sequence[str], client: str, undo: bool = False
) -> int:
    """Say that these addresses are accounts of one person; with `undo`, of nobody else.

    Answers how many rows that changed; what is said again changes nothing. Raises `NotAnEntry`.
    """
    keys = list(dict.fromkeys(entry(one).entry for one in given))
    if any(key.startswith("@") for key in keys):
        raise NotAnEntry(
            say("A whole domain is nobody's account."),
            say("Name addresses, such as name@chambers.example."),
        )
    if len(keys) < 2 and not undo:
        raise NotAnEntry(
            say("That is one address."),
            say("Name two or more, all of which belong to the same person."),
        )
    with installation.store.write() as connection:
        if unknown := persons.missing(connection, keys):
            raise NotAnEntry(
                say_n(
                    "{count} of these addresses is not among the contacts.",
                    "{count} of these addresses are not among the contacts.",
                    len(unknown),
                ),
                say("Enter each with `addin-service contacts add ADDRESS` first."),
            )
        changed = (persons.part if undo else persons.join)(connection, keys)
        if changed:
            action = "contacts-apart" if undo else "contacts-same-person"
            _receipt(installation, connection, action, keys[0], client, keys[1:])
        return changed


def decide_request(
    installation: Installation,
    request_id: str,
    state: Literal["granted", "refused"],
    reason: str,
    expires: str | None,
    client: str,
    owner: str,
) -> bool:
    """Close a request; a granted one becomes an entry. False where there is no open one."""
    with installation.store.write() as connection:
        decided = requests.decide(connection, request_id, state, times.now())
        if decided is None:
            return False
        if state == "granted":
            allowed = entry(
                decided.address, reason=reason or decided.reason, expires=expires, owner=owner
            )
            contacts.put(connection, [allowed], times.now())
        _receipt(installation, connection, f"request-{state}", decided.entry, client)
        return True


def _receipt(
    installation: Installation,
    connection: Connection,
    action: str,
    about: str,
    client: str,
    others: Sequence[str] = (),
) -> None:
    body: dict[str, Json] = {
        "action": action,
        "about": installation.reviewer.hashed(about),
        "client": client,
    }
    if others:
        body["others"] = [installation.reviewer.hashed(one) for one in others]
    receipts.append(
        connection, installation.reviewer.chain_key, times.text(times.now()), "admin", body
    )
