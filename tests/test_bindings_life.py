"""Thousands of made-up lives of keys: which state follows which, and what it takes.

Three things happen in a life: time passes, something arrives (a key, or a newer form of one, signed
by its owner), or a person says something. Only the last may raise a state.
"""

import os
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from addin_service.pgp.bindings import CONFIRMED, Bound, Decided, Decision, Held, Known, Method
from addin_service.pgp.bindings import State as S
from addin_service.pgp.certificate import Certificate, Fingerprint, Subkey
from tests.test_bindings import BOB, DAY, EVE, NOW, YEAR, key

LIVES = int(os.environ.get("C2_WORLDS", "2000"))
STEPS = 12

BY_TIME = {
    S.NONE: set(),
    S.UNVERIFIED: {S.EXPIRED},
    S.TOFU: {S.STALE, S.EXPIRED},
    S.VERIFIED: {S.STALE, S.EXPIRED, S.TOFU},
    S.STALE: {S.EXPIRED},
    S.UPDATED: {S.STALE, S.EXPIRED},
    S.CHANGED: {S.EXPIRED},
    S.CONFLICT: set(),
    S.EXPIRED: set(),
    S.REVOKED: set(),
    S.UNUSABLE: set(),
    S.REJECTED: set(),
}
"""What the passing of time alone may make of a state: never more than it was."""

BY_ARRIVAL = {
    S.NONE: {S.UNVERIFIED},
    S.UNVERIFIED: {
        S.CONFLICT, S.NONE, S.EXPIRED, S.REVOKED, S.UNUSABLE, S.REJECTED, S.CHANGED,
    },
    S.TOFU: {S.CHANGED, S.EXPIRED, S.REVOKED, S.UNUSABLE, S.UNVERIFIED},
    S.VERIFIED: {
        S.CHANGED, S.EXPIRED, S.REVOKED, S.UNUSABLE, S.UPDATED, S.TOFU, S.UNVERIFIED, S.STALE,
    },
    S.STALE: {S.CHANGED, S.EXPIRED, S.REVOKED, S.UNUSABLE, S.UNVERIFIED},
    S.UPDATED: {S.CHANGED, S.EXPIRED, S.REVOKED, S.UNUSABLE},
    S.CHANGED: {S.EXPIRED, S.REVOKED, S.UNUSABLE},
    S.CONFLICT: {S.UNVERIFIED, S.EXPIRED, S.REVOKED, S.UNUSABLE},
    S.EXPIRED: set(S),
    S.REVOKED: {S.CONFLICT, S.NONE, S.REJECTED},
    S.UNUSABLE: {S.CONFLICT, S.NONE, S.REVOKED, S.REJECTED},
    S.REJECTED: {S.UNVERIFIED},
}  # fmt: skip
"""What something that arrives may make of it. To a state in which mail is sealed it leads only from
another one of these, or where the owner of the very key that was confirmed has made it last longer.
"""


@dataclass
class Life:
    """What is stored about one address, as the store keeps it."""

    now: datetime = NOW
    held: dict[str, Held] = field(default_factory=dict)
    decided: dict[tuple[str, bool], Decided] = field(default_factory=dict)

    def bound(self) -> Bound:
        known = Known(tuple(self.held.values()), tuple(self.decided.values()), self.now, YEAR)
        return known.bound(BOB)

    def arrive(self, given: Certificate) -> None:
        """A claim that was made stays; a new one counts from now, if the key can be used."""
        before = self.held.get(given.fingerprint)
        claims = dict(before.claims) if before else {}
        if given.condition(self.now) == "good":
            claims = dict.fromkeys(given.addresses(), self.now) | claims
        self.held[given.fingerprint] = Held(given, claims)

    def say(self, given: Certificate, decision: Decision, method: Method, everyone: bool) -> None:
        saw = frozenset(k.fingerprint for k in given.subkeys if k.encrypts)
        self.decided[given.fingerprint, everyone] = Decided(
            BOB, given.fingerprint, decision, method, self.now, everyone, saw
        )


def another_form(chance: random.Random, given: Certificate, now: datetime) -> Certificate:
    """What the owner of a key may do to it. What was withdrawn stays withdrawn."""
    number = len(given.subkeys)
    part = Subkey(Fingerprint(given.fingerprint[0] + f"{number}" * 39), now, None, False, True)
    ended = replace(given, expires=now + chance.choice((-1, 30, 500)) * DAY)
    forms = [
        replace(given, subkeys=(*given.subkeys, part)),
        ended,
        replace(given, expires=None),
        replace(given, revoked=given.revoked or chance.choice(("soft", "hard"))),
        replace(given, user_ids=tuple(replace(u, revoked=True) for u in given.user_ids)),
        replace(given, problem=given.problem or "it is marked as disabled"),
    ]
    weights = (4, 3, 3, 1, 1, 0.5)
    return chance.choices(forms, weights)[0]


def live(number: int, seen: Counter[tuple[str, S, S]]) -> None:
    chance = random.Random(number)
    life = Life()
    keys = {c.fingerprint: c for c in (key("A"), key("B"), key("C", BOB, EVE), key("D", EVE))}
    for _ in range(STEPS):
        before, at = life.bound(), life.now
        cause = chance.choice(("time", "arrival", "arrival", "word"))
        chosen = chance.choices(list(keys), (6, 2, 1, 1))[0]
        if cause == "time":
            life.now += chance.choice((1, 20, 200, 400)) * DAY
        elif cause == "arrival":
            life.now += timedelta(seconds=1)
            if chosen in life.held:
                keys[chosen] = another_form(chance, keys[chosen], at)
            life.arrive(keys[chosen])
        elif chosen in life.held:
            life.now += timedelta(seconds=1)
            words: tuple[tuple[Decision, Method], ...] = (
                ("verified", "phone"), ("verified", "phone"), ("tofu", "signed-mail"),
                ("rejected", "officer"),
            )  # fmt: skip
            decision, method = chance.choice(words)
            life.say(keys[chosen], decision, method, chance.random() < 0.3)
        after = life.bound()
        seen[cause, before.state, after.state] += 1
        if cause == "word" or before.state is after.state:
            continue
        allowed = BY_TIME if cause == "time" else BY_ARRIVAL
        assert after.state in allowed[before.state], (number, cause, before, after)
        if after.state in CONFIRMED and before.state not in CONFIRMED:
            assert before.state is S.EXPIRED, number
            assert before.certificate, number
            assert after.certificate, number
            assert after.certificate.fingerprint == before.certificate.fingerprint, number
            assert after.said, number
            assert after.said.decision != "rejected", number


def test_only_a_person_raises_a_state() -> None:
    seen: Counter[tuple[str, S, S]] = Counter()
    for number in range(LIVES):
        live(number, seen)
    reached = {after for _, _, after in seen}
    assert reached == set(S)
    assert len({step for step in seen if step[0] != "word" and step[1] is not step[2]}) >= 50
    for state in CONFIRMED:
        assert any(seen["word", before, state] for before in S if before not in CONFIRMED) or (
            state in (S.STALE, S.UPDATED)
        )
