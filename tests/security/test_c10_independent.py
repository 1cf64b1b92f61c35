"""EFAIL, 2018, and years of mail that only its own writer could open: what one program wrote is
right when another program, written by other people, says so.
"""

import os
from collections.abc import Callable, Iterator

import pysequoia
import pytest
from pysequoia.packet import PacketPile, Tag

from addin_service.pgp import packets
from addin_service.pgp.certificate import Certificate
from tests.pgp import keys
from tests.pgp.keys import GPG, Owner, known, named_in, now

TEXT = "Guten Tag, Zoé – 学校 \U0001f511\r\n-----BEGIN PGP MESSAGE-----\r\n".encode()
BODIES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\0",
    "text": lambda: TEXT,
    "lines of every kind": lambda: b"a\nb\r\nc\rd\x1a\n.\n..\n",
    "zeros": lambda: bytes(100_000),
    "a partial packet less one": lambda: os.urandom(8191),
    "a partial packet": lambda: os.urandom(8192),
    "a partial packet and one": lambda: os.urandom(8193),
    "300 kB": lambda: os.urandom(300_000),
    "3 MB": lambda: os.urandom(3_000_000),
    "another message": lambda: GPG.encrypt(b"x", [known("Eve").certificate], now()),
}
KINDS = {
    "Curve25519": ("ed25519", "cv25519"),
    "RSA 2048": ("rsa2048", "rsa2048"),
    "NIST P-256": ("nistp256", "nistp256"),
    "NIST P-521": ("nistp521", "nistp521"),
    "NIST P-384": ("nistp384", "nistp384"),
    "RSA that encrypts with Curve25519": ("rsa2048", "cv25519"),
}


@pytest.fixture(autouse=True)
def _gpg() -> None:
    keys.needs_gpg()


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    keys.needs_gpg()
    with keys.owner() as made:
        yield made


@pytest.fixture(scope="module")
def gpg_made(maker: Owner) -> Certificate:
    return GPG.read(maker.public(maker.make("Ann <ann@corp.example>")))


@pytest.mark.parametrize("armor", [True, False])
@pytest.mark.parametrize("story", BODIES)
def test_gpg_and_sequoia_open_the_same(
    story: str, armor: bool, maker: Owner, gpg_made: Certificate
) -> None:
    bob = known("Bob <bob@bank.example>")
    body = BODIES[story]()
    message = GPG.encrypt(body, [gpg_made, bob.certificate], now(), armor)
    assert bob.opens(message) == body
    assert maker.opens(message) == body
    assert known("Mallory <mallory@evil.example>").opens(message) is None
    assert message.startswith(b"-----BEGIN PGP MESSAGE-----\n") is armor


@pytest.mark.parametrize("kind", KINDS)
def test_every_usual_kind_of_key_is_read_and_named_alike(kind: str, maker: Owner) -> None:
    algorithm, encryption = KINDS[kind]
    made = maker.make("K <k@corp.example>", algorithm=algorithm, encryption=encryption)
    certificate = GPG.read(maker.public(made))
    theirs = pysequoia.Cert.from_bytes(maker.public(made))
    assert theirs.fingerprint.upper() == certificate.fingerprint
    assert [str(u) for u in theirs.user_ids or []] == [u.text for u in certificate.user_ids]
    listed = {
        (p.fingerprint or "").upper()
        for p in PacketPile.from_bytes(certificate.data)
        if p.tag in (Tag.PublicKey, Tag.PublicSubkey)
    }
    assert listed == {key.fingerprint for key in certificate.subkeys}
    message = GPG.encrypt(TEXT, [certificate], now())
    assert maker.opens(message) == TEXT
    key = certificate.encryption_key(now())
    assert key
    assert named_in(message) == {key.key_id}


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_both_see_the_same_packets(count: int) -> None:
    people = [known(f"Reader {n} <r{n}@corp.example>") for n in range(count)]
    message = GPG.encrypt(TEXT, [p.certificate for p in people], now())
    ours = packets.readers(message)
    pile = list(PacketPile.from_bytes(message))
    assert set(ours.key_ids) == named_in(message)
    assert len(ours.key_ids) == count == len([p for p in pile if p.tag == Tag.PKESK])
    # One encrypted part with protection against change, and nothing around it.
    assert [p.tag for p in pile] == [Tag.PKESK] * count + [Tag.SEIP]
    assert (ours.container, ours.version, ours.passwords) == (packets.SEALED, 1, 0)


def test_the_length_tells_nothing_of_the_content(gpg_made: Certificate) -> None:
    lengths = {
        len(GPG.encrypt(body, [gpg_made], now(), armor=False))
        for body in (bytes(50_000), os.urandom(50_000), b"ab" * 25_000)
    }
    assert max(lengths) - min(lengths) <= 4  # of a number in the first packet


def test_a_changed_message_opens_for_neither(maker: Owner, gpg_made: Certificate) -> None:
    bob = known("Bob <bob@bank.example>")
    message = bytearray(GPG.encrypt(TEXT, [gpg_made, bob.certificate], now(), armor=False))
    message[-30] ^= 1
    assert bob.opens(bytes(message)) is None
    assert maker.opens(bytes(message)) is None


def test_sequoias_own_messages_are_read_back_alike(gpg_made: Certificate) -> None:
    people = [known(f"Reader {n} <r{n}@corp.example>") for n in range(3)]
    certificates = [p.secret.extract_certificate() for p in people]
    certificates.append(pysequoia.Cert.from_bytes(gpg_made.data))
    message = bytes(pysequoia.encrypt(TEXT, certificates, passwords=["x"]))
    found = packets.readers(message)
    assert set(found.key_ids) == named_in(message)
    assert len(found.key_ids) == 4
    assert found.passwords == 1
