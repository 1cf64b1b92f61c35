"""Certificates and messages that other people made and published."""

import os
from pathlib import Path

import pysequoia
import pytest

from addin_service.pgp import packets
from addin_service.pgp.armor import Malformed
from addin_service.pgp.gpg import NotACertificate
from tests.conftest import needs
from tests.pgp import keys
from tests.pgp.keys import GPG, now


@pytest.fixture
def samples() -> Path:
    """The folder with them."""
    keys.needs_gpg()
    needs(
        "OPENPGP_SAMPLES, a folder with samples made by others,",
        "OPENPGP_SAMPLES" in os.environ,
        "continuous integration sets it",
    )
    return Path(os.environ["OPENPGP_SAMPLES"])


def public(data: bytes) -> bytes:
    """The public half of a published secret test key."""
    return bytes(pysequoia.Tsk.from_bytes(data).extract_certificate())


@pytest.mark.parametrize("name", ["alice", "bob", "carol"])
def test_autocrypts_people_have_expired(name: str, samples: Path) -> None:
    folder = samples / "autocrypt"
    found = GPG.read((folder / f"{name}@autocrypt.example.pub.asc").read_bytes())
    assert found.addresses() == {f"{name}@autocrypt.example"}
    assert found.condition(now()) == "expired"
    assert found.expires is not None
    assert found.expires.year == 2021
    with pytest.raises(NotACertificate) as refusal:
        GPG.read((folder / f"{name}@autocrypt.example.sec.asc").read_bytes())
    assert refusal.value.reason == "secret"


def test_bob_babbage_is_good_and_can_be_written_to(samples: Path) -> None:
    folder = samples / "draft-bre-openpgp-samples-00"
    found = GPG.read((folder / "bob.pub.asc").read_bytes())
    assert found.fingerprint == "D1A66E1A23B182C9980F788CFBFCC82A015E7330"
    assert found.addresses() == {"bob@openpgp.example"}
    message = GPG.encrypt(b"hello", [found], now())
    secret = pysequoia.Tsk.from_bytes((folder / "bob.sec.asc").read_bytes())
    assert bytes(pysequoia.decrypt(message, secret.decryptor()).bytes or b"") == b"hello"


FAMILIES = {
    "v4-ed25519-x25519": "", "v4-legacy": "", "v4-nistp": "", "v4-rsa": "",
    "v6-25519-annex-a-4": "version", "v6-ed25519-x448": "version", "v6-ed448-x448": "version",
    "v6-legacy_illegal": "version", "v6-nistp": "version", "v6-rsa": "version",
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_keys_of_every_version_are_used_or_refused_in_words(family: str, samples: Path) -> None:
    data = public((samples / "rfc9580" / family / "tsk.asc").read_bytes())
    if FAMILIES[family]:
        with pytest.raises(NotACertificate) as refusal:
            GPG.read(data)
        assert refusal.value.reason == FAMILIES[family]
        return
    found = GPG.read(data)
    assert found.condition(now()) == "good"
    assert packets.key_ids(GPG.encrypt(b"x", [found], now())) == {found.subkeys[-1].key_id}


def test_other_programs_messages_name_their_readers(samples: Path) -> None:
    seen = [said(path.read_bytes()) for path in sorted(samples.rglob("enc-*.msg"))]
    # Version 6 packets are made for keys of version 6, which are not accepted here.
    assert set(seen) == {"version", "one reader"}
    assert seen.count("one reader") >= 5


def said(message: bytes) -> str:
    """What our reader makes of it."""
    try:
        found = packets.readers(message)
    except Malformed as fault:
        return fault.code
    whole = found.container == packets.SEALED and not found.passwords
    return "one reader" if whole and len(found.key_ids) == 1 else "something else"
