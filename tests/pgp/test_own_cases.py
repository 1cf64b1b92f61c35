"""Certificates of our own making: what is read, what is refused, and that no engine decides it."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import pysequoia
import pytest

from addin_service.pgp import packets
from addin_service.pgp.certificate import Certificate
from addin_service.pgp.gpg import Gpg, NotACertificate, Refused
from addin_service.pgp.reading import PROBLEMS
from tests.pgp import keys
from tests.pgp.cases import BOB, CASES, LATER, bob, three
from tests.pgp.forge import DAY, FLIPPED_EVERY, MADE, Forge, lasts, usual
from tests.pgp.keys import GPG, named_in, now

READ = [story for story, case in CASES.items() if not case.refused]
BARRED = [story for story in READ if CASES[story].condition != "good"]


@pytest.fixture(autouse=True)
def _gpg() -> None:
    keys.needs_gpg()


@pytest.mark.parametrize("story", CASES)
def test_each_case_is_read_or_refused_as_it_must_be(story: str) -> None:
    case = CASES[story]
    data = case.make()
    if case.refused:
        with pytest.raises(NotACertificate) as refusal:
            GPG.read(data)
        assert refusal.value.reason == case.refused
        assert str(refusal.value) == PROBLEMS[case.refused][0]
        return
    found = GPG.read(data)
    assert (found.condition(now()), found.revoked, found.problem, found.addresses()) == (
        case.condition, case.revoked, case.problem, case.names,
    )  # fmt: skip
    assert GPG.read(found.data) == found


@pytest.mark.parametrize("story", [story for story in READ if story not in BARRED])
def test_a_good_case_is_encrypted_to_for_the_key_that_we_say(story: str) -> None:
    found = GPG.read(CASES[story].make())
    key = found.encryption_key(now())
    assert key is not None
    assert named_in(GPG.encrypt(b"x", [found], now())) == {key.key_id}


@pytest.mark.parametrize("story", BARRED)
def test_what_must_not_be_used_is_refused_before_any_engine_is_asked(story: str) -> None:
    found = GPG.read(CASES[story].make())
    nobody = Gpg("there-is-no-such-gpg")
    with pytest.raises(Refused) as refusal:
        nobody.encrypt(b"x", [found], now())
    assert refusal.value.reason == "not-usable"


def by_gpg(certificate: Certificate) -> bool:
    """Whether bare gpg encrypts to it."""
    with keys.owner() as someone:
        someone.gpg("--import", given=certificate.data, check=False)
        return bool(
            someone.gpg("--encrypt", "-r", certificate.fingerprint, given=b"x", check=False)
        )


def by_sequoia(certificate: Certificate) -> bool:
    """Whether Sequoia encrypts to it."""
    with contextlib.suppress(Exception):
        return bool(pysequoia.encrypt(b"x", [pysequoia.Cert.from_bytes(certificate.data)]))
    return False


LENIENT: dict[str, tuple[Callable[[Certificate], bool], ...]] = {
    "expired": (by_sequoia,),
    "only its encryption key expired": (by_sequoia,),
    "revoked, compromised": (by_sequoia,),
    "revoked, superseded": (by_sequoia,),
    "SHA-1 throughout": (by_gpg,),
    "RSA of 512 bits": (by_gpg,),
}


@pytest.mark.parametrize("story", LENIENT)
def test_an_engine_alone_would_have_encrypted(story: str) -> None:
    """What the test before guards against; where an engine turns strict, this one tells."""
    found = GPG.read(CASES[story].make())
    assert story in BARRED
    assert all(engine(found) for engine in LENIENT[story])


def test_of_two_encryption_keys_the_newest_that_is_valid_is_used() -> None:
    older, newer = GPG.read(CASES["two encryption keys"].make()).subkeys[1:]
    assert (older.created, newer.created) == (at(MADE), at(LATER))
    for story, which in [
        ("two encryption keys", 2),
        ("the newer of two expired", 1),
        ("the newer of two revoked", 1),
        ("X25519 beside Curve25519", 1),
    ]:
        found = GPG.read(CASES[story].make())
        assert found.encryption_key(now()) == found.subkeys[which], story


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_dates_are_those_that_were_written() -> None:
    found = GPG.read(bob().name(BOB, lasts(DAY)).subkey(lasts(2 * DAY)).data)
    assert (found.created, found.expires) == (at(MADE), at(MADE + DAY))
    assert found.subkeys[1].expires is not None
    assert found.condition(at(MADE + DAY - 1)) == "good"
    assert found.condition(at(MADE + DAY)) == "expired"
    assert found.condition(at(MADE - 1)) == "unusable"


def test_strangers_signatures_are_not_kept() -> None:
    found = GPG.read(CASES["strangers' signatures"].make())
    # gpg keeps a stranger's revocation of the whole key: it may be somebody appointed for that.
    assert [p.tag for p in packets.walk(found.data)] == [6, 2, 13, 2, 14, 2]


@pytest.mark.parametrize("which", range(3))
def test_each_of_three_in_one_file_is_read_by_itself(which: int) -> None:
    one = pysequoia.Cert.split_bytes(three())[which]
    assert GPG.read(bytes(one)).addresses() == {"bob@bank.example"}


def facts(found: Certificate) -> tuple[object, ...]:
    """All but the bytes: a packet that says nothing may be kept or not."""
    return (found.fingerprint, found.created, found.expires, found.revoked, found.user_ids,
            found.subkeys, found.problem)  # fmt: skip


@pytest.mark.slow
def test_a_bit_changed_anywhere_is_refused_or_takes_something_away() -> None:
    """A bit of every second byte, and three of some: never a crash, never another fact.

    That is one of the two bytes in each signature in which nothing counts, wherever they come to lie.
    """
    honest = bob().name(BOB).subkey().subkey(born=LATER, made=LATER).data
    read = GPG.read(honest)
    outcomes = {"refused": 0, "the same": 0, "less": 0}
    for place in range(0, len(honest), 2):
        for bit in (0x10,) if place % FLIPPED_EVERY else (0x01, 0x10, 0x80):
            changed = bytearray(honest)
            changed[place] ^= bit
            try:
                found = GPG.read(bytes(changed))
            except NotACertificate:
                outcomes["refused"] += 1
                continue
            if facts(found) == facts(read):
                outcomes["the same"] += 1
                continue
            outcomes["less"] += 1
            assert facts(found)[:6] != facts(read)[:6]
            assert found.fingerprint == read.fingerprint
            assert (found.created, found.user_ids) == (read.created, read.user_ids)
            assert {k for k in found.subkeys if k.encrypts} < set(read.subkeys)
    assert all(outcomes.values()), outcomes


def outcome(data: bytes) -> str:
    """Why it was refused, or its condition."""
    try:
        return GPG.read(data).condition(now())
    except NotACertificate as refusal:
        return refusal.reason


def test_a_certificate_cut_anywhere_is_refused_or_what_stands_before_the_cut() -> None:
    honest = usual()
    ends = [0]
    for packet in packets.walk(honest):
        ends.append(ends[-1] + len(packets.joined([packet])))
    within = {outcome(honest[:size]) for size in range(1, len(honest), 7) if size not in ends}
    assert within == {"damaged"}
    assert [outcome(honest[:end]) for end in ends] == [
        "empty", "no-user-id", "no-user-id", "unusable", "unusable", "good",
    ]  # fmt: skip


def test_what_a_stranger_adds_to_a_key_is_not_taken_for_its_own() -> None:
    """Another's user ID and encryption key, signed by that other, behind an honest key."""
    honest, eve = bob().name(BOB).subkey(), Forge()
    added = honest.data + b"".join(
        Forge(honest.made, eve.key).name(b"Eve <eve@evil.example>").subkey().parts[1:]
    )
    assert facts(GPG.read(added)) == facts(GPG.read(honest.data))
