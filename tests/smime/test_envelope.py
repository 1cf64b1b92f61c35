"""C8 for S/MIME: one encrypted part, opened by OpenSSL with each reader's key and with no other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import load_der_x509_certificate

from addin_service.pgp.refused import Refused
from addin_service.sealing.mime import payload
from addin_service.smime import der
from addin_service.smime.der import Malformed
from addin_service.smime.envelope import Recipient, entity, enveloped, recipients
from addin_service.smime.reading import read
from tests.sealing.reading import read as read_mail
from tests.sealing.test_structure import CASES, DATE, SECRETS
from tests.smime import making as m
from tests.smime.conftest import Opener
from tests.smime.making import NOW, Made

PRIYA = Made()
BOB = Made(
    serial=m.integer((1 << 130) + 7),
    subject=m.named((m.CN, m.UTF8, b"Bob")),
    issuer=m.named((m.O, m.BMP, "Stoke".encode("utf-16-be")), (m.CN, m.PRINTABLE, b"CA")),
    spki=m.public(m.rsa_key(1)),
).addressed(b"bob@stoke.example")
SELF_SIGNED = replace(PRIYA, issuer=PRIYA.subject, serial=m.integer(5))
ODD = replace(
    PRIYA, serial=m.integer(6),
    issuer=m.seq(m.tlv(0x31, m.seq(m.oid(m.O), m.tlv(m.UTF8)), m.seq(m.oid(m.CN), m.tlv(m.T61, b"\xfc")))),
)  # fmt: skip
MAIL = b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nfortytwothousand\r\n"


def why(*made: Made, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as refusal:
        enveloped(MAIL, [read(one.der) for one in made], now)
    return refusal.value.reason


@pytest.mark.parametrize("name", CASES)
def test_one_encrypted_part_and_nothing_around_it(name: str, openssl: Opener) -> None:
    plain = payload(CASES[name], DATE)
    envelope = enveloped(plain, [read(PRIYA.der), read(BOB.der)], NOW)
    made = str(entity(envelope))
    assert made.isascii()
    assert "\n" not in made.replace("\r\n", "")
    assert max(map(len, made.split("\r\n"))) <= 78
    whole = message_from_string(made, policy=policy.default)
    assert list(whole) == ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
    assert whole.get_content_type() == "application/pkcs7-mime"
    assert whole["content-type"].params["smime-type"] == "enveloped-data"
    assert whole.get_filename() == "smime.p7m"
    assert whole.get_payload(decode=True) == envelope
    # Three letters are found in any ciphertext that is long enough: a picture begins with eight bytes.
    told = [one for one in SECRETS if len(one) > 3 and one.encode() in envelope.lower()]
    assert not told
    assert b"\x89PNG\r\n\x1a\n" not in envelope
    for command, given in (("cms", made.encode()), ("smime", envelope)):
        opened = openssl(command, given, PRIYA.der, m.rsa_key())
        assert (opened.returncode, opened.stdout) == (0, plain)
    found = read_mail(plain)
    assert found.root["subject"].split() == CASES[name].subject.split()


@pytest.mark.parametrize("command", ["cms", "smime"])
def test_each_reader_opens_it_and_nobody_else(command: str, openssl: Opener) -> None:
    made = enveloped(MAIL, [read(PRIYA.der), read(BOB.der)], NOW)
    for reader, key in ((PRIYA, m.rsa_key()), (BOB, m.rsa_key(1))):
        assert openssl(command, made, reader.der, key).stdout == MAIL
    eve = replace(PRIYA, serial=m.integer(666), spki=m.public(m.rsa_key(2)))
    assert openssl(command, made, eve.der, m.rsa_key(2)).stdout != MAIL


@pytest.mark.parametrize(
    "reader", [PRIYA, BOB, SELF_SIGNED, ODD], ids=["priya", "bob", "self", "odd"]
)
def test_what_was_made_names_exactly_its_readers(reader: Made) -> None:
    found = recipients(enveloped(MAIL, [read(reader.der)], NOW))
    ((issuer, serial),) = found
    assert issuer == reader.issuer
    assert m.integer(serial) == reader.serial


def test_a_certificate_given_twice_is_one_reader() -> None:
    priya = read(PRIYA.der)
    found = recipients(enveloped(MAIL, [priya, read(BOB.der), priya], NOW))
    assert found == {
        Recipient(one.issuer, der.integer(der.whole(one.serial))) for one in (PRIYA, BOB)
    }


def test_no_two_envelopes_are_alike() -> None:
    assert enveloped(MAIL, [read(PRIYA.der)], NOW) != enveloped(MAIL, [read(PRIYA.der)], NOW)


def test_nothing_is_made_for_nobody() -> None:
    assert why() == "no-readers"


@pytest.mark.parametrize(
    ("bad", "now"),
    [
        (PRIYA, PRIYA.ends),
        (PRIYA, PRIYA.begins - timedelta(seconds=1)),
        (replace(PRIYA, spki=m.public(m.ec_key())), NOW),
        (PRIYA.with_extension(m.KEY_USAGE, True, m.usage(0)), NOW),
        (m.AUTHORITY, NOW),
    ],
)
def test_one_unusable_certificate_stops_it_all(bad: Made, now: datetime) -> None:
    others = replace(
        BOB, begins=datetime(2020, 1, 1, tzinfo=UTC), ends=datetime(2030, 1, 1, tzinfo=UTC)
    )
    assert why(others, bad, now=now) == "not-usable"


def test_a_stored_certificate_that_was_changed_is_not_used() -> None:
    priya = read(PRIYA.der)
    for changed in (
        replace(priya, data=BOB.der),
        replace(priya, data=b""),
        replace(priya, expires=datetime(2099, 1, 1, tzinfo=UTC)),
        replace(read(PRIYA.with_extension(m.KEY_USAGE, True, m.usage(0)).der), problem=""),
        replace(priya, user_ids=()),
    ):
        with pytest.raises(Refused) as refusal:
            enveloped(MAIL, [changed], NOW)
        assert refusal.value.reason == "damaged"


def test_two_that_say_they_are_the_same_are_refused() -> None:
    assert why(PRIYA, replace(PRIYA, spki=m.public(m.rsa_key(2)))) == "wrong-readers"


def test_what_names_somebody_else_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library that encrypts is not believed: here it adds a reader, takes another, loses one."""
    builder = pkcs7.PKCS7EnvelopeBuilder
    real = builder.add_recipient
    priya, bob = (load_der_x509_certificate(one.der) for one in (PRIYA, BOB))
    eve = load_der_x509_certificate(replace(PRIYA, serial=m.integer(666)).der)
    monkeypatch.setattr(builder, "add_recipient", lambda b, one: real(real(b, one), eve))
    assert why(PRIYA) == "wrong-readers"
    monkeypatch.setattr(builder, "add_recipient", lambda b, _: real(b, bob))
    assert why(PRIYA) == "wrong-readers"
    monkeypatch.setattr(
        builder, "add_recipient", lambda b, one: real(b, one) if one == priya else b
    )
    assert why(PRIYA, BOB) == "wrong-readers"
    monkeypatch.setattr(builder, "add_recipient", lambda b, one: real(real(b, one), one))
    assert why(PRIYA) == "wrong-readers"


