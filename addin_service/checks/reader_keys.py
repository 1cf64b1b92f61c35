"""Does each reader have a key of which somebody knows that it is theirs?"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from addin_service.language import Words, day, paragraph, say, template
from addin_service.model import Context, Draft, Finding, Json, Reader, Recipient
from addin_service.pgp.certificate import fingerprint
from addin_service.pgp.display import confirm_positions
from addin_service.shapes import Way

ACCEPTED = ("verified", "tofu", "stale", "updated", "passphrase")
"""States in which a message may be sealed; two of them are asked about when it is sensitive."""

FAINT = 0.4
"""Score of what is a quiet line on ordinary mail, and a question on sensitive mail."""

_COMPARE = template(
    "Phone them, on a number that you have from elsewhere, and let them read the groups of four of "
    "their key's fingerprint that are asked for here."
)
_HELPDESK = template(
    "Your helpdesk settles it: `addin-service keys confirm {address} FINGERPRINT` after asking "
    "them by phone."
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said about a state: code, sentence, the way out. `compare`: groups are asked for."""

    code: str
    message: str
    advice: str
    score: float = 1.0
    compare: bool = False


SAID: Mapping[str, Said] = {
    "none": Said(
        "key.missing",
        template("There is no key for {who}, so this cannot be sealed for them."),
        template("Ask them for their public key and give it to your helpdesk."),
    ),
    "unverified": Said(
        "key.unconfirmed",
        template("Nobody has checked yet that this key belongs to {who}."),
        _COMPARE,
        compare=True,
    ),
    "tofu": Said(
        "key.unconfirmed",
        template("The key of {who} was accepted, and never compared with them."),
        _COMPARE,
        FAINT,
        compare=True,
    ),
    "stale": Said(
        "key.stale",
        template("The key of {who} was compared on {since}: long enough ago to do it again."),
        _COMPARE,
        FAINT,
        compare=True,
    ),
    "stale moved": Said(
        "key.stale",
        template("{who} has changed organisation since their key was compared on {since}."),
        _COMPARE,
        FAINT,
        compare=True,
    ),
    "updated": Said(
        "key.updated",
        template("The confirmed key of {who} has a new part, which the key itself has signed."),
        template("There is nothing to do: it is renewed like this when it would run out."),
        FAINT,
    ),
    "changed": Said(
        "key.changed",
        template("Another key turned up for {who} than the one that was confirmed."),
        template(
            "Do not send yet. Ask {who} by phone which is right; your helpdesk then confirms it."
        ),
    ),
    "changed withdrawn": Said(
        "key.changed",
        template("{who} has withdrawn this address from the key that was confirmed."),
        template("Ask {who} by phone which key is right; your helpdesk then confirms it."),
    ),
    "conflict": Said("key.conflict", template("Several keys claim to belong to {who}."), _HELPDESK),
    "expired": Said(
        "key.expired",
        template("The key of {who} has run out."),
        template("Ask them for the renewed key and give it to your helpdesk."),
    ),
    "revoked": Said(
        "key.revoked",
        template("The key of {who} was withdrawn by its owner."),
        template(
            "Ask them for their new key, by phone: the old one may be in other hands, and so may "
            "what was sealed to it before. Tell your helpdesk."
        ),
    ),
    "revoked replaced": Said(
        "key.revoked",
        template("{who} has stopped using the key that is here."),
        template("Ask them for their new key and give it to your helpdesk."),
    ),
    "rejected": Said(
        "key.rejected",
        template("Somebody decided that this key does not belong to {who}."),
        template("Ask your helpdesk for the right key."),
    ),
    "unusable": Said(
        "key.unusable",
        template("The key of {who} cannot be used here."),
        template(
            "It is of a kind that this installation does not read, or cannot encrypt. Ask them for "
            "another one."
        ),
    ),
}
"""What is said about the state of a binding, or about a state for one reason of several."""

_STOPS = frozenset(f"key.{name}" for name in ("missing", "expired", "revoked", "unusable"))
"""Where another way is offered: nobody doubts the person, there is only no key for them."""

_WAYS: Mapping[Way, Words] = {
    "smime": say("Everybody here has an S/MIME certificate: it can be sealed with those."),
    "zip": say(
        "Or send it as a protected ZIP file, and read its passphrase out to them on the phone."
    ),
}
_SUCCESSOR = say("A newer key of theirs is here already: your helpdesk can confirm it.")
_ARCHIVE = template("What is sealed is also sealed for {who}, and that key cannot be used.")
_MEND = say(
    "Only your helpdesk can mend it: the key of the archive has to be confirmed for everyone."
)


def reader_keys(draft: Draft, context: Context) -> Iterator[Finding]:
    """One finding for each reader whose key raises a question; an own copy is not asked for."""
    if context.format == "zip":
        return
    by_key = {recipient.key: recipient for recipient in draft.recipients}
    for reader in context.readers:
        if reader.is_archive and reader.state not in ACCEPTED:
            yield _archive(reader)
        elif reader.state != "verified" and reader.key in by_key:
            yield _finding(reader, by_key[reader.key], draft, context.ways)


def _finding(reader: Reader, about: Recipient, draft: Draft, ways: Sequence[Way]) -> Finding:
    said = SAID.get(f"{reader.state} {reader.why}") or SAID[reader.state]
    words = {
        "who": reader.called,
        "address": str(reader.address),
        "since": day(reader.since) if reader.since else say("an earlier day"),
    }
    compared = reader.fingerprint if said.compare else None
    known = said.code == "key.updated" and reader.noticed
    facts: dict[str, Json] = {"name": reader.name, "organisation": reader.organisation}
    if compared:
        facts["positions"] = list(_positions(reader, draft))
    advice = [say(said.advice, **words)]
    if said.code in _STOPS:
        facts["ways"] = list(ways)
        advice += [_WAYS[way] for way in ways if way in _WAYS]
    if said.code in ("key.expired", "key.revoked") and reader.successors:
        advice.append(_SUCCESSOR)
    return Finding(
        said.code,
        0.0 if known else said.score,
        say(said.message, **words),
        paragraph(*advice),
        about=about,
        rule=reader.state,
        facts=facts,
        basis=(reader.fingerprint or "", reader.state),
        expects=(compared,) if compared else (),
    )


def _archive(reader: Reader) -> Finding:
    said = SAID[reader.state]
    code = "key.missing" if said.code == "key.unconfirmed" else said.code
    return Finding(
        code,
        1.0,
        say(_ARCHIVE, who=reader.called),
        _MEND,
        rule=f"archive {reader.state}",
        basis=(reader.key, reader.fingerprint or "", reader.state),
    )


def _positions(reader: Reader, draft: Draft) -> tuple[int, ...]:
    """Which groups are asked for: the same as long as the question is the same."""
    key = fingerprint(reader.fingerprint or "")
    seed = f"{draft.sender.key}\n{reader.key}\n{key}".encode()
    return confirm_positions(hashlib.sha256(seed).digest(), key)
