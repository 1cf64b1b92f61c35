"""What people do with keys: bring one in, say whose it is, say no. Each leaves a receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from addin_service import testimony, transitions
from addin_service.asking import Letter
from addin_service.asking import letter as compose
from addin_service.model import Address, Json
from addin_service.pgp.bindings import CONFIRMED, DECIDED_BY, Bound, Method
from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.pgp.gpg import Gpg
from addin_service.pgp.merging import merged
from addin_service.review import Reviewer
from addin_service.sources.offer import Source
from addin_service.store import bindings, contacts, evidence, keys, receipts, times
from addin_service.store.evidence import Evidence
from addin_service.store.keys import Kind
from addin_service.testimony import UnknownKey, Word

__all__ = ["Imported", "Source", "UnknownKey", "Word", "bring_in", "confirm", "say", "state"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A certificate that was brought in, and the state of each address it is evidence for."""

    certificate: Certificate
    new: bool
    states: tuple[Bound, ...]


def bring_in(reviewer: Reviewer, data: bytes, source: Source = "file", by: str = "cli") -> Imported:
    """Store one public certificate. Raises `pgp.reading.NotACertificate`, `StoreUnavailable`.

    It binds nothing by itself: a person has to say whose it is.
    """
    return store(reviewer, reviewer.sealer.gpg.read(data), source, by)


def store(
    reviewer: Reviewer,
    given: Certificate,
    source: Source,
    by: str = "cli",
    kind: Kind = "openpgp",
) -> Imported:
    """Store a certificate that was read already."""
    now = reviewer.now()
    with reviewer.store.write() as connection:
        certificate, new = take_in(connection, reviewer.sealer.gpg, given, source, now, kind)
        if new:
            body: dict[str, Json] = {
                "action": "key-imported",
                "key": reviewer.hashed(certificate.fingerprint),
            }
            receipts.append(connection, reviewer.chain_key, times.text(now), "admin", body)
            piece = Evidence(certificate.fingerprint, now, "imported", source, by)
            evidence.add(connection, piece)
        states = _states(reviewer, connection, certificate.addresses(), "", now, kind)
    return Imported(certificate, new, states)


def take_in(
    connection: Connection,
    gpg: Gpg,
    given: Certificate,
    source: str,
    now: datetime,
    kind: Kind = "openpgp",
) -> tuple[Certificate, bool]:
    """Store a certificate, or add to the one that is here: an old copy takes nothing back.

    Answers what is here then, and whether that is new.
    """
    present = keys.one(connection, given.fingerprint)
    if present is None or kind == "smime":
        return given, keys.put(connection, given, source, now, kind)
    whole = merged(present.data, given.data)
    if whole == present.data:
        return present, False
    certificate = gpg.read(whole)
    return certificate, keys.put(connection, certificate, source, now)


def say(reviewer: Reviewer, word: Word) -> Bound:
    """Store what a person says about a key and an address. Raises `UnknownKey`.

    Answers the state that follows.
    """
    now = reviewer.now()
    with reviewer.store.write() as connection:
        kind = testimony.hear(connection, reviewer.chain_key, reviewer.hashed, word, now)
        return _states(reviewer, connection, [word.address.key], word.mailbox, now, kind)[0]


def confirm(
    reviewer: Reviewer, address: Address, key: Fingerprint, method: Method, by: str, mailbox: str
) -> Bound:
    """Somebody compared this key with its owner."""
    return say(reviewer, Word(address, key, DECIDED_BY[method], method, by, mailbox))


def state(
    connection: Connection,
    address: str,
    now: datetime,
    mailbox: str = "",
    stale_after_days: int | None = None,
    kind: Kind = "openpgp",
) -> Bound:
    """The state of one address at this moment."""
    known = bindings.known(connection, [address], mailbox, now, stale_after_days, kind)
    return known.bound(address, contacts.organisation_of(connection, address))


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks whom for a key. A name that is not given is looked up in the directory."""

    person: Address
    name: str = ""
    sender: Address | None = None
    sender_name: str = ""


def letter(reviewer: Reviewer, asking: Asking) -> tuple[Letter, bool]:
    """The mail that asks for a key, and whether it names a confirmed key of the sender."""
    with reviewer.store.read() as connection:
        name = asking.name or contacts.name_of(connection, asking.person.key)
        own = _own(connection, asking.sender, reviewer.now()) if asking.sender else None
    signed = asking.sender_name or (str(asking.sender) if asking.sender else "")
    organisation = reviewer.policies.current().organisation.name
    return compose(name, signed, organisation, own), own is not None


def _own(connection: Connection, sender: Address, now: datetime) -> Fingerprint | None:
    bound = state(connection, sender.key, now, sender.key)
    if bound.state not in CONFIRMED or bound.certificate is None:
        return None
    return bound.certificate.fingerprint


def _states(
    reviewer: Reviewer,
    connection: Connection,
    addresses: Iterable[str],
    mailbox: str,
    now: datetime,
    kind: Kind,
) -> tuple[Bound, ...]:
    """The states of these addresses, with a receipt of what has changed."""
    stale = reviewer.policies.current().keys.stale_after_days
    found = tuple(
        state(connection, address, now, mailbox, stale, kind) for address in sorted(set(addresses))
    )
    transitions.record(connection, reviewer.chain_key, reviewer.hashed, found, mailbox, now, kind)
    return found
