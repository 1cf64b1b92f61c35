"""What a signature says about a person: only what somebody confirmed of the key. Pure.

Neither the name in the key nor the name in From has a part in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from addin_service.pgp.bindings import Bound, Decided, Known, State
from addin_service.pgp.certificate import Certificate, Fingerprint

Word = Literal["good", "bad", "unknown", "ended", "withdrawn", "weak"]

HOW: Mapping[str, str] = {
    "phone": "by phone",
    "in-person": "in person",
    "officer": "by a key officer",
    "folder": "by the organisation's list",
    "own": "as your own",
    "signed-mail": "by an earlier signed mail only",
}
_FALLEN: Mapping[State, str] = {
    State.REVOKED: "its owner has revoked it since",
    State.EXPIRED: "it has expired since",
    State.UNUSABLE: "it cannot be used any more",
}
_PART_FALLEN = {"ended": "it has expired since", "withdrawn": "it was revoked since"}
_UNCONFIRMED = "that nobody has confirmed for"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. `good`: over exactly this text, by the key whose primary one is `primary`.

    `key` is what an unknown signature names: 16 or 40 digits, or none.
    """

    word: Word
    primary: Fingerprint | None = None
    key: str = ""
    made: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is stored about the keys of the claimed sender. `name` comes from the contacts."""

    address: str
    name: str
    known: Known

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """Everything that may have signed for them."""
        return tuple(one.certificate for one in self.known.held)

    @property
    def person(self) -> str:
        """The person, as the contacts know them."""
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Verdict:
    """`word` for programs, `sentence` for people. Only `confirmed` says who wrote it."""

    word: str
    sentence: str
    fingerprint: Fingerprint | None = None
    made: datetime | None = None


UNSIGNED = Verdict("unsigned", "Not signed: nothing shows who wrote it.")
BAD = Verdict(
    "bad",
    "The signature does not fit: the text was changed, or somebody else signed. Do not rely on it.",
)
WEAK = "Signed in a way that can be forged today: it shows nothing."
NOBODY = Verdict(
    "unclaimed", "Signed, but the mail does not name one sender whose signature it could be."
)


def judged(signatures: Sequence[Signature], sender: Standing | None) -> Verdict:
    """What the signatures of a message say. One that does not fit spoils the others."""
    if not signatures:
        return UNSIGNED
    if any(one.word == "bad" for one in signatures):
        return BAD
    if sender is None:
        return NOBODY
    verdicts = [_of_one(one, sender) for one in signatures]
    return next((verdict for verdict in verdicts if verdict.word == "confirmed"), verdicts[0])


def _of_one(signature: Signature, sender: Standing) -> Verdict:
    key, made = signature.primary, signature.made
    if signature.word == "unknown" or key is None:
        named = f" (…{signature.key[-16:]})" if signature.key else ""
        return Verdict("unknown", f"Signed with a key{named} {_UNCONFIRMED} {sender.address}.")
    said = _last_words(sender).get(key)
    if said is not None and said.decision == "rejected":
        refused = f"Signed with a key that was rejected for {sender.address}. Do not rely on it."
        return Verdict("rejected", refused, key, made)
    if signature.word == "weak":
        return Verdict("weak", WEAK, key, made)
    if said is None:
        return Verdict(
            "unconfirmed", f"Signed with a key {_UNCONFIRMED} {sender.address}.", key, made
        )
    fallen = _fallen(signature, sender.known.bound(sender.address), key)
    confirmed = f"the key was confirmed on {_day(said.at)} {HOW.get(said.method, said.method)}"
    if fallen:
        sentence = f"Signed with a key of {sender.person}: {confirmed}, but {fallen}."
        return Verdict("fallen", sentence, key, made)
    return Verdict("confirmed", f"Signed by {sender.person}: {confirmed}.", key, made)


def _fallen(signature: Signature, bound: Bound, key: Fingerprint) -> str:
    """Why a key that somebody confirmed says less today; "" where it does not.

    Which part of the key encrypts has no bearing on who signed with it, and a rival key that has
    turned up takes nothing from the one that was compared.
    """
    if bound.certificate is None or bound.certificate.fingerprint != key:
        return "another one was confirmed since"
    if bound.why == "withdrawn":
        return "its owner has taken this address off it since"
    if bound.state in _FALLEN:
        return _FALLEN[bound.state]
    return _PART_FALLEN.get(signature.word, "")


def _last_words(sender: Standing) -> Mapping[Fingerprint, Decided]:
    """What was last said about each key; the organisation's word counts most."""
    about = [d for d in sender.known.decided if d.address == sender.address]
    return {d.fingerprint: d for d in sorted(about, key=lambda d: (d.everyone, d.at))}


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
