"""Whose key is it: the state of a binding, derived anew at every send. Pure.

Only a person who saw the fingerprint raises a state; it falls by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from addin_service.pgp.certificate import Certificate, Fingerprint

Decision = Literal["verified", "tofu", "rejected"]
Method = Literal["phone", "in-person", "signed-mail", "officer", "folder"]

DECIDED_BY: Mapping[Method, Decision] = {
    "phone": "verified",
    "in-person": "verified",
    "officer": "verified",
    "folder": "verified",
    # It shows that the mailbox holds the key, not who sits at the mailbox.
    "signed-mail": "tofu",
}


class State(StrEnum):
    """What is known of "this key belongs to this address"."""

    NONE = "none"
    UNVERIFIED = "unverified"
    TOFU = "tofu"
    VERIFIED = "verified"
    CHANGED = "changed"
    CONFLICT = "conflict"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSABLE = "unusable"
    REJECTED = "rejected"


CONFIRMED = frozenset({State.VERIFIED, State.TOFU})
"""The states in which a message may be sealed to the key."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person said about a key and an address.

    `everyone`: said by a key officer or the organisation folder, for all senders; else for the one
    sender whose bindings are being looked at. `subkeys` are the encryption keys it had then.
    """

    address: str
    fingerprint: Fingerprint
    decision: Decision
    method: str
    at: datetime
    everyone: bool
    subkeys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bound:
    """The state of one address, and the certificate that it is about (none, or the one in use)."""

    address: str
    state: State
    certificate: Certificate | None = None
    others: tuple[Certificate, ...] = ()
    """Certificates that claim the same address: what changed, or what conflicts."""


def derive(
    address: str,
    certificates: Iterable[tuple[Certificate, datetime]],
    decisions: Iterable[Decided],
    now: datetime,
) -> Bound:
    """The state of `address` for one sender.

    `certificates` come with the moment they were imported: those that carry the address and those
    that a decision names. `decisions` are those of this sender and those for everyone; of several
    the organisation's counts, and among equals the newest.
    """
    imported = {c.fingerprint: (c, at) for c, at in certificates}
    about = sorted((d for d in decisions if d.address == address), key=lambda d: (d.everyone, d.at))
    word = {decided.fingerprint: decided for decided in about}  # the last one counts
    rejected = {key for key, decided in word.items() if decided.decision == "rejected"}
    accepted = [d for d in about if d.decision != "rejected" and word[d.fingerprint] is d]
    carrying = [
        (c, at)
        for c, at in imported.values()
        if address in c.addresses() and c.fingerprint not in rejected
    ]
    if accepted:
        said = [d for d in about if d.fingerprint == accepted[-1].fingerprint]
        return _bound(accepted[-1], said, imported, carrying, now)
    if not carrying:
        refused = next((imported[key][0] for key in sorted(rejected) if key in imported), None)
        return Bound(address, State.REJECTED if rejected else State.NONE, refused)
    usable = [c for c, _ in carrying if c.condition(now) == "good"]
    if len(usable) > 1:
        return Bound(address, State.CONFLICT, None, tuple(_sorted(usable)))
    if usable:
        return Bound(address, State.UNVERIFIED, usable[0])
    newest = max(carrying, key=lambda pair: (pair[0].created, pair[0].fingerprint))[0]
    return Bound(address, State(newest.condition(now)), newest)


def _bound(
    decided: Decided,
    said: Iterable[Decided],
    imported: Mapping[Fingerprint, tuple[Certificate, datetime]],
    carrying: Iterable[tuple[Certificate, datetime]],
    now: datetime,
) -> Bound:
    """The state where somebody has said yes to a key; `said` is all that was said about it."""
    address = decided.address
    if decided.fingerprint not in imported:
        return Bound(address, State.NONE)
    certificate = imported[decided.fingerprint][0]
    others = tuple(
        _sorted(
            c
            for c, at in carrying
            if c.fingerprint != decided.fingerprint
            and at > decided.at
            and c.condition(now) == "good"
        )
    )
    condition = certificate.condition(now)
    if condition != "good":
        return Bound(address, State(condition), certificate, others)
    withdrawn = any(u.revoked and u.address == address for u in certificate.user_ids)
    if others or (withdrawn and address not in certificate.addresses()):
        return Bound(address, State.CHANGED, certificate, others)
    key = certificate.encryption_key(now)
    seen = [d.decision for d in said if key and key.fingerprint in d.subkeys]
    words = [decision for decision in seen if decision != "rejected"]
    if not words:
        # Another encryption key than any that was confirmed: a person looks again.
        return Bound(address, State.UNVERIFIED, certificate)
    return Bound(address, State(words[-1]), certificate)


def _sorted(certificates: Iterable[Certificate]) -> list[Certificate]:
    return sorted(certificates, key=lambda c: c.fingerprint)
