"""The state of a binding, from keys and what was said of them: every state, and what leads there."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from addin_service.pgp.bindings import CONFIRMED, DECIDED_BY, Bound, Decided, Held, Known, State
from addin_service.pgp.certificate import Certificate, Fingerprint, Subkey, UserId

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BOB, EVE = "bob@northwind.example", "eve@evil.example"


def key(letter: str, *names: str, **more: Any) -> Certificate:
    """A certificate of 2025 with a primary key `letter`000… and an encryption key `letter`111…"""
    made = datetime(2025, 1, 1, tzinfo=UTC)
    primary = Subkey(Fingerprint(letter + "0" * 39), made, None, False, False)
    below = Subkey(Fingerprint(letter + "1" * 39), made, None, False, True)
    names = names or (BOB,)
    whole = Certificate(
        primary.fingerprint, made, None, "",
        tuple(UserId(f"<{name.strip('-')}>", name.strip("-"), name[0] == "-") for name in names),
        (primary, below), b"",
    )  # fmt: skip
    return replace(whole, **more)


def newer(certificate: Certificate) -> Certificate:
    """With one more encryption key, of today."""
    letter = certificate.fingerprint[0]
    added = Subkey(Fingerprint(letter + "2" * 39), NOW - DAY, None, False, True)
    return replace(certificate, subkeys=(*certificate.subkeys, added))


def without_encryption(certificate: Certificate) -> Certificate:
    return replace(certificate, subkeys=certificate.subkeys[:1])


def said(about: Certificate, decision: Any, days: int = 10, **more: Any) -> Decided:
    """What the sender said so many days ago, having seen the key as it is."""
    saw = frozenset(k.fingerprint for k in about.subkeys if k.encrypts)
    whole = Decided(
        BOB, about.fingerprint, decision, "phone", NOW - days * DAY, everyone=False, subkeys=saw
    )
    return replace(whole, **more)


def held(certificate: Certificate, imported: datetime) -> Held:
    """As the store keeps it: what it names, it claims since it came, if it could be used then."""
    good = certificate.condition(imported) == "good"
    return Held(certificate, {one: imported for one in certificate.addresses() if good})


def derive(
    address: str,
    here: Any,
    said: Any,
    now: datetime,
    stale_after: timedelta | None = None,
    organisation: str = "",
) -> Bound:
    """The state, from certificates with the moment at which each was imported."""
    return Known(
        tuple(held(certificate, at) for certificate, at in here), tuple(said), now, stale_after
    ).bound(address, organisation)


A, B = key("A"), key("B")
ENDED, OVER = key("A", expires=NOW), key("A", expires=NOW - 15 * DAY)
YEAR = timedelta(365)
LATER, LONG_AGO = 5, 20


@dataclass(frozen=True)
class Case:
    """Keys with how many days they have been here, what was said, and what follows."""

    here: list[tuple[Certificate, int]]
    said: list[Decided]
    state: State
    about: Certificate | None = None
    others: tuple[Certificate, ...] = ()
    works_at: str = ""


S = State
CASES = {
    "nothing is here": Case([], [], S.NONE),
    "a key for another address": Case([(key("A", EVE), LONG_AGO)], [], S.NONE),
    "a key with this address withdrawn": Case([(key("A", "-" + BOB, EVE), LONG_AGO)], [], S.NONE),
    "a key that nobody spoke of": Case([(A, LONG_AGO)], [], S.UNVERIFIED, A),
    "one that can be used, and one that had ended when it came": Case(
        [(OVER, 10), (B, 20)], [], S.UNVERIFIED, B
    ),
    "one that can be used, and one that has ended since": Case(
        [(ENDED, 1), (B, 20)], [], S.CONFLICT, None, (ENDED, B)
    ),
    "two keys": Case([(A, LONG_AGO), (B, LONG_AGO)], [], S.CONFLICT, None, (A, B)),
    "two keys, one rejected": Case([(A, 20), (B, 20)], [said(B, "rejected")], S.UNVERIFIED, A),
    "two keys, one confirmed": Case([(A, 20), (B, 20)], [said(A, "verified")], S.VERIFIED, A),
    "verified": Case([(A, LONG_AGO)], [said(A, "verified")], S.VERIFIED, A),
    "seen in signed mail": Case([(A, LONG_AGO)], [said(A, "tofu")], S.TOFU, A),
    "confirmed for another address": Case(
        [(A, LONG_AGO)], [said(A, "verified", address=EVE)], S.UNVERIFIED, A
    ),
    "confirmed by hand though it does not name the address": Case(
        [(key("A", EVE), LONG_AGO)], [said(A, "verified")], S.VERIFIED, key("A", EVE)
    ),
    "confirmed and gone": Case([], [said(A, "verified")], S.NONE),
    "confirmed and gone, another there": Case([(B, LONG_AGO)], [said(A, "verified")], S.NONE),
    "rejected": Case([(A, LONG_AGO)], [said(A, "rejected")], S.REJECTED, A),
    "rejected and gone": Case([], [said(A, "rejected")], S.REJECTED),
    "all rejected": Case(
        [(A, 20), (B, 20)], [said(A, "rejected"), said(B, "rejected")], S.REJECTED, A
    ),
    "the newest confirmation counts": Case(
        [(A, 20), (B, 20)], [said(A, "verified", 9), said(B, "tofu", 8)], S.TOFU, B
    ),
    "the organisation's goes over a newer one": Case(
        [(A, 20), (B, 20)], [said(A, "tofu", 9, everyone=True), said(B, "verified", 8)], S.TOFU, A
    ),
    "the organisation rejects what the sender confirmed": Case(
        [(A, 20)], [said(A, "verified", 8), said(A, "rejected", 9, everyone=True)], S.REJECTED, A
    ),
    "the organisation confirms what the sender rejected": Case(
        [(A, 20)], [said(A, "rejected", 8), said(A, "verified", 9, everyone=True)], S.VERIFIED, A
    ),
    "another key turned up": Case(
        [(A, 20), (B, LATER)], [said(A, "verified")], S.CHANGED, A, (B,)
    ),
    "several turned up": Case(
        [(A, 20), (key("C"), 1), (B, LATER)], [said(A, "tofu")], S.CHANGED, A, (B, key("C"))
    ),
    "one turned up that has ended since": Case(
        [(A, 20), (key("B", expires=NOW), LATER)], [said(A, "verified")], S.CHANGED, A,
        (key("B", expires=NOW),),
    ),
    "one turned up and was rejected": Case(
        [(A, 20), (B, LATER)], [said(A, "verified"), said(B, "rejected", 4)], S.VERIFIED, A
    ),
    "one turned up that cannot be used": Case(
        [(A, 20), (key("B", revoked="soft"), LATER)], [said(A, "verified")], S.VERIFIED, A
    ),
    "one turned up and A was confirmed again": Case(
        [(A, 20), (B, LATER)], [said(A, "verified", 4)], S.VERIFIED, A
    ),
    "the address was withdrawn": Case(
        [(key("A", EVE, "-" + BOB), 20)], [said(A, "verified")], S.CHANGED, key("A", EVE, "-" + BOB)
    ),
    "one of two names with it was withdrawn": Case(
        [(key("A", BOB, "-" + BOB), 20)], [said(A, "verified")], S.VERIFIED, key("A", BOB, "-" + BOB)
    ),
    "another encryption key": Case([(newer(A), 20)], [said(A, "verified")], S.UPDATED, newer(A)),
    "another encryption key where nobody compared": Case(
        [(newer(A), 20)], [said(A, "tofu")], S.TOFU, newer(A)
    ),
    "compared a year ago": Case([(A, 400)], [said(A, "verified", 365)], S.STALE, A),
    "compared a day less ago": Case([(A, 400)], [said(A, "verified", 364)], S.VERIFIED, A),
    "accepted a year ago": Case([(A, 400)], [said(A, "tofu", 365)], S.STALE, A),
    "the organisation's list does not grow old": Case(
        [(A, 900)], [said(A, "verified", 800, method="folder", everyone=True)], S.VERIFIED, A
    ),
    "old, and compared again by the sender": Case(
        [(A, 900)], [said(A, "verified", 800, everyone=True), said(A, "verified", 3)], S.VERIFIED, A
    ),
    "accepted by the organisation, compared by the sender": Case(
        [(A, 900)], [said(A, "tofu", 5, everyone=True), said(A, "verified", 9)], S.VERIFIED, A
    ),
    "its owner moved": Case(
        [(A, 20)], [said(A, "verified", organisation="Northwind")], S.STALE, A, (), "Chambers"
    ),
    "its owner's organisation is written otherwise": Case(
        [(A, 20)], [said(A, "verified", organisation="NORTHWIND  Ltd")], S.VERIFIED, A, (),
        "Northwind Ltd",
    ),
    "where its owner works is not known any more": Case(
        [(A, 20)], [said(A, "verified", organisation="Northwind")], S.VERIFIED, A
    ),
    "old and with a new part": Case([(newer(A), 900)], [said(A, "verified", 400)], S.STALE, newer(A)),
    "the organisation saw the old one, the sender the new": Case(
        [(newer(A), 20)],
        [said(A, "verified", everyone=True), said(newer(A), "tofu")],
        S.TOFU,
        newer(A),
    ),
    "the new one was seen and rejected by the sender": Case(
        [(newer(A), 20)],
        [said(A, "verified", everyone=True), said(newer(A), "rejected")],
        S.UNVERIFIED,
        newer(A),
    ),
    "no encryption key was there to be seen": Case(
        [(A, 20)], [said(without_encryption(A), "verified")], S.UPDATED, A
    ),
    "ended": Case([(ENDED, 20)], [said(A, "verified")], S.EXPIRED, ENDED),
    "ended, nobody spoke of it": Case([(ENDED, 20)], [], S.EXPIRED, ENDED),
    "ended, another turned up": Case(
        [(ENDED, 20), (B, LATER)], [said(A, "verified")], S.EXPIRED, ENDED, (B,)
    ),
    "withdrawn as replaced": Case(
        [(key("A", revoked="soft"), 20)], [said(A, "verified")], S.REVOKED, key("A", revoked="soft")
    ),
    "withdrawn as stolen": Case(
        [(key("A", revoked="hard"), 20)], [said(A, "tofu")], S.REVOKED, key("A", revoked="hard")
    ),
    "made tomorrow": Case(
        [(key("A", created=NOW + DAY), 20)], [said(A, "verified")], S.UNUSABLE,
        key("A", created=NOW + DAY),
    ),
    "broken for good": Case(
        [(key("A", problem="it is marked as disabled"), 20)], [said(A, "verified")], S.UNUSABLE,
        key("A", problem="it is marked as disabled"),
    ),
    "cannot encrypt": Case(
        [(without_encryption(A), 20)], [said(A, "verified")], S.UNUSABLE, without_encryption(A)
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", CASES)
def test_the_state_follows_from_what_is_here_and_what_was_said(story: str) -> None:
    case = CASES[story]
    expected = (case.state, case.about, case.others)
    here = [(certificate, NOW - days * DAY) for certificate, days in case.here]
    for keys in permutations(here):
        for decisions in permutations(case.said):
            bound = derive(BOB, keys, decisions, NOW, YEAR, case.works_at)
            assert (bound.state, bound.certificate, bound.others) == expected


def test_every_state_is_reached() -> None:
    assert {case.state for case in CASES.values()} == set(State)
    assert {State.VERIFIED, State.TOFU, State.STALE, State.UPDATED} == CONFIRMED
    assert {State(decision) for decision in DECIDED_BY.values()} < CONFIRMED


@pytest.mark.parametrize("story", CASES)
def test_without_a_yes_nothing_is_confirmed(story: str) -> None:
    case = CASES[story]
    here = [(certificate, NOW - days * DAY) for certificate, days in case.here]
    no = [decided for decided in case.said if decided.decision == "rejected"]
    assert derive(BOB, here, no, NOW).state not in CONFIRMED


def test_a_confirmed_key_ends_by_itself() -> None:
    until = NOW + DAY
    here = [(key("A", expires=until), NOW - 20 * DAY)]
    yes = [said(A, "verified")]
    states = [derive(BOB, here, yes, at).state for at in (NOW, until - DAY / 10**9, until)]
    assert states == [State.VERIFIED, State.VERIFIED, State.EXPIRED]


def test_what_turns_up_at_the_very_moment_was_there_to_be_seen() -> None:
    yes = [said(A, "verified")]
    for late, state in ((timedelta(0), State.VERIFIED), (timedelta(microseconds=1), State.CHANGED)):
        here = [(A, NOW - 20 * DAY), (B, yes[0].at + late)]
        assert derive(BOB, here, yes, NOW).state is state
