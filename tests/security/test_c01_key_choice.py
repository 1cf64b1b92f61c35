"""gpg, asked for `bob@bank.example`, encrypted to Mallory, who had written that address into her own
key; asked for `ann@corp.example` it took `joann@corp.example`. Both times with exit status 0.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from addin_service.pgp.certificate import Certificate
from addin_service.pgp.gpg import Refused
from tests.pgp import keys
from tests.pgp.keys import GPG, Owner, known, named_in, now, person

SECRET = b"The offer is 1,250,000.\r\n"

LOOKALIKES: dict[str, tuple[str, list[list[str]]]] = {
    "a longer local part": ("ann@corp.example", [["joann@corp.example"], ["ann@corp.example.net"]]),
    "in angle brackets": ("<ann@corp.example>", [["<joann@corp.example>"]]),
    "a second user ID with the address": (
        "Bob <bob@bank.example>", [["Mallory <m@evil.example>", "Bob <bob@bank.example>"]],
    ),
    "the address as the first user ID": (
        "Bob <bob@bank.example>", [["Bob <bob@bank.example>", "Mallory <m@evil.example>"]],
    ),
    "the very same user ID": ("Bob <bob@bank.example>", [["Bob <bob@bank.example>"]]),
    "the address as a name": ("Bob <bob@bank.example>", [["bob@bank.example <m@evil.example>"]]),
    "the address in quotes": ("Bob <bob@bank.example>", [['"Bob <bob@bank.example>" <m@evil.example>']]),
    "the address in a comment": ("Bob <bob@bank.example>", [["Eve (work <bob@bank.example>) <e@y.example>"]]),
    "two addresses": ("Bob <bob@bank.example>", [["<bob@bank.example> <eve@y.example>"]]),
    "upper case": ("Bob <bob@bank.example>", [["BOB <BOB@BANK.EXAMPLE>"]]),
    "a longer domain": ("Bob <bob@bank.example>", [["Bob <bob@bank.example.evil.example>"]]),
    "a shorter domain": ("Bob <bob@the.bank.example>", [["Bob <bob@bank.example>"]]),
    "a Cyrillic letter": ("Bob <bob@bank.example>", [["Bob <bоb@bank.example>"], ["Bob <bob@bаnk.example>"]]),
    "two spellings of one domain": ("B <b@bücher.example>", [["B <b@xn--bcher-kva.example>"]]),
    "a tag": ("Bob <bob@bank.example>", [["Bob <bob+x@bank.example>"]]),
    "a bare name": ("Bob", [["Bobby"], ["Bob <bob@evil.example>"]]),
    "search signs": ("Bob <bob@bank.example>", [["=Bob <bob@bank.example>"], ["*bob@bank"], ["@bank.example"]]),
    "a line of gpg's own": (
        "Bob <bob@bank.example>", [["x\u2028[GNUPG:] END_ENCRYPTION", "Bob <bob@bank.example>"]],
    ),
    "a line feed": ("Bob <bob@bank.example>", [["x\nfpr:::::::::{}:"]]),
    "a record": ("Bob <bob@bank.example>", [["uid:-::::1::0::Bob <bob@bank.example>::::::::::0:"]]),
    "a blank end": ("Bob <bob@bank.example>", [["Bob <bob@bank.example> "], [" Bob <bob@bank.example>"]]),
    "the fingerprint as a user ID": ("Bob <bob@bank.example>", [["{fingerprint}"], ["0x{fingerprint}"]]),
    "the key id as a user ID": ("Bob <bob@bank.example>", [["{key_id}"], ["Eve {key_id} <e@y.example>"]]),
    "a crowd": ("Bob <bob@bank.example>", [[f"Bob {n} <bob@bank.example>"] for n in range(12)]),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _gpg() -> None:
    keys.needs_gpg()


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    keys.needs_gpg()
    with keys.owner() as made:
        yield made


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    """The sender's own gpg home, found through the environment, set up to betray."""
    with keys.owner() as made:
        mallory = known("Mallory <mallory@evil.example>")
        made.gpg("--import", given=mallory.public)
        (made.home / "gpg.conf").write_text(
            f"encrypt-to {mallory.certificate.fingerprint}\n"
            f"group bob@bank.example={mallory.certificate.fingerprint}\n"
            f"hidden-encrypt-to {mallory.certificate.fingerprint}\n"
            f"default-recipient {mallory.certificate.fingerprint}\nthrow-keyids\n"
        )
        monkeypatch.setenv("GNUPGHOME", str(made.home))
        monkeypatch.setenv("HOME", str(made.home))
        yield made


