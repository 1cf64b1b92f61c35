"""What a newer copy of a certificate says that the stored one does not. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from addin_service.pgp.certificate import Certificate, Subkey
from addin_service.pgp.display import grouped

What = Literal[
    "revoked", "expiry", "key-added", "key-expiry", "key-revoked", "name-added", "name-revoked",
    "other-key", "signatures",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `text` is for people; the names in it are safe to show."""

    what: What
    text: str


def between(stored: Certificate, newer: Certificate) -> tuple[Change, ...]:
    """What is new in `newer`, which is `stored` with something added; the gravest first."""
    found = (*_revocation(stored, newer), *_expiry(stored, newer), *_keys(stored, newer))
    found = (*found, *_names(stored, newer))
    if not found and stored.data != newer.data:
        return (Change("signatures", "signed again by its owner, with nothing changed"),)
    return found


def another(offered: Certificate) -> Change:
    """Another key is offered for an address to which one is bound."""
    return Change(
        "other-key",
        f"another key, made {_day(offered.created)}: {grouped(offered.fingerprint)}",
    )


def _revocation(stored: Certificate, newer: Certificate) -> Iterator[Change]:
    if newer.revoked and newer.revoked != stored.revoked:
        yield Change(
            "revoked",
            "its owner has withdrawn the key because it is out of use"
            if newer.revoked == "soft"
            else "its owner has withdrawn the key; somebody else may hold it",
        )


def _expiry(stored: Certificate, newer: Certificate) -> Iterator[Change]:
    if newer.expires != stored.expires:
        yield Change("expiry", f"it is good until {_end(newer.expires)}, no longer "
                     f"until {_end(stored.expires)}")  # fmt: skip


def _keys(stored: Certificate, newer: Certificate) -> Iterator[Change]:
    before = {key.fingerprint: key for key in stored.subkeys}
    for key in newer.subkeys:
        was = before.get(key.fingerprint)
        if was is None:
            state = ", withdrawn already" if key.revoked else ""
            yield Change("key-added", f"a new {_kind(key)} key, made {_day(key.created)}{state}")
        elif key.revoked and not was.revoked and not newer.revoked:
            yield Change("key-revoked", f"its {_kind(key)} key of {_day(key.created)} is withdrawn")
        elif key.expires != was.expires and key.fingerprint != newer.fingerprint:
            yield Change(
                "key-expiry",
                f"its {_kind(key)} key of {_day(key.created)} is good until {_end(key.expires)}",
            )


def _names(stored: Certificate, newer: Certificate) -> Iterator[Change]:
    before = {user.text: user.revoked for user in stored.user_ids}
    for user in newer.user_ids:
        if user.text not in before:
            state = ", withdrawn already" if user.revoked else ""
            yield Change("name-added", f"a new name{state}: {user.text}")
        elif user.revoked and not before[user.text]:
            yield Change("name-revoked", f"a name is withdrawn: {user.text}")


def _kind(key: Subkey) -> str:
    return "encryption" if key.encrypts else "signing"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _end(moment: datetime | None) -> str:
    return _day(moment) if moment else "no end"
