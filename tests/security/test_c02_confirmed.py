"""Enigmail, 2014: a message to Bcc readers alone went out in clear. PEP in Enigmail, 2018: the
window said "encrypted", the mail was not. Nobody had compared what was promised with what was sent.

Here worlds are made up: keys that were brought in, what people said of them, a message to some
readers. The rules below say in their own words whether it may be sealed, and for which keys; a
ciphertext exists exactly then, and names exactly those.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from addin_service import drafts, keyring
from addin_service.installation import Installation
from addin_service.model import Draft, VerdictWord
from addin_service.pgp.bindings import CONFIRMED, Decided, Decision, Known
from addin_service.pgp.certificate import Fingerprint
from addin_service.seal import NotCleared, Wanted, seal
from addin_service.store import bindings, receipts, tables
from addin_service.store import keys as store
from addin_service.tokens import Reviewed
from tests.pgp import keys
from tests.pgp.keys import named_in
from tests.pgp.pool import ANN, BOB, EVERYBODY, KIM, LEE, PRIYA, Key, pool
from tests.test_bindings import held

# Before a release: C2_WORLDS=20000.
WORLDS = int(os.environ.get("C2_WORLDS", "2000"))
SEALED_WORLDS = WORLDS * 3 // 20
TOM = "tom.reid@council.example"
NOBODY = "nobody@elsewhere.example"
NOW = keys.now() + timedelta(days=3)
STRANGER = "another person's"
OFFICER = ""
"""In whose name an officer speaks: everyone's."""


@dataclass(frozen=True)
class Said:
    """One sentence of one person about a key and an address. `saw` are the encryption keys then."""

    who: str
    address: str
    key: Key
    word: Decision
    at: datetime
    saw: frozenset[str]

    def as_decided(self) -> Decided:
        key = self.key.certificate.fingerprint
        everyone = self.who == OFFICER
        return Decided(self.address, key, self.word, "phone", self.at, everyone, self.saw)


@dataclass(frozen=True)
class World:
    """What is here, what was said, and the message. `one` is the Bcc reader it is sealed for."""

    here: Mapping[Fingerprint, tuple[Key, datetime]]
    said: list[Said]
    to: list[str]
    cc: list[str]
    bcc: list[str]
    one: str
    shown_otherwise: str

    def draft(self) -> Draft:
        fields = [[(address, "") for address in field] for field in (self.to, self.cc, self.bcc)]
        return drafts.make((ANN, "Ann Lee"), fields, "Re K", "4 Elm Row")

    def readers(self) -> list[str]:
        return [self.one] if self.one else self.to + self.cc


def imagine(number: int, made: list[Key]) -> World:
    """World `number`: the same each time. Every other one is orderly, or several would never fit."""
    chance = random.Random(number)
    orderly = number % 2 == 0
    minutes = chance.sample(range(1, 4000), 60)

    def moment() -> datetime:
        return NOW - timedelta(minutes=minutes.pop())

    present = [k for k in made if chance.random() < (0.1 if orderly else 0.5)]
    here = {k.certificate.fingerprint: (k, moment()) for k in chance.sample(present, len(present))}
    said: dict[tuple[str, str, str], Said] = {}
    for address in (*EVERYBODY, ANN, NOBODY):
        fitting = [k for k in made if address in k.names | k.withdrawn]
        right = [k for k in made if k.good and address in k.names][:1]
        for _ in range(1 if orderly else chance.choice((0, 1, 1, 1, 2, 3))):
            some = right if orderly and chance.random() < 0.9 else fitting
            key = chance.choice(some if some and chance.random() < 0.93 else made)
            who = chance.choice((ANN, ANN, ANN, OFFICER, OFFICER, ANN if orderly else TOM))
            word: Decision = "verified"
            if not orderly or chance.random() < 0.1:
                word = chance.choice(("verified", "verified", "tofu", "rejected"))
            saw = {key.newest} | key.older if chance.random() < 0.85 else key.older
            one = Said(who, address, key, word, moment(), frozenset(saw) - {""})
            said[who, address, key.story] = one
            if chance.random() < 0.8:
                # Mostly a key is here before somebody speaks of it.
                here[key.certificate.fingerprint] = (key, one.at - timedelta(seconds=30))
    crowd = list(chance.sample(EVERYBODY, chance.choice((1, 1, 1, 2, 2, 3, 4))))
    if chance.random() < 0.03:
        crowd.append(NOBODY)
    fields: tuple[list[str], list[str], list[str]] = ([], [], [])
    for address in crowd:
        chance.choice((fields[0], fields[0], fields[1], fields[2])).append(address)
    to, cc, bcc = fields
    blind = bool(bcc) and (not to + cc or chance.random() < 0.5)
    one_reader = chance.choice(bcc) if blind else ""
    shown_otherwise = chance.choice(crowd) if chance.random() < 0.04 else ""
    return World(here, list(said.values()), to, cc, bcc, one_reader, shown_otherwise)


