"""Where the structure of a certificate is not what the standard says, nothing is read from it."""

from dataclasses import replace

import pytest

from addin_service.smime import der
from addin_service.smime.der import Malformed
from addin_service.smime.fields import fields
from addin_service.smime.reading import NotACertificate, certificate
from tests.smime import making as m
from tests.smime.making import Made

GOOD = Made()
PARTS = [part.raw for part in der.whole(GOOD.der).children()]
INSIDE = [part.raw for part in next(der.whole(GOOD.der).children()).children()]


def with_inside(*parts: bytes) -> bytes:
    return m.seq(m.seq(*parts), *PARTS[1:])


def with_extensions(raw: bytes) -> bytes:
    return with_inside(*INSIDE[:7], raw)


def with_subject(raw: bytes) -> bytes:
    return replace(GOOD, subject=raw).der


ONE = m.extension((m.SAN, False, m.mailboxes(m.PRIYA)))
WRONG = {
    "nothing": b"",
    "no sequence": m.tlv(0x31, *PARTS),
    "a part less": m.seq(*PARTS[:2]),
    "a part more": m.seq(*PARTS, m.integer(1)),
    "nothing inside": with_inside(),
    "six parts inside": with_inside(*INSIDE[:6]),
    "a version that is no number": with_inside(m.tlv(0xA0, m.tlv(4, b"\2")), *INSIDE[1:]),
    "two versions": with_inside(m.tlv(0xA0, m.integer(2), m.integer(2)), *INSIDE[1:]),
    "a serial number of letters": with_inside(INSIDE[0], m.tlv(0x0C, b"5"), *INSIDE[2:]),
    "an issuer that is no name": with_inside(*INSIDE[:3], m.tlv(0x0C, b"CA"), *INSIDE[4:]),
    "a subject that is no name": with_subject(m.tlv(0x0C, b"Priya")),
    "a name without a set": with_subject(m.seq(m.seq(m.oid(m.CN), m.tlv(m.UTF8, b"P")))),
    "a name without a value": with_subject(m.seq(m.tlv(0x31, m.seq(m.oid(m.CN))))),
    "something after the extensions": with_inside(*INSIDE, m.integer(1)),
    "extensions twice": with_inside(*INSIDE, INSIDE[-1]),
    "two lists of extensions": with_extensions(m.tlv(0xA3, m.seq(ONE), m.seq())),
    "an empty extension": with_extensions(m.tlv(0xA3, m.seq(m.seq()))),
    "an extension of four": with_extensions(m.tlv(0xA3, m.seq(m.seq(m.oid(m.SAN), m.tlv(1, b"\xff"), m.tlv(4), m.tlv(4))))),
    "a rule that is half true": with_extensions(m.tlv(0xA3, m.seq(m.seq(m.oid(m.SAN), m.tlv(1, b"\1"), m.tlv(4, m.seq()))))),
    "a rule that is true by default": with_extensions(m.tlv(0xA3, m.seq(m.seq(m.oid(m.SAN), m.tlv(1, b"\0"), m.tlv(4, m.seq()))))),
    "content that is no string of bytes": with_extensions(m.tlv(0xA3, m.seq(m.seq(m.oid(m.SAN), m.seq())))),
    "alternative names that are none": GOOD.with_extension(m.SAN, False, m.tlv(0x81, m.PRIYA)).der,
    "alternative names and more": GOOD.with_extension(m.SAN, False, m.mailboxes(m.PRIYA) + b"\0\0").der,
    "a use that is no string of bits": GOOD.with_extension(m.KEY_USAGE, True, m.integer(5)).der,
    "a use without bits": GOOD.with_extension(m.KEY_USAGE, True, m.tlv(3)).der,
    "a use with nine unused bits": GOOD.with_extension(m.KEY_USAGE, True, m.tlv(3, b"\x09\xa0")).der,
    "purposes that are numbers": GOOD.with_extension(m.EKU, False, m.seq(m.integer(5))).der,
    "an authority that is no sequence": GOOD.with_extension(m.BASIC, True, m.tlv(1, b"\xff")).der,
}  # fmt: skip


@pytest.mark.parametrize("story", WRONG)
def test_what_is_not_as_it_should_be_is_not_read(story: str) -> None:
    with pytest.raises(Malformed):
        fields(WRONG[story])
    with pytest.raises(NotACertificate) as refusal:
        certificate(WRONG[story])
    assert refusal.value.reason in ("damaged", "version")


def test_what_it_is_changed_from_is_read() -> None:
    assert fields(with_inside(*INSIDE)) == fields(GOOD.der)
    assert fields(GOOD.der).mailboxes == (m.PRIYA,)
    assert not fields(GOOD.with_extension(m.BASIC, True, m.seq(m.tlv(1, b"\0"))).der).is_authority
    assert fields(with_extensions(m.tlv(0xA3, m.seq(ONE)))).key_usage is None


def test_endlessly_many_elements_are_not_read() -> None:
    many = der.whole(m.seq(*[m.integer(1)] * (der.MOST_CHILDREN + 1)))
    with pytest.raises(Malformed):
        list(many.children())
    assert len(list(der.whole(m.seq(*[m.integer(1)] * der.MOST_CHILDREN)).children())) == 1_000
