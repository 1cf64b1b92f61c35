"""Certificates and messages that other people made and published."""

import collections
import os
from pathlib import Path

import pysequoia
import pytest

from addin_service.pgp import packets
from addin_service.pgp.armor import Malformed
from addin_service.pgp.gpg import NotACertificate
from addin_service.pgp.reading import PROBLEMS
from tests.conftest import needs
from tests.pgp import keys, samples
from tests.pgp.keys import GPG, now


@pytest.fixture
def folder() -> Path:
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
def test_autocrypts_people_have_expired(name: str, folder: Path) -> None:
    place = folder / "autocrypt"
    found = GPG.read((place / f"{name}@autocrypt.example.pub.asc").read_bytes())
    assert found.addresses() == {f"{name}@autocrypt.example"}
    assert found.condition(now()) == "expired"
    assert found.expires is not None
    assert found.expires.year == 2021
    with pytest.raises(NotACertificate) as refusal:
        GPG.read((place / f"{name}@autocrypt.example.sec.asc").read_bytes())
    assert refusal.value.reason == "secret"


def test_bob_babbage_is_good_and_can_be_written_to(folder: Path) -> None:
    place = folder / "draft-bre-openpgp-samples-00"
    found = GPG.read((place / "bob.pub.asc").read_bytes())
    assert found.fingerprint == "D1A66E1A23B182C9980F788CFBFCC82A015E7330"
    assert found.addresses() == {"bob@openpgp.example"}
    message = GPG.encrypt(b"hello", [found], now())
    secret = pysequoia.Tsk.from_bytes((place / "bob.sec.asc").read_bytes())
    assert bytes(pysequoia.decrypt(message, secret.decryptor()).bytes or b"") == b"hello"


FAMILIES = {
    "v4-ed25519-x25519": "", "v4-legacy": "", "v4-nistp": "", "v4-rsa": "",
    "v6-25519-annex-a-4": "version", "v6-ed25519-x448": "version", "v6-ed448-x448": "version",
    "v6-legacy_illegal": "version", "v6-nistp": "version", "v6-rsa": "version",
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_keys_of_every_version_are_used_or_refused_in_words(family: str, folder: Path) -> None:
    data = public((folder / "rfc9580" / family / "tsk.asc").read_bytes())
    if FAMILIES[family]:
        with pytest.raises(NotACertificate) as refusal:
            GPG.read(data)
        assert refusal.value.reason == FAMILIES[family]
        return
    found = GPG.read(data)
    assert found.condition(now()) == "good"
    assert packets.key_ids(GPG.encrypt(b"x", [found], now())) == {found.subkeys[-1].key_id}


def test_other_programs_messages_name_their_readers(folder: Path) -> None:
    seen = [said(path.read_bytes()) for path in sorted(folder.rglob("enc-*.msg"))]
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


TOTALS = {
    ("key", "expired"): 3, ("key", "good"): 1, ("secret key", "refused: secret"): 15,
    ("certificate of it", "expired"): 4, ("certificate of it", "good"): 5,
    ("certificate of it", "refused: version"): 6, ("signed text", "refused: message"): 7,
    ("mail", "refused: message"): 3, ("mail", "refused: not-a-key"): 3,
    ("message", "1 reader, container 18 v1"): 7, ("message", "refused: version"): 9,
}  # fmt: skip


def test_every_file_is_used_or_refused_in_our_own_words(folder: Path) -> None:
    """The whole table: `python -m tests.pgp.samples FOLDER`."""
    rows = [row for row in samples.table(folder) if row.kind != "other file"]
    found = collections.Counter((row.kind, row.outcome) for row in rows)
    assert dict(found) == TOTALS
    for row in rows:
        if row.outcome.startswith("refused") and row.kind != "message":
            reason = row.outcome.removeprefix("refused: ")
            assert row.words == "; ".join(PROBLEMS[reason])
        # What gpg opens is what our packet reader can name the readers of.
        if row.kind == "message" and "gpg" in row.words:
            assert row.outcome == "1 reader, container 18 v1"