def key_for(world: World, address: str) -> Key | str:
    """The rules in plain words: the one key for this address in Ann's mail, or why there is none.

    1. Ann hears key officers and herself. What Tom said is for Tom's mail.
    2. About one key, the officers' word goes over hers.
    3. Of the keys that got a yes, the officers' latest is taken, and only else her own latest.
    4. It must be here, good today, and not have withdrawn this address.
    5. Nobody may have brought in, after the last yes to it, another good key which carries the
       address too, unless that other one was refused.
    6. The key that a message would be encrypted to is not one that was looked at and refused. One
       that came later, signed by the same primary key, will do.
    """
    heard = [s for s in world.said if s.who in (ANN, OFFICER) and s.address == address]
    words: dict[str, Said] = {}
    for one in sorted(heard, key=lambda s: s.who == OFFICER):
        words[one.key.story] = one
    refused = {story for story, one in words.items() if one.word == "rejected"}
    yes = [one for one in words.values() if one.word != "rejected"]
    if not yes:
        return "nobody said yes"
    taken = max(yes, key=lambda one: (one.who == OFFICER, one.at))
    key = taken.key
    if key.certificate.fingerprint not in world.here:
        return "not here"
    if not key.good:
        return key.story
    if address in key.withdrawn:
        return "withdrawn"
    looked = max(s.at for s in heard if s.key is key and s.word != "rejected")
    for other, since in world.here.values():
        rival = other.good and address in other.names and other.story not in refused
        if rival and other.story != key.story and since > looked:
            return "another turned up"
    seen = [s.word for s in heard if s.key is key and key.newest in s.saw]
    if seen and not any(word != "rejected" for word in seen):
        return "its encryption key was refused"
    return key


def expected(world: World) -> set[str] | str:
    """The key ids that the message must name, or why there must be none."""
    if not world.readers():
        return "no reader"
    found = {address: key_for(world, address) for address in world.readers()}
    for address, key in found.items():
        if isinstance(key, str):
            return key
        if address == world.shown_otherwise and key.story != STRANGER:
            return "another key was shown"
    own = key_for(world, ANN)
    named = {key.packet for key in found.values() if isinstance(key, Key)}
    return named | {own.packet} if isinstance(own, Key) and not world.one else named


@pytest.fixture(scope="module")
def made() -> Iterator[list[Key]]:
    keys.needs_gpg()
    with keys.owner() as maker:
        yield pool(maker)


def test_a_state_says_confirmed_exactly_where_the_rules_find_a_key(made: list[Key]) -> None:
    seen: Counter[str] = Counter()
    for number in range(WORLDS):
        world = imagine(number, made)
        here = [held(key.certificate, since) for key, since in world.here.values()]
        decisions = [s.as_decided() for s in world.said if s.who != TOM]
        random.Random(number).shuffle(here)
        for address in (*EVERYBODY, ANN, NOBODY):
            key = key_for(world, address)
            bound = Known(tuple(here), tuple(decisions), NOW).bound(address)
            assert (bound.state in CONFIRMED) == isinstance(key, Key), (number, address, key)
            if isinstance(key, Key):
                assert bound.certificate == key.certificate, (number, address)
                used = key.certificate.encryption_key(NOW)
                assert used, (number, address)
                assert used.fingerprint == key.newest, (number, address)
            seen[key if isinstance(key, str) else "confirmed"] += 1
    assert min(seen.values()) * 400 >= WORLDS, seen  # no rule is there for nothing
    assert len(seen) == 9, seen


def settle(installation: Installation, world: World) -> None:
    """Make the database tell of this world and of no other."""
    with installation.store.write() as connection:
        for table in (tables.bindings, tables.certificate_addresses, tables.certificates):
            connection.execute(table.delete())
        for key, since in world.here.values():
            store.put(connection, key.certificate, "import", since)
        for one in world.said:
            bindings.decide(connection, one.as_decided(), one.who, "test")


