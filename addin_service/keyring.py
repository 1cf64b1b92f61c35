"""What people do with keys: bring one in, say whose it is, say no. Each leaves a receipt."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from addin_service.model import Address, Json
from addin_service.pgp.bindings import DECIDED_BY, Bound, Decided, Decision, Method, derive
from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.pgp.gpg import Gpg
from addin_service.pgp.merging import merged
from addin_service.review import Reviewer
from addin_service.store import keys, receipts, times


class UnknownKey(LookupError):
    """There is no certificate of this fingerprint here."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A certificate that was brought in, and the state of each address it is evidence for."""

    certificate: Certificate
    new: bool
    states: tuple[Bound, ...]


def bring_in(reviewer: Reviewer, data: bytes) -> Imported:
    """Store one public certificate. Raises `pgp.reading.NotACertificate`, `StoreUnavailable`.

    It binds nothing by itself: a person has to say whose it is.
    """
    certificate = reviewer.sealer.gpg.read(data)
    now = reviewer.now()
    with reviewer.store.write() as connection:
        certificate, new = take_in(connection, reviewer.sealer.gpg, certificate, "import", now)
        if new:
            _receipt(reviewer, connection, "key-imported", certificate.fingerprint, "", now)
        states = tuple(
            state(connection, address, now) for address in sorted(certificate.addresses())
        )
    return Imported(certificate, new, states)


def take_in(
    connection: Connection, gpg: Gpg, given: Certificate, source: str, now: datetime
) -> tuple[Certificate, bool]:
    """Store a certificate, or add to the one that is here: an old copy takes nothing back.

    Answers what is here then, and whether that is new.
    """
    present = keys.one(connection, given.fingerprint)
    whole = merged(present.data, given.data) if present else given.data
    if present and whole == present.data:
        return present, False
    certificate = gpg.read(whole) if present else given
    return certificate, keys.put(connection, certificate, source, now)


def say(
    reviewer: Reviewer,
    address: Address,
    key: Fingerprint,
    decision: Decision,
    method: Method,
    by: str,
    mailbox: str = "",
) -> Bound:
    """Store what a person says about a key and an address, for everyone or for one mailbox.

    Raises `UnknownKey`. Answers the state that follows.
    """
    now = reviewer.now()
    with reviewer.store.write() as connection:
        certificate = keys.one(connection, key)
        if certificate is None:
            raise UnknownKey
        decided = Decided(
            address.key,
            key,
            decision,
            method,
            now,
            everyone=not mailbox,
            subkeys=frozenset(k.fingerprint for k in certificate.subkeys if k.encrypts),
        )
        keys.decide(connection, decided, mailbox, by)
        _receipt(reviewer, connection, f"key-{decision}", key, address.key, now)
        return state(connection, address.key, now, mailbox)


def confirm(
    reviewer: Reviewer, address: Address, key: Fingerprint, method: Method, by: str, mailbox: str
) -> Bound:
    """Somebody compared this key with its owner."""
    return say(reviewer, address, key, DECIDED_BY[method], method, by, mailbox)


def state(connection: Connection, address: str, now: datetime, mailbox: str = "") -> Bound:
    """The state of one address at this moment."""
    certificates, decisions = keys.about(connection, [address], mailbox)
    return derive(address, certificates, decisions, now)


def _receipt(
    reviewer: Reviewer,
    connection: Connection,
    action: str,
    key: Fingerprint,
    address: str,
    now: datetime,
) -> None:
    body: dict[str, Json] = {"action": action, "key": reviewer.hashed(key)}
    if address:
        body["about"] = reviewer.hashed(address)
    receipts.append(connection, reviewer.chain_key, times.text(now), "admin", body)