@pytest.mark.parametrize("story", LOOKALIKES)
def test_only_the_meant_key_is_named_among_lookalikes(
    story: str, maker: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, strangers = LOOKALIKES[story]
    target = person(wanted)
    certificate = target.certificate
    words = {"{fingerprint}": certificate.fingerprint, "{key_id}": certificate.fingerprint[-16:]}

    def filled(text: str) -> str:
        for word, value in words.items():
            text = text.replace(word, value)
        return text

    others = [person(*map(filled, uids)) for uids in strangers]
    maker.gpg("--import", given=b"".join(o.public for o in others) + target.public, check=False)
    monkeypatch.setenv("GNUPGHOME", str(maker.home))
    for other in others:  # read like everything that somebody hands in
        assert other.certificate.fingerprint != certificate.fingerprint
    message = GPG.encrypt(SECRET, [certificate], now())
    key = certificate.encryption_key(now())
    assert key
    assert named_in(message) == {key.key_id}
    assert target.opens(message) == SECRET
    assert all(other.opens(message) is None for other in others)


def test_the_senders_own_configuration_adds_nobody(trap: Owner) -> None:
    bob, mallory = known("Bob <bob@bank.example>"), known("Mallory <mallory@evil.example>")
    bare = ["--encrypt", "--recipient", "bob@bank.example"]
    assert mallory.opens(trap.gpg(*bare, given=SECRET)) == SECRET  # what this guards against
    message = GPG.encrypt(SECRET, [bob.certificate], now())
    key = bob.certificate.encryption_key(now())
    assert key
    assert named_in(message) == {key.key_id}
    assert mallory.opens(message) is None
    assert bob.opens(message) == SECRET
    assert os.environ["GNUPGHOME"] == str(trap.home)


@dataclass(frozen=True)
class Unusable:
    """A key that must not be encrypted to, and the condition that we see in it."""

    make: Callable[[Owner], str]
    condition: str


def _ended(maker: Owner) -> str:
    return maker.make(
        "Old <old@corp.example>", "--faked-system-time", "20200101T000000!", expire="1y"
    )


def _ended_subkey(maker: Owner) -> str:
    past = ("--faked-system-time", "20200101T000000!")
    made = maker.make("Half <half@corp.example>", *past, encryption=None)
    maker.add(made, *past, expire="1y")
    return made


def _revoked(reason: int) -> Callable[[Owner], str]:
    def make(maker: Owner) -> str:
        made = maker.make(f"Gone {reason} <gone@corp.example>")
        maker.revoke(made, reason)
        return made

    return make


def _revoked_subkey(maker: Owner) -> str:
    made = maker.make("Sub <sub@corp.example>")
    maker.edit(made, "key 1", "revkey", "y", "0", "", "y")
    return made


UNUSABLE = {
    "expired": Unusable(_ended, "expired"),
    "its encryption key expired": Unusable(_ended_subkey, "expired"),
    "revoked, no reason": Unusable(_revoked(0), "revoked"),
    "revoked, compromised": Unusable(_revoked(1), "revoked"),
    "revoked, superseded": Unusable(_revoked(2), "revoked"),
    "revoked, no longer used": Unusable(_revoked(3), "revoked"),
    "its encryption key revoked": Unusable(_revoked_subkey, "unusable"),
    "signs only": Unusable(lambda m: m.make("S <s@corp.example>", encryption=None), "unusable"),
    "from the future": Unusable(
        lambda m: m.make("F <f@corp.example>", "--faked-system-time", "20400101T000000!"), "unusable"
    ),
    "signed with SHA-1": Unusable(
        lambda m: m.make("H <h@corp.example>", "--cert-digest-algo", "SHA1"), "unusable"
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", UNUSABLE)
def test_a_key_that_is_over_is_refused_and_so_is_everybody_with_it(
    story: str, maker: Owner
) -> None:
    case = UNUSABLE[story]
    certificate = GPG.read(maker.public(case.make(maker)))
    assert certificate.condition(now()) == case.condition
    bob = known("Bob <bob@bank.example>").certificate
    for readers in ([certificate], [bob, certificate], [certificate, bob]):
        with pytest.raises(Refused) as refusal:
            GPG.encrypt(SECRET, readers, now())
        assert refusal.value.reason == "not-usable"


def test_a_disabled_or_problematic_certificate_is_refused() -> None:
    bob = known("Bob <bob@bank.example>").certificate
    with pytest.raises(Refused) as refusal:
        GPG.encrypt(SECRET, [replace(bob, problem="it is marked as disabled")], now())
    assert refusal.value.reason == "not-usable"


def _two(maker: Owner) -> str:
    made = maker.make("T <t@corp.example>", "--faked-system-time", "20240101T000000!")
    maker.add(made, "--faked-system-time", "20250101T000000!")
    return made


def _two_newest_revoked(maker: Owner) -> str:
    made = _two(maker)
    maker.edit(made, "key 2", "revkey", "y", "0", "", "y")
    return made


def _two_newest_expired(maker: Owner) -> str:
    made = maker.make("T <t@corp.example>", "--faked-system-time", "20240101T000000!")
    maker.add(made, "--faked-system-time", "20250101T000000!", expire="30d")
    return made


def _two_newest_to_come(maker: Owner) -> str:
    made = maker.make("T <t@corp.example>", "--faked-system-time", "20240101T000000!")
    maker.add(made, "--faked-system-time", "20400101T000000!")
    return made


def _two_of_one_second(maker: Owner) -> str:
    made = maker.make("T <t@corp.example>", "--faked-system-time", "20240101T000000!")
    maker.add(made, "--faked-system-time", "20240101T000000!")
    maker.add(made, "--faked-system-time", "20240101T000000!")
    return made


def _primary_too(maker: Owner) -> str:
    return maker.make(
        "P <p@corp.example>", "--faked-system-time", "20240101T000000!", algorithm="rsa2048",
        usage="cert,sign,encr", encryption="cv25519",
    )  # fmt: skip


def _primary_only(maker: Owner) -> str:
    return maker.make(
        "P <p@corp.example>", algorithm="rsa2048", usage="cert,sign,encr", encryption=None
    )


# Which of the keys (the primary is 0) gpg takes.
SUBKEYS = {
    "two: the newer": (_two, 2),
    "two, the newer revoked": (_two_newest_revoked, 1),
    "two, the newer expired": (_two_newest_expired, 1),
    "two, the newer not yet valid": (_two_newest_to_come, 1),
    "three of one second: the first": (_two_of_one_second, 1),
    "the primary and a subkey": (_primary_too, 1),
    "the primary alone": (_primary_only, 0),
}


@pytest.mark.parametrize("story", SUBKEYS)
def test_the_subkey_that_gpg_takes_is_the_one_that_was_shown(story: str, maker: Owner) -> None:
    make, expected = SUBKEYS[story]
    certificate = GPG.read(maker.public(make(maker)))
    shown = certificate.encryption_key(now())
    assert shown == certificate.subkeys[expected]
    message = GPG.encrypt(SECRET, [certificate], now(), armor=False)
    assert named_in(message) == {shown.key_id}
    assert maker.opens(message) == SECRET


@pytest.mark.parametrize("count", [2, 5, 10])
def test_several_readers_are_exactly_those(count: int) -> None:
    people = [known(f"Reader {n} <r{n}@corp.example>") for n in range(count)]
    message = GPG.encrypt(SECRET, [p.certificate for p in people], now())
    assert len(named_in(message)) == count
    assert [p.opens(message) for p in people] == [SECRET] * count
    assert known("Mallory <mallory@evil.example>").opens(message) is None


def test_the_same_certificate_twice_is_one_reader() -> None:
    bob = known("Bob <bob@bank.example>")
    assert len(named_in(GPG.encrypt(SECRET, [bob.certificate] * 2, now()))) == 1


def test_nobody_is_no_reader() -> None:
    with pytest.raises(Refused) as refusal:
        GPG.encrypt(SECRET, [], now())
    assert refusal.value.reason == "no-readers"


def test_a_message_for_other_keys_than_shown_is_withheld() -> None:
    """The certificate in the store and what we believe of it have drifted apart."""
    bob = known("Bob <bob@bank.example>").certificate
    other = replace(bob.subkeys[-1], fingerprint=bob.subkeys[0].fingerprint)
    with pytest.raises(Refused) as refusal:
        GPG.encrypt(SECRET, [replace(bob, subkeys=(*bob.subkeys[:-1], other))], now())
    assert refusal.value.reason == "wrong-readers"


def test_another_persons_bytes_under_a_fingerprint_are_withheld() -> None:
    bob = known("Bob <bob@bank.example>").certificate
    mallory = known("Mallory <mallory@evil.example>").certificate
    swapped: list[Certificate] = [
        replace(bob, data=mallory.data), replace(bob, data=bob.data + mallory.data),
        replace(bob, data=mallory.data + bob.data), replace(bob, data=b""),
        replace(bob, data=bob.data[:-1]), replace(bob, data=bob.data + keys.part(12, b"\x03\x01")),
    ]  # fmt: skip
    for certificate in swapped:
        with pytest.raises(Refused) as refusal:
            GPG.encrypt(SECRET, [certificate], now())
        assert refusal.value.reason == "damaged"


def test_a_key_that_ends_tomorrow_is_refused_the_day_after(maker: Owner) -> None:
    certificate = GPG.read(maker.public(maker.make("E <e@corp.example>", expire="1d")))
    assert GPG.encrypt(SECRET, [certificate], now())
    with pytest.raises(Refused):
        GPG.encrypt(SECRET, [certificate], now() + timedelta(days=2))
