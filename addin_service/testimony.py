"""What a person says about a key and an address: a word, a piece of evidence, a receipt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from addin_service.model import Address, Json
from addin_service.pgp.bindings import Decided, Decision, Method
from addin_service.pgp.certificate import Fingerprint
from addin_service.store import bindings, contacts, evidence, keys, receipts, times
from addin_service.store.evidence import Evidence
from addin_service.store.keys import Kind


class UnknownKey(LookupError):
    """There is no certificate of this fingerprint here."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says about a key and an address.

    `mailbox`: whose word it is, "" for everyone. `by` names the client, `shown` what was on the
    screen when it was said.
    """

    address: Address
    key: Fingerprint
    decision: Decision
    method: Method
    by: str
    mailbox: str = ""
    shown: Mapping[str, Json] = field(default_factory=dict)


def hear(
    connection: Connection,
    chain_key: bytes,
    hashed: Callable[[str], str],
    word: Word,
    now: datetime,
) -> Kind:
    """Store it, and answer what kind of certificate it is about. Raises `UnknownKey`.

    The states that follow are the caller's to derive and to record.
    """
    certificate, kind = keys.one(connection, word.key), keys.kind_of(connection, word.key)
    if certificate is None or kind is None:
        raise UnknownKey
    address = word.address.key
    decided = Decided(
        address,
        word.key,
        word.decision,
        word.method,
        now,
        everyone=not word.mailbox,
        subkeys=frozenset(k.fingerprint for k in certificate.subkeys if k.encrypts),
        organisation=contacts.organisation_of(connection, address),
    )
    bindings.decide(connection, decided, word.mailbox, word.by, kind)
    piece = Evidence(
        word.key, now, word.decision, word.method, word.by, address, word.mailbox, word.shown
    )
    evidence.add(connection, piece)
    body: dict[str, Json] = {
        "action": f"key-{word.decision}",
        "key": hashed(word.key),
        "about": hashed(address),
        "method": word.method,
        "mailbox": hashed(word.mailbox) if word.mailbox else None,
    }
    receipts.append(connection, chain_key, times.text(now), "admin", body)
    return kind
