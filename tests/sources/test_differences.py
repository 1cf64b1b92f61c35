"""What a newer copy says, and what a source may say of a key."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service import addresses
from addin_service.pgp.certificate import Certificate
from addin_service.pgp.merging import merged
from addin_service.sources import narrowing
from addin_service.sources.differences import another, between
from tests.pgp.keys import GPG, Owner, known, needs_gpg, owner

BOB = addresses.parse("bob@northwind.example")


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    needs_gpg()
    with owner() as made:
        yield made


def told(stored: Certificate, newer: Certificate) -> list[str]:
    return [change.what for change in between(stored, newer)]


def grown(stored: Certificate, maker: Owner, key: str) -> Certificate:
    """What is stored, with its owner's present copy merged in."""
    return GPG.read(merged(stored.data, maker.public(key)))


def test_nothing_new(maker: Owner) -> None:
    key = maker.make("Bob <bob@northwind.example>")
    stored = GPG.read(maker.public(key))
    assert told(stored, grown(stored, maker, key)) == []


def test_a_new_end_and_a_new_encryption_key(maker: Owner) -> None:
    key = maker.make("Bob <bob@northwind.example>", expire="1y")
    stored = GPG.read(maker.public(key))
    maker.gpg("--quick-set-expire", key, "3y")
    maker.add(key)
    newer = grown(stored, maker, key)
    assert told(stored, newer) == ["expiry", "key-added"]
    text = " ".join(change.text for change in between(stored, newer))
    assert newer.expires is not None
    assert newer.expires.date().isoformat() in text
    assert "encryption" in text


def test_a_longer_life_of_the_encryption_key_alone(maker: Owner) -> None:
    key = maker.make("Bob <bob@northwind.example>", encryption=None)
    maker.add(key, expire="1y")
    stored = GPG.read(maker.public(key))
    maker.gpg("--quick-set-expire", key, "3y", "*")
    assert told(stored, grown(stored, maker, key)) == ["key-expiry"]


def test_a_name_is_added_and_withdrawn(maker: Owner) -> None:
    key = maker.make("Bob <bob@northwind.example>")
    stored = GPG.read(maker.public(key))
    maker.gpg("--quick-add-uid", key, "Bob <bob@elsewhere.example>")
    added = grown(stored, maker, key)
    assert told(stored, added) == ["name-added"]
    maker.gpg("--quick-revoke-uid", key, "Bob <bob@northwind.example>")
    assert told(added, grown(added, maker, key)) == ["name-revoked"]


def test_an_encryption_key_is_withdrawn(maker: Owner) -> None:
    key = maker.make("Bob <bob@northwind.example>")
    stored = GPG.read(maker.public(key))
    maker.edit(key, "key 1", "revkey", "y", "0", "", "y")
    assert told(stored, grown(stored, maker, key)) == ["key-revoked"]


@pytest.mark.parametrize(("reason", "words"), [(3, "out of use"), (1, "somebody else may hold it")])
def test_the_whole_key_is_withdrawn(maker: Owner, reason: int, words: str) -> None:
    key = maker.make("Bob <bob@northwind.example>")
    stored = GPG.read(maker.public(key))
    maker.revoke(key, reason)
    (only,) = between(stored, grown(stored, maker, key))
    assert only.what == "revoked", "its parts go with it, and are not told one by one"
    assert words in only.text


def test_another_key_is_told_by_its_fingerprint() -> None:
    needs_gpg()
    other = known("Bob <bob@northwind.example>").certificate
    change = another(other)
    assert change.what == "other-key"
    assert other.fingerprint[:4] in change.text


def test_only_the_names_for_the_address_stay() -> None:
    needs_gpg()
    many = known(
        "Bob <bob@northwind.example>", "Priya <priya@chambers.example>",
        '"bob@northwind.example" <eve@evil.example>', "bob@northwind.example",
    )  # fmt: skip
    kept = GPG.read(narrowing.only_for(many.certificate.data, BOB))
    assert {user.text for user in kept.user_ids} == {
        "Bob <bob@northwind.example>",
        "bob@northwind.example",
    }
    assert kept.fingerprint == many.certificate.fingerprint
    assert kept.subkeys == many.certificate.subkeys
    assert narrowing.only_for(many.certificate.data, addresses.parse("kim@x.example")) == b""


def test_a_withdrawn_name_is_news_of_the_address(maker: Owner) -> None:
    key = maker.make("Bob <bob@northwind.example>")
    maker.gpg("--quick-add-uid", key, "Bob <bob@elsewhere.example>")
    maker.gpg("--quick-revoke-uid", key, "Bob <bob@northwind.example>")
    certificate = GPG.read(maker.public(key))
    assert BOB.key not in certificate.addresses()
    assert narrowing.names(certificate, BOB)
    assert narrowing.only_for(certificate.data, BOB)


@given(st.binary(max_size=300))
def test_narrowing_only_ever_takes_away(data: bytes) -> None:
    assert len(narrowing.only_for(data, BOB)) <= len(data) + 6 * 20