def cleared(installation: Installation, world: World, draft: Draft, made: list[Key]) -> str:
    """The token of a review that showed each reader the key which the rules find, and allowed it."""
    reviewer = installation.reviewer
    shown = {address: key_for(world, address) for address in (*world.to, *world.cc, *world.bcc)}
    stranger = next(k for k in made if k.story == STRANGER)
    if world.shown_otherwise:
        shown[world.shown_otherwise] = stranger
    # Where the rules find none, the review showed whatever there was: here what would do most harm.
    best = {
        address: next((k for k, _ in world.here.values() if address in k.names), stranger)
        for address in shown
    }
    readers = [
        (address, (k if isinstance(k, Key) else best[address]).certificate.fingerprint)
        for address, k in shown.items()
    ]
    reviewed = Reviewed(
        "0000-0000", reviewer.draft_digest(draft), VerdictWord.ALLOW,
        reviewer.policies.current().version, {}, (), readers=tuple(readers),
    )  # fmt: skip
    return reviewer.tokens.make(reviewed, "test", ANN)


def of_sealing(installation: Installation) -> int:
    with installation.store.read() as connection:
        return sum(row.kind == "seal" for row in receipts.rows(connection))


def test_a_ciphertext_exists_exactly_where_the_rules_allow_it(
    made: list[Key], installation: Installation
) -> None:
    seen: Counter[str] = Counter()
    for number in range(WORLDS, WORLDS + SEALED_WORLDS):
        world = imagine(number, made)
        settle(installation, world)
        draft, rule = world.draft(), expected(world)
        token = cleared(installation, world, draft, made)
        wanted = Wanted(draft, "", (), token, "inline", world.one or "visible")
        if isinstance(rule, str):
            with pytest.raises(NotCleared) as refusal:
                seal(installation.reviewer, wanted, "test")
            code = "no-reader" if rule == "no reader" else "not-confirmed"
            assert refusal.value.code == code, (number, rule)
            seen["refused"] += 1
        else:
            sealed = seal(installation.reviewer, wanted, "test")
            assert named_in(sealed.text.encode()) == rule, number
            seen["sealed"] += 1
            seen["with own copy"] += not world.one and len(rule) > len(world.readers())
            seen["blind"] += bool(world.one)
            seen["several"] += len(world.readers()) > 1
    assert of_sealing(installation) == seen["sealed"]
    assert seen["refused"] * 4 >= SEALED_WORLDS, seen
    assert seen["sealed"] * 8 >= SEALED_WORLDS, seen
    assert min(seen["with own copy"], seen["blind"], seen["several"]) * 20 >= SEALED_WORLDS, seen


def test_nothing_but_a_persons_yes_confirms(made: list[Key], installation: Installation) -> None:
    """Keys come, come again, and time passes: who was not confirmed is not confirmed."""
    chance = random.Random(2)
    reviewer = installation.reviewer
    moment = [NOW]
    reviewer.now = lambda: moment[0]
    for number in range(40):
        world = imagine(number, made)
        no = [s for s in world.said if s.word == "rejected" or s.who == TOM]
        settle(installation, World(world.here, no, [], [], [], "", ""))
        moment[0] = NOW
        for key in chance.sample(made, 5):
            keyring.bring_in(reviewer, key.certificate.data)
            moment[0] += timedelta(days=chance.choice((0, 1, 400)))
            with installation.store.read() as connection:
                for address in (*EVERYBODY, ANN):
                    bound = keyring.state(connection, address, moment[0], ANN)
                    assert bound.state not in CONFIRMED, (number, address)


@pytest.mark.parametrize("address", [BOB, PRIYA, KIM, LEE])
def test_what_one_sender_said_is_not_said_for_another(
    address: str, made: list[Key], installation: Installation
) -> None:
    key = next(k for k in made if address in k.names and k.good)
    saw = frozenset({key.newest})
    said = [Said(TOM, address, key, "verified", NOW, saw)]
    world = World(
        {key.certificate.fingerprint: (key, NOW - timedelta(hours=1))},
        said,
        [address],
        [],
        [],
        "",
        "",
    )
    settle(installation, world)
    with installation.store.read() as connection:
        assert keyring.state(connection, address, NOW, TOM).state in CONFIRMED
        assert keyring.state(connection, address, NOW, ANN).state not in CONFIRMED
        assert keyring.state(connection, address, NOW).state not in CONFIRMED