def test_weaker_encryption_is_not_taken_for_ours() -> None:
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(MAIL)
    made = builder.add_recipient(load_der_x509_certificate(PRIYA.der)).encrypt(Encoding.DER, [])
    with pytest.raises(Malformed):
        recipients(made)  # AES-128, the default


def test_an_envelope_with_anything_else_in_it_is_not_ours() -> None:
    made = enveloped(MAIL, [read(PRIYA.der)], NOW)
    kind, wrapped = der.whole(made).children()
    (body,) = wrapped.children()
    version, readers, content = (part.raw for part in body.children())

    def wrong(*parts: bytes, kind: bytes = kind.raw) -> None:
        with pytest.raises(Malformed):
            recipients(m.seq(kind, m.tlv(0xA0, m.seq(*parts))))

    assert recipients(m.seq(kind.raw, m.tlv(0xA0, m.seq(version, readers, content))))
    (reader,) = der.whole(readers).children()
    wrong(version, readers, content, m.tlv(0xA1, m.seq()))
    wrong(m.integer(2), readers, content)
    wrong(version, m.tlv(0x31), content)
    wrong(version, m.tlv(0x31, reader.raw, reader.raw), content)
    wrong(version, m.tlv(0x31, reader.raw, m.tlv(0xA2, m.seq())), content)
    wrong(version, readers, content, kind=m.oid("1.2.840.113549.1.7.2"))
    wrong(version, readers, m.seq(m.oid("1.2.840.113549.1.7.1"), m.seq(m.oid("1.2.3.4"))))
    with pytest.raises(Malformed):
        recipients(made + b"\0")


def test_a_large_message_is_opened_by_openssl(openssl: Opener) -> None:
    plain = MAIL + bytes(range(256)) * 40_000
    made = enveloped(plain, [read(PRIYA.der)], NOW)
    assert openssl("cms", made, PRIYA.der, m.rsa_key()).stdout == plain
