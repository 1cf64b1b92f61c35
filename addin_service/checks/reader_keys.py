"""Does each reader have a key of which somebody knows that it is theirs?"""

import hashlib
from collections.abc import Iterator

from addin_service.model import Context, Draft, Finding, Reader, Recipient
from addin_service.pgp.certificate import fingerprint
from addin_service.pgp.display import confirm_positions

ACCEPTED = ("verified", "tofu")

SAID = {
    "none": (
        "key.missing",
        "There is no key for {who}, so this cannot be sealed for them.",
        "Ask them for their public key and give it to your helpdesk, or send this another way "
        "that your organisation allows.",
    ),
    "unverified": (
        "key.unconfirmed",
        "Nobody has checked yet that this key belongs to {who}.",
        "Phone them, on a number that you have from elsewhere, and let them read the groups of "
        "four of their key's fingerprint that are asked for here.",
    ),
    "changed": (
        "key.changed",
        "Another key turned up for {who} than the one that was confirmed.",
        "Do not send yet. Ask {who} by phone which is right; your helpdesk then confirms it.",
    ),
    "conflict": (
        "key.conflict",
        "Several keys claim to belong to {who}.",
        "Your helpdesk settles it: `addin-service keys confirm {address} FINGERPRINT` after asking "
        "them by phone.",
    ),
    "expired": (
        "key.expired",
        "The key of {who} has run out.",
        "Ask them for the renewed key and give it to your helpdesk.",
    ),
    "revoked": (
        "key.revoked",
        "The key of {who} was withdrawn by its owner.",
        "Ask them for their new key, by phone: the old one may be in other hands.",
    ),
    "rejected": (
        "key.rejected",
        "Somebody decided that this key does not belong to {who}.",
        "Ask your helpdesk for the right key.",
    ),
    "unusable": (
        "key.unusable",
        "The key of {who} cannot be used here.",
        "It is of a kind that this installation does not read, or cannot encrypt. Ask them for "
        "another one.",
    ),
}
"""State of a binding to code, sentence, and the way out."""


def reader_keys(draft: Draft, context: Context) -> Iterator[Finding]:
    """One finding for each recipient whose key is not confirmed; an own copy is not asked for."""
    by_key = {recipient.key: recipient for recipient in draft.recipients}
    for reader in context.readers:
        if reader.state not in ACCEPTED and reader.key in by_key:
            yield _finding(reader, by_key[reader.key], draft)


def _finding(reader: Reader, about: Recipient, draft: Draft) -> Finding:
    code, message, advice = SAID[reader.state]
    words = {"who": reader.called, "address": str(reader.address)}
    unconfirmed = reader.fingerprint if code == "key.unconfirmed" else None
    return Finding(
        code,
        1.0,
        message.format(**words),
        advice.format(**words),
        about=about,
        rule=reader.state,
        facts={"name": reader.name, "organisation": reader.organisation}
        | ({"positions": list(_positions(reader, draft))} if unconfirmed else {}),
        basis=(reader.fingerprint or "", reader.state),
        expects=(unconfirmed,) if unconfirmed else (),
    )


def _positions(reader: Reader, draft: Draft) -> tuple[int, ...]:
    """Which groups are asked for: the same as long as the question is the same."""
    key = fingerprint(reader.fingerprint or "")
    seed = f"{draft.sender.key}\n{reader.key}\n{key}".encode()
    return confirm_positions(hashlib.sha256(seed).digest())
