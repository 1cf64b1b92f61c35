"""A certificate as gpg and we read it together."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from addin_service.pgp import lasting, packets, reading
from addin_service.pgp.certificate import Certificate
from addin_service.pgp.gpg import NotACertificate
from tests.pgp import keys
from tests.pgp.keys import GPG, Owner, known, now


@pytest.fixture(autouse=True)
def _gpg() -> None:
    keys.needs_gpg()


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    keys.needs_gpg()
    with keys.owner() as made:
        yield made


def read(maker: Owner, made: str) -> Certificate:
    return GPG.read(maker.public(made))


def test_dates_keys_and_names_are_read(maker: Owner) -> None:
    began = now() - timedelta(seconds=2)
    made = maker.make("Ann <ann@corp.example>", expire="1y", encryption=None)
    maker.add(made, expire="30d")
    found = read(maker, made)
    assert found.fingerprint == made
    assert began <= found.created <= now() + timedelta(seconds=1)
    assert found.expires is not None
    assert abs(found.expires - found.created - timedelta(days=365)) <= timedelta(days=1)
    assert [key.encrypts for key in found.subkeys] == [False, True]
    assert found.subkeys[0].fingerprint == made
    ends = found.subkeys[1].expires
    assert ends is not None
    assert abs(ends - found.created - timedelta(days=30)) <= timedelta(seconds=5)
    assert [(u.text, u.address) for u in found.user_ids] == [
        ("Ann <ann@corp.example>", "ann@corp.example")
    ]
    assert (found.revoked, found.problem, found.condition(now())) == ("", "", "good")
    assert found.condition(now() + timedelta(days=31)) == "expired"


def test_other_peoples_signatures_are_not_kept(maker: Owner) -> None:
    ann = maker.make("Ann <ann@corp.example>")
    plain = read(maker, ann)
    for n in range(3):
        signer = maker.make(f"Signer {n}")
        maker.gpg("--yes", "--local-user", signer, "--quick-sign-key", ann)
    assert len(maker.public(ann)) > len(plain.data)
    assert read(maker, ann) == plain


def test_a_revoked_user_id_is_no_evidence(maker: Owner) -> None:
    made = maker.make("Ann <ann@corp.example>")
    maker.gpg("--quick-add-uid", made, "Ann <ann@old.example>")
    maker.gpg("--quick-revoke-uid", made, "Ann <ann@old.example>")
    found = read(maker, made)
    assert {(u.address, u.revoked) for u in found.user_ids} == {
        ("ann@corp.example", False), ("ann@old.example", True),
    }  # fmt: skip
    assert found.addresses() == {"ann@corp.example"}


@pytest.mark.parametrize(("reason", "kind"), [(0, "hard"), (1, "hard"), (2, "soft"), (3, "soft")])
def test_why_a_key_was_revoked(reason: int, kind: str, maker: Owner) -> None:
    made = maker.make(f"Gone {reason}")
    maker.revoke(made, reason)
    assert read(maker, made).revoked == kind


def test_a_revoked_key_still_names_whose_it_was(maker: Owner) -> None:
    made = maker.make("Ann <ann@corp.example>")
    maker.gpg("--quick-add-uid", made, "Ann <ann@old.example>")
    maker.gpg("--quick-revoke-uid", made, "Ann <ann@old.example>")
    assert reading.revoked_at(read(maker, made)) is None
    began = now() - timedelta(seconds=2)
    maker.revoke(made, 2)
    found = read(maker, made)
    assert {(u.address, u.revoked) for u in found.user_ids} == {
        ("ann@corp.example", False), ("ann@old.example", True),
    }  # fmt: skip
    assert found.addresses() == {"ann@corp.example"}
    assert (found.revoked, found.condition(now())) == ("soft", "revoked")
    revoked_at = reading.revoked_at(found)
    assert revoked_at is not None
    assert began <= revoked_at <= now() + timedelta(seconds=1)


PRIMARY = packets.Packet(packets.PUBLIC_KEY, b"a key")


def said(kind: int, made: int | None, version: int = 4) -> packets.Packet:
    """A signature of this type and date, by the key of `PRIMARY`."""
    area = b"\x09\x10" + bytes.fromhex(packets.key_fingerprint(PRIMARY.body)[-16:])
    area += b"" if made is None else b"\x05\x02" + made.to_bytes(4, "big")
    head = bytes([version, kind, 22, 8]) + len(area).to_bytes(2, "big")
    return packets.Packet(packets.SIGNATURE, head + area + bytes(4))


@pytest.mark.parametrize(
    ("words", "withdrawn"),
    [
        ([], False),
        ([(0x13, 1)], False),
        ([(0x30, 1)], True),
        ([(0x13, 1), (0x30, 2)], True),
        ([(0x30, 2), (0x13, 1)], True),
        ([(0x30, 1), (0x13, 2)], False),
        ([(0x13, 2), (0x30, 1)], False),
        ([(0x30, 1), (0x13, 1)], True),
        ([(0x13, 9), (0x30, None)], True),
        ([(0x13, None), (0x30, 1)], True),
        ([(0x10, 1), (0x30, 2), (0x12, 3), (0x30, 4)], True),
        ([(0x18, 9), (0x20, 9)], False),
    ],
)
def test_the_last_word_about_a_user_id_counts(
    words: list[tuple[int, int | None]], withdrawn: bool
) -> None:
    name = packets.Packet(packets.USER_ID, b"Ann")
    own = [PRIMARY, said(0x30, 99), name, *(said(*word) for word in words)]
    own += [said(0x30, 99, version=3), packets.Packet(packets.ATTRIBUTE, b""), said(0x30, 99)]
    assert lasting.withdrawn_names(own) == (frozenset({b"Ann"}) if withdrawn else frozenset())


def test_revoked_twice_the_graver_reason_counts(maker: Owner) -> None:
    made = maker.make("Gone twice")
    both = [maker.revocation(made, reason) for reason in (1, 2)]
    for one in both:
        maker.gpg("--import", given=one)
    found = read(maker, made)
    assert [p.tag for p in packets.walk(found.data)][:3] == [6, 2, 2]
    assert found.revoked == "hard"


def test_what_is_wrong_for_good_is_said(maker: Owner) -> None:
    signs = read(maker, maker.make("S", encryption=None))
    assert signs.problem == "it has no key for encryption, only for signing"
    old = read(maker, maker.make("O", "--cert-digest-algo", "SHA1"))
    assert old.problem == "its own signatures use SHA-1 or MD5, which can be forged"
    half = maker.make("H", encryption=None)
    maker.add(half, "--cert-digest-algo", "SHA1")
    assert "SHA-1" in read(maker, half).problem
    mixed = maker.make("M", "--cert-digest-algo", "SHA1")
    maker.gpg("--quick-add-uid", mixed, "N")
    maker.add(mixed)
    assert read(maker, mixed).problem == ""


def test_a_key_for_encryption_that_gpg_does_not_know_is_said() -> None:
    bob = known("Bob <bob@bank.example>").certificate
    listing = (
        f"pub:-:255:22:x:1::::::sc:\nfpr:::::::::{bob.fingerprint}:\n"
        "uid:-::::1::0::Bob <bob@bank.example>:\n"
        f"sub:-:255:22:x:1::::::s:\nfpr:::::::::{bob.subkeys[1].fingerprint}:\n"
        f"sub:-:255:25:x:1:::::::\nfpr:::::::::{bob.subkeys[2].fingerprint}:\n"
    )
    listing = listing.replace("x:1::::::s", "x:1:::::::s")
    listing = listing.replace("25:x:1:::::::\n", "25:x:1::::::::\n")
    found = reading.certificate(bob.data, listing.encode())
    assert found.problem == "its encryption key is of a kind that gpg cannot use here"


def listed(bob: Certificate) -> list[str]:
    """How gpg lists Bob's certificate, line by line."""
    made = ["pub:-:255:22:x:1:::-:::scESC:", f"fpr:::::::::{bob.fingerprint}:",
            "uid:-::::1::0::Bob <bob@bank.example>:"]  # fmt: skip
    for key, use in zip(bob.subkeys[1:], ("s", "e"), strict=True):
        made += [f"sub:-:255:18:x:1::::::{use}:", f"fpr:::::::::{key.fingerprint}:"]
    return [line.replace("x:1::::::", "x:1:::::::") for line in made]


