"""Bytes that somebody gave us to `Certificate`. Pure: gpg's own words come in as bytes.

`block` looks at a file before gpg sees it. `certificate` reads gpg's listing of the cleaned
certificate. Both readings, ours and gpg's, must agree.
"""

from dataclasses import replace
from datetime import datetime

from addin_service.pgp import lasting, packets
from addin_service.pgp.armor import Malformed
from addin_service.pgp.blocks import KEY_PARTS, LARGEST, MOST_USER_IDS, block
from addin_service.pgp.certificate import Certificate, UserId
from addin_service.pgp.listing import Listed, listed, unescaped
from addin_service.pgp.not_a_certificate import PROBLEMS, NotACertificate
from addin_service.pgp.packets import Packet
from addin_service.pgp.userids import user_id

__all__ = (
    "LARGEST",
    "MOST_USER_IDS",
    "PROBLEMS",
    "NotACertificate",
    "block",
    "certificate",
    "is_whole",
    "revoked_at",
    "unescaped",
)


def certificate(cleaned: bytes, listing: bytes) -> Certificate:
    """The certificate of which gpg exported `cleaned` and printed `listing` (with colons).

    Raises `NotACertificate`.
    """
    found = listed(listing)
    try:
        own = list(packets.walk(cleaned))
    except Malformed:
        raise NotACertificate("disagree") from None
    if not found.names:
        raise NotACertificate("no-user-id")
    if not _agree(found, own):
        raise NotACertificate("disagree")
    primary = found.keys[0].key
    names = found.names
    if primary.revoked:  # gpg then calls every user ID revoked
        withdrawn = lasting.withdrawn_names(own)
        names = tuple((raw, raw in withdrawn) for raw, _ in names)
    passing = lasting.passing_names(own)
    return Certificate(
        fingerprint=primary.fingerprint,
        created=primary.created,
        expires=primary.expires,
        revoked=lasting.revocation(own) if primary.revoked else "",
        user_ids=tuple(_user_id(raw, revoked, raw in passing) for raw, revoked in names),
        subkeys=tuple(each.key for each in found.keys),
        data=cleaned,
        problem=lasting.problem(own, found.keys),
    )


def is_whole(certificate: Certificate) -> bool:
    """Whether `data` is one public key with this fingerprint and only what belongs to it.

    A keyring may also hold gpg's own notes on which signatures it has checked; not in here.
    """
    try:
        own = list(packets.walk(certificate.data))
    except Malformed:
        return False
    primaries = [packets.key_fingerprint(p.body) for p in own if p.tag == packets.PUBLIC_KEY]
    return primaries == [certificate.fingerprint] and {p.tag for p in own} <= KEY_PARTS


def revoked_at(certificate: Certificate) -> datetime | None:
    """When the whole key was revoked, as its owner dated it; None where it was not, or undated."""
    return lasting.revoked_at(list(packets.walk(certificate.data))) if certificate.revoked else None


def _user_id(raw: bytes, revoked: bool, passing: bool) -> UserId:
    found = user_id(raw, revoked)
    return replace(found, address=None) if passing else found


def _agree(found: Listed, own: list[Packet]) -> bool:
    """Whether gpg lists the very keys and user IDs that we see, the primary key first."""
    keys = [
        packets.key_fingerprint(p.body)
        for p in own
        if p.tag in (packets.PUBLIC_KEY, packets.PUBLIC_SUBKEY)
    ]
    names = sorted(p.body for p in own if p.tag == packets.USER_ID)
    return (
        bool(found.keys)
        and found.keys[0].kind == b"pub"
        and [each.key.fingerprint for each in found.keys] == keys
        and sorted(raw for raw, _ in found.names) == names
    )
