"""Whose certificate it is, and whether a message may be sealed to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import product

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from addin_service.pgp import not_a_certificate
from addin_service.smime import problems, reading
from addin_service.smime.reading import NotACertificate, read
from tests.smime import making as m
from tests.smime.making import NOW, Made

GOOD = Made()


def reason(data: bytes) -> str:
    with pytest.raises(NotACertificate) as refusal:
        read(data)
    assert refusal.value.hint
    return refusal.value.reason


def addresses(made: Made) -> list[str | None]:
    return [user_id.address for user_id in read(made.der).user_ids]


def test_what_a_certificate_says() -> None:
    found = read(GOOD.der)
    assert found.fingerprint == sha256(GOOD.der).hexdigest().upper()
    assert (found.created, found.expires) == (GOOD.begins, GOOD.ends)
    assert [(one.text, one.address, one.revoked) for one in found.user_ids] == [
        ("p.tan@chambers.example", "p.tan@chambers.example", False),
        ("Priya Tan, Chambers", None, False),
    ]
    assert found.addresses() == {"p.tan@chambers.example"}
    assert (found.revoked, found.problem, found.data) == ("", "", GOOD.der)
    (key,) = found.subkeys
    assert found.encryption_key(NOW) == key
    assert key.fingerprint == found.fingerprint
    assert found.condition(NOW) == "good"
    assert found.condition(GOOD.ends) == "expired"
    assert found.condition(GOOD.begins - timedelta(seconds=1)) == "unusable"


FILES = {
    "DER": GOOD.der,
    "PEM": m.pem(GOOD.der),
    "PEM with a mark and line ends of Windows": b"\xef\xbb\xbf" + m.pem(GOOD.der).replace(b"\n", b"\r\n"),
    "PEM with words before it": b"0 Subject: CN = Priya Tan\n\n" + m.pem(GOOD.der),
    "PEM of an older name": m.pem(GOOD.der, "X509 CERTIFICATE"),
    "PEM twice": m.pem(GOOD.der) * 2,
    "PEM with its authority": m.pem(m.AUTHORITY.der) + m.pem(GOOD.der),
    "a bundle": m.bundle(GOOD.der),
    "a bundle with its authority": m.bundle(m.AUTHORITY.der, GOOD.der),
    "a bundle in PEM": m.pem(m.bundle(GOOD.der, m.AUTHORITY.der), "PKCS7"),
    "a bundle with a root of version 1": m.bundle(
        GOOD.der, replace(m.AUTHORITY, version=b"", extensions=None).der
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", FILES)
def test_every_usual_file_is_read(story: str) -> None:
    assert read(FILES[story]) == read(GOOD.der)


OTHER = replace(GOOD, serial=m.integer(99))
KEY = m.rsa_key()
REFUSED = {
    "nothing": ("empty", b""),
    "blanks": ("empty", b" \r\n"),
    "much": ("large", b"0" * (reading.LARGEST + 1)),
    "many": ("large", m.bundle(*(replace(GOOD, serial=m.integer(n + 1), spki=m.rsa_numbers(5, 3)).der for n in range(21)))),
    "words": ("not-a-key", b"Dear Ann, here it is"),
    "a zero and words": ("not-a-key", b"0 it is"),
    "a secret key": ("secret", m.pem_key(KEY)),
    "a secret key beside a certificate": ("secret", m.pem(GOOD.der) + m.pem_key(KEY)),
    "a secret key of RSA": ("secret", KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())),
    "a secret key in DER": ("secret", KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
    "a secret key with a passphrase": ("secret", KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))),
    "a secret key with a passphrase in DER": ("secret", KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))),
    "PKCS 12": ("secret", serialize_key_and_certificates(b"x", KEY, None, None, BestAvailableEncryption(b"x"))),
    "a public key of RSA": ("not-a-key", m.seq(m.integer(KEY.public_key().public_numbers().n), m.integer(65537))),
    "a public key": ("not-a-key", m.public(KEY)),
    "a public key in PEM": ("not-a-key", m.pem(m.public(KEY), "PUBLIC KEY")),
    "a request": ("request", m.pem(b"x", "CERTIFICATE REQUEST")),
    "a request in DER": ("request", m.seq(m.seq(m.integer(0), m.named(), m.public(KEY), m.tlv(0xA0)), m.seq(m.oid(m.SHA256)), m.tlv(3, b"\0" + bytes(200)))),
    "OpenPGP": ("openpgp", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n-----END PGP PUBLIC KEY BLOCK-----\n"),
    "two people": ("several", m.pem(GOOD.der) + m.pem(OTHER.der)),
    "two people in a bundle": ("several", m.bundle(GOOD.der, OTHER.der)),
    "two authorities": ("not-a-key", m.bundle(m.AUTHORITY.der, replace(m.AUTHORITY, serial=m.integer(8)).der)),
    "an empty bundle": ("not-a-key", m.bundle() + b""),
    "an encrypted message": ("message", m.bundle(GOOD.der, kind="1.2.840.113549.1.7.3")),
    "half": ("damaged", GOOD.der[: len(GOOD.der) // 2]),
    "half of PEM": ("damaged", m.pem(GOOD.der)[:-40]),
    "a wrong letter": ("damaged", m.pem(GOOD.der).replace(b"M", b"!", 1)),
    "something after it": ("damaged", GOOD.der + b"\0"),
    "something in it after the extensions": ("damaged", replace(GOOD, extensions=None, spki=m.public(KEY) + m.tlv(0xA3, m.seq()) + m.tlv(0xA3, m.seq())).der),
    "a length that is not known": ("damaged", b"\x30\x80" + GOOD.der[4:] + b"\0\0"),
    "a long form of a short length": ("damaged", replace(GOOD, serial=b"\x02\x81\x01\x05").der),
    "version 1": ("version", replace(GOOD, version=b"", extensions=None).der),
    "version 2": ("version", replace(GOOD, version=m.tlv(0xA0, m.integer(1)), extensions=None).der),
    "a negative serial number": ("serial", replace(GOOD, serial=m.integer(-5)).der),
    "serial number nought": ("serial", replace(GOOD, serial=m.integer(0)).der),
    "a padded serial number": ("damaged", replace(GOOD, serial=m.tlv(2, b"\0\0\x05")).der),
    "no serial number": ("damaged", replace(GOOD, serial=m.tlv(2)).der),
    "an extension twice": ("damaged", replace(GOOD, extensions=(*m.GOOD, m.GOOD[3])).der),
    "alternative names twice, and different": ("damaged", replace(GOOD, extensions=(*m.GOOD, (m.SAN, False, m.mailboxes(b"e@evil.example")))).der),
    "a name in half of UTF-16": ("damaged", replace(GOOD, subject=m.named((m.CN, m.BMP, b"\0P\0"))).der),
    "a name in broken UTF-8": ("damaged", replace(GOOD, subject=m.named((m.CN, m.UTF8, b"\xff"))).der),
    "a name that is a number": ("damaged", replace(GOOD, subject=m.named((m.CN, 2, b"5"))).der),
    "an end before its beginning": ("disagree", replace(GOOD, begins=GOOD.ends, ends=GOOD.begins).der),
    "nobody": ("no-user-id", replace(GOOD, subject=m.named()).without(m.SAN).der),
    "nobody but blanks": ("no-user-id", replace(GOOD, subject=m.named((m.CN, m.UTF8, b" "))).without(m.SAN).der),
    "a hundred and one addresses": ("user-ids", m.all_of(b"a%d@x.example" % n for n in range(101))),
}  # fmt: skip


@pytest.mark.parametrize("story", REFUSED)
def test_what_is_no_certificate_of_one_person(story: str) -> None:
    wanted, data = REFUSED[story]
    assert reason(data) == wanted


def test_every_reason_has_a_story() -> None:
    assert {wanted for wanted, _ in REFUSED.values()} == set(problems.PROBLEMS)


def test_a_refusal_is_handled_like_that_of_an_openpgp_key() -> None:
    with pytest.raises(not_a_certificate.NotACertificate) as refusal:
        read(b"p.tan@chambers.example")
    assert "tan" not in str(refusal.value) + refusal.value.hint


PROBLEMS = {
    "an elliptic curve": (problems.NOT_RSA, replace(GOOD, spki=m.public(m.ec_key()))),
    "a curve that nobody knows": (problems.NOT_RSA, replace(GOOD, spki=m.seq(m.seq(m.oid("1.2.840.10045.2.1"), m.oid("1.2.3.4")), m.tlv(3, b"\0\4" + bytes(64))))),
    "a key for signatures alone": (problems.NOT_RSA, replace(GOOD, spki=m.rsa_numbers(KEY.public_key().public_numbers().n, 65537, m.PSS))),
    "1,024 bits": (problems.SHORT, replace(GOOD, spki=m.public(m.rsa_key(0, 1_024)))),
    "2,047 bits": (problems.SHORT, replace(GOOD, spki=m.rsa_numbers((1 << 2_046) + 1, 65537))),
    "too many bits": (problems.LONG, replace(GOOD, spki=m.rsa_numbers((1 << 16_384) + 1, 65537))),
    "an even modulus": (problems.WEAK, replace(GOOD, spki=m.rsa_numbers(1 << 2_047, 65_537))),
    "an exponent that OpenSSL refuses": (problems.WEAK, replace(GOOD, spki=m.rsa_numbers(KEY.public_key().public_numbers().n, 1 << 64 | 1))),
    "only for signing": (problems.NOT_FOR_ENCRYPTION, GOOD.with_extension(m.KEY_USAGE, True, m.usage(0, 1))),
    "only for data": (problems.NOT_FOR_ENCRYPTION, GOOD.with_extension(m.KEY_USAGE, True, m.usage(3))),
    "only to agree on keys": (problems.NOT_FOR_ENCRYPTION, GOOD.with_extension(m.KEY_USAGE, True, m.usage(4))),
    "for nothing": (problems.NOT_FOR_ENCRYPTION, GOOD.with_extension(m.KEY_USAGE, True, m.tlv(3, b"\0"))),
    "for a server": (problems.NOT_FOR_MAIL, GOOD.with_extension(m.EKU, False, m.uses(m.FOR_SERVERS))),
    "SHA-1": (problems.FORGEABLE, replace(GOOD, signed=m.seq(m.oid(m.SHA1), m.tlv(5)))),
    "MD5": (problems.FORGEABLE, replace(GOOD, signed=m.seq(m.oid(m.MD5), m.tlv(5)))),
    "PSS, which is SHA-1 if nothing is said": (problems.FORGEABLE, replace(GOOD, signed=m.seq(m.oid(m.PSS), m.seq()))),
    "PSS with a hash that nobody knows": (problems.FORGEABLE, replace(GOOD, signed=m.seq(m.oid(m.PSS), m.seq(m.tlv(0xA0, m.seq(m.oid("1.2.3.4"))))))),
    "a signature that nobody knows": (problems.FORGEABLE, replace(GOOD, signed=m.seq(m.oid("1.2.3.4")))),
    "an authority": (problems.AUTHORITY, m.AUTHORITY),
    "an authority by its use": (problems.AUTHORITY, GOOD.with_extension(m.KEY_USAGE, True, m.usage(2, 5))),
    "an unknown rule": (problems.UNKNOWN_RULE, GOOD.with_extension("1.2.3.4", True, b"\x05\0")),
    "a rule for names": (problems.UNKNOWN_RULE, GOOD.with_extension(m.NAME_CONSTRAINTS, True, m.seq())),
}  # fmt: skip


@pytest.mark.parametrize("story", PROBLEMS)
def test_what_cannot_be_used_says_why(story: str) -> None:
    problem, made = PROBLEMS[story]
    found = read(made.der)
    assert found.problem == problem
    assert found.condition(NOW) == "unusable"
    assert found.encryption_key(NOW) is None


def test_every_problem_has_a_story() -> None:
    said = {
        value for name, value in vars(problems).items() if name.isupper() and isinstance(value, str)
    }
    assert {problem for problem, _ in PROBLEMS.values()} == said


@pytest.mark.parametrize("exponent", [-3, 0, 1, 2, 65_536, 1 << 2_048 | 1])
def test_a_key_that_hides_nothing_is_refused(exponent: int) -> None:
    """With 1 for an exponent the "encrypted" key of the message stands there in clear."""
    n = KEY.public_key().public_numbers().n
    assert reason(replace(GOOD, spki=m.rsa_numbers(n, exponent)).der) == "damaged"


@pytest.mark.parametrize(
    "made",
    [
        GOOD.without(m.KEY_USAGE),
        GOOD.without(m.EKU),
        GOOD.without(m.BASIC),
        GOOD.with_extension(m.EKU, True, m.uses(m.FOR_SERVERS, m.FOR_MAIL)),
        GOOD.with_extension(m.EKU, False, m.uses(m.FOR_ANYTHING)),
        GOOD.with_extension(m.POLICIES, True, m.seq(m.seq(m.oid("1.2.3.4")))),
        GOOD.with_extension("1.2.3.4", False, b"\x05\0"),
        GOOD.with_extension(m.NAME_CONSTRAINTS, False, m.seq()),
        replace(GOOD, ends=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        replace(GOOD, serial=m.integer((1 << 159) - 1)),
        replace(GOOD, spki=m.public(m.rsa_key(0, 4_096))),
        replace(GOOD, signed=m.seq(m.oid("1.2.840.10045.4.3.2"))),
        replace(GOOD, signed=m.seq(m.oid(m.PSS), m.seq(
            m.tlv(0xA0, m.seq(m.oid("2.16.840.1.101.3.4.2.1"), m.tlv(5))),
            m.tlv(0xA1, m.seq(m.oid("1.2.840.113549.1.1.8"), m.seq(m.oid("2.16.840.1.101.3.4.2.1"), m.tlv(5)))),
            m.tlv(0xA2, m.integer(32))))),
    ],
)  # fmt: skip
def test_what_can_be_used(made: Made) -> None:
    found = read(made.der)
    assert found.problem == ""
    assert found.condition(NOW) == "good"


MAILBOXES: dict[bytes, str | None] = {
    b"p.tan@chambers.example": "p.tan@chambers.example",
    b"P.Tan@Chambers.Example": "p.tan@chambers.example",
    b"jo@xn--bcher-kva.example": "jo@xn--bcher-kva.example",
    "jo@bücher.example".encode(): None,
    "jö@x.example".encode(): None,
    "jö@x.example".encode("latin-1"): None,
    b"p.tan@chambers.example\0.evil.example": None,
    b"\0p.tan@chambers.example": None,
    b"Priya <p.tan@chambers.example>": None,
    b"<p.tan@chambers.example>": None,
    b"p.tan@chambers.example, e@evil.example": None,
    b"p.tan@chambers.example e@evil.example": None,
    b'"p.tan@chambers.example"@evil.example': None,
    b"e@evil.example (p.tan@chambers.example)": None,
    b"p.tan@chambers.example\n": None,
    b"p.tan@chambers.example\r\nTo: e@evil.example": None,
    b"p.tan@[127.0.0.1]": None,
    b"p.tan": None,
    b"@chambers.example": None,
    b"chambers.example": None,
    b"p.tan@chambers.example.": None,
    b" p.tan@chambers.example": None,
    b"a@b@c.example": None,
}


@pytest.mark.parametrize("written", MAILBOXES)
def test_what_counts_as_an_address(written: bytes) -> None:
    """2009, Kaminsky and Marlinspike: a NUL in a name, and browsers read only what stood before."""
    found = read(GOOD.addressed(written).der).user_ids[0]
    assert found.address == MAILBOXES[written]
    assert found.text.isprintable()


@pytest.mark.parametrize("written", MAILBOXES)
def test_what_counts_as_an_address_in_the_subject(written: bytes) -> None:
    if not written.isascii():
        return
    made = replace(GOOD, subject=m.named((m.MAIL, m.IA5, written))).without(m.SAN)
    assert addresses(made) == [MAILBOXES[written]]


def test_two_addresses_both_count_and_each_once() -> None:
    assert addresses(GOOD.addressed(b"a@x.example", b"b@x.example", b"a@x.example")) == [
        "a@x.example", "b@x.example", None,
    ]  # fmt: skip


def test_the_address_in_the_subject_counts_only_where_there_is_no_other() -> None:
    subject = m.named((m.MAIL, m.IA5, b"old@chambers.example"))
    assert addresses(replace(GOOD, subject=subject)) == ["p.tan@chambers.example"]
    assert addresses(replace(GOOD, subject=subject).without(m.SAN)) == ["old@chambers.example"]
    # Also where the other is no evidence: two different stories are none.
    assert addresses(replace(GOOD, subject=subject).addressed(b"\0")) == [None]


def test_other_alternative_names_are_passed_over() -> None:
    names = m.seq(m.tlv(0x82, b"chambers.example"), m.tlv(0x81, m.PRIYA), m.tlv(0xA4, m.named()))
    assert addresses(GOOD.with_extension(m.SAN, False, names)) == ["p.tan@chambers.example", None]


NAMES = {
    (m.UTF8, "Priya Tän".encode()): "Priya Tän",
    (m.PRINTABLE, b"Priya Tan"): "Priya Tan",
    (m.T61, "Priya Tän".encode("latin-1")): "Priya Tän",
    (m.BMP, "Priya Tän".encode("utf-16-be")): "Priya Tän",
    (m.UNIVERSAL, "Priya Tän".encode("utf-32-be")): "Priya Tän",
    (m.BMP, "Priya\u202enaT".encode("utf-16-be")): "Priya\\u{202e}naT",
    (m.UTF8, b"Priya\nTan\0"): "Priya\\u{a}Tan\\u{0}",
    (m.UTF8, b"p.tan@chambers.example"): "p.tan@chambers.example",
    (m.UTF8, b"Priya <e@evil.example>"): "Priya <e@evil.example>",
}


@pytest.mark.parametrize("given", NAMES)
def test_a_name_is_shown_and_is_no_evidence(given: tuple[int, bytes]) -> None:
    found = read(replace(GOOD, subject=m.named((m.CN, *given))).der)
    assert [(one.text, one.address) for one in found.user_ids[1:]] == [(NAMES[given], None)]
    assert found.addresses() == {"p.tan@chambers.example"}


def test_a_name_of_any_length_is_shown_shortly() -> None:
    found = read(replace(GOOD, subject=m.named((m.CN, m.UTF8, b"x" * 20_000))).der)
    assert len(found.user_ids[1].text) <= 200


def test_a_bundle_gives_the_person_in_any_order() -> None:
    for order in product((GOOD.der, m.AUTHORITY.der), repeat=3):
        if GOOD.der in order:
            assert read(m.bundle(*order)).data == GOOD.der