WRONG = {
    "nothing": (0, 99, []),
    "no primary key": (0, 2, []),
    "a primary key less": (0, 1, []),
    "no subkeys": (3, 99, []),
    "a subkey less": (5, 99, []),
    "a subkey more": (7, 7, ["sub:-:255:18:x:1:::::::e:", "fpr:::::::::" + "A" * 40 + ":"]),
    "another user ID": (2, 3, ["uid:-::::1::0::Eve <e@y.example>:"]),
    "a user ID more": (3, 3, ["uid:-::::1::0::Eve <e@y.example>:"]),
    "a cut fingerprint": (1, 2, ["fpr:::::::::ABCD:"]),
    "a fingerprint of other signs": (1, 2, ["fpr:::::::::" + "é" * 40 + ":"]),
    "no date": (0, 1, ["pub:-:255:22:x::::-:::scESC:"]),
    "a date of letters": (0, 1, ["pub:-:255:22:x:20260101T:::-:::scESC:"]),
    "a date beyond all time": (0, 1, ["pub:-:255:22:x:99999999999999999:::-:::scESC:"]),
    "short records": (0, 1, ["pub:-"]),
    "the subkey first": (0, 1, ["sub:-:255:22:x:1:::-:::scESC:"]),
}


@pytest.mark.parametrize("story", WRONG)
def test_where_gpg_and_we_read_differently_the_key_is_refused(story: str) -> None:
    bob = known("Bob <bob@bank.example>").certificate
    lines = listed(bob)
    assert reading.certificate(bob.data, "\n".join(lines).encode()).fingerprint == bob.fingerprint
    start, end, instead = WRONG[story]
    lines[start:end] = instead
    with pytest.raises(NotACertificate) as refusal:
        reading.certificate(bob.data, "\n".join(lines).encode())
    assert refusal.value.reason in ("disagree", "no-user-id")


