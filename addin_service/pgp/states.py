"""The states of a binding, and the table that leads to them. Pure.

`RULES` is the whole machine: the first rule that fits gives the state. Only a person who saw the
fingerprint raises a state; it falls by itself, and does not rise again because time has passed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What is known of "this key belongs to this address"."""

    NONE = "none"
    UNVERIFIED = "unverified"
    TOFU = "tofu"
    VERIFIED = "verified"
    STALE = "stale"
    UPDATED = "updated"
    CHANGED = "changed"
    CONFLICT = "conflict"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSABLE = "unusable"
    REJECTED = "rejected"


CONFIRMED = frozenset({State.VERIFIED, State.TOFU, State.STALE, State.UPDATED})
"""The states in which a message may be sealed to the key (a sensitive one after a look)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules ask about one address."""

    yes: bool = False
    """Somebody confirmed a key. All that follows is then about this key."""
    no: bool = False
    here: bool = False
    condition: str = ""
    """Of the key that is looked at (`Certificate.condition`); "" where there is none."""
    hard: bool = False
    candidates: int = 0
    """Keys that name the address, none of which was confirmed or rejected."""
    rivals: int = 0
    """Other keys that have turned up since the confirmation."""
    withdrawn: bool = False
    refused: bool = False
    """Somebody refused it, and nobody has confirmed the encryption key that it has now."""
    unseen: bool = False
    """The encryption key that it has now is another than any that was confirmed."""
    moved: bool = False
    old: bool = False
    word: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """`state` where `fits`. `why` names the rule, for receipts and for the words."""

    state: State
    why: str
    fits: Callable[[Facts], bool]


RULES: tuple[Rule, ...] = (
    Rule(State.NONE, "gone", lambda f: f.yes and not f.here),
    Rule(State.REVOKED, "stolen", lambda f: f.condition == "revoked" and f.hard),
    Rule(State.REVOKED, "replaced", lambda f: f.condition == "revoked"),
    Rule(State.UNUSABLE, "unusable", lambda f: f.condition == "unusable"),
    Rule(State.EXPIRED, "ended", lambda f: f.condition == "expired"),
    Rule(State.CHANGED, "rival", lambda f: f.yes and f.rivals > 0),
    Rule(State.CHANGED, "withdrawn", lambda f: f.yes and f.withdrawn),
    Rule(State.UNVERIFIED, "refused-part", lambda f: f.yes and f.refused),
    Rule(State.STALE, "moved", lambda f: f.yes and f.moved),
    Rule(State.STALE, "old", lambda f: f.yes and f.old),
    Rule(State.UPDATED, "new-part", lambda f: f.unseen and f.word == "verified"),
    Rule(State.VERIFIED, "compared", lambda f: f.word == "verified"),
    Rule(State.TOFU, "accepted", lambda f: f.word == "tofu"),
    Rule(State.CONFLICT, "several", lambda f: f.candidates > 1),
    Rule(State.UNVERIFIED, "nobody-asked", lambda f: f.candidates == 1),
    Rule(State.REJECTED, "refused", lambda f: f.no),
    Rule(State.NONE, "no-key", lambda f: True),
)


def state_of(facts: Facts) -> Rule:
    """The first rule that fits."""
    return next(rule for rule in RULES if rule.fits(facts))