def test_a_disabled_key_is_not_used() -> None:
    bob = known("Bob <bob@bank.example>").certificate
    text = "\n".join(listed(bob)).replace("scESC", "scD")
    assert reading.certificate(bob.data, text.encode()).problem == "it is marked as disabled"


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (rb"plain", b"plain"), (rb"a\x3ab", b"a:b"), (rb"a\nb", b"a\nb"), (rb"a\x5cnb", b"a\\nb"),
        (rb"\x0a\x85", b"\n\x85"), (rb"\r\t\f\v\b\0", b"\r\t\f\v\b\0"), (rb"\\n", b"\\n"),
        (rb"\q\x4", rb"\q\x4"), ("Å\u2028".encode(), "Å\u2028".encode()), (b"", b""),
    ],
)  # fmt: skip
def test_gpgs_escapes_are_undone_in_bytes(field: bytes, raw: bytes) -> None:
    assert reading.unescaped(field) == raw


def test_what_is_kept_holds_nothing_but_the_key(maker: Owner) -> None:
    found = read(maker, maker.make("Ann <ann@corp.example>"))
    assert [p.tag for p in packets.walk(found.data)] == [6, 13, 2, 14, 2]
    assert reading.is_whole(found)


def test_a_clock_that_is_wrong_changes_nothing(maker: Owner) -> None:
    made = maker.make("T <t@corp.example>", "--faked-system-time", "20400101T000000!", expire="1y")
    found = read(maker, made)
    assert found.created == datetime(2040, 1, 1, tzinfo=UTC)
    assert found.condition(now()) == "unusable"
    assert found.condition(datetime(2040, 6, 1, tzinfo=UTC)) == "good"
    assert found.condition(datetime(2042, 6, 1, tzinfo=UTC)) == "expired"
