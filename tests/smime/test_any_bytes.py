"""Whatever is in a file: a certificate, or a refusal with a reason; and never a different person."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.smime import der
from addin_service.smime.der import Malformed
from addin_service.smime.envelope import enveloped, recipients
from addin_service.smime.reading import NotACertificate, read
from tests.smime import making as m
from tests.smime.making import NOW, Made

GOOD = Made().der
FILES = [GOOD, m.pem(GOOD), m.bundle(GOOD, m.AUTHORITY.der), m.AUTHORITY.der]
# Old forms that the library still reads come with a warning; here every byte is tried.
pytestmark = pytest.mark.filterwarnings("ignore")
MAYBE = st.binary(max_size=60)
TAGS = st.sampled_from([1, 2, 3, 4, 5, 6, 12, 19, 22, 30, 0x30, 0x31, 0x80, 0x81, 0xA0, 0xA3])
TREES = st.recursive(
    st.builds(m.tlv, TAGS, MAYBE), lambda inner: st.builds(
        lambda tag, parts: m.tlv(tag, *parts), TAGS, st.lists(inner, max_size=8)
    ),
)  # fmt: skip


def is_read_or_refused(data: bytes) -> None:
    try:
        found = read(data)
    except NotACertificate:
        return
    assert found.data in data or b"-----" in data
    assert read(found.data) == found
    assert all(one.text.isprintable() for one in found.user_ids)


@given(st.binary(max_size=2_000) | TREES)
def test_any_bytes(data: bytes) -> None:
    is_read_or_refused(data)
    is_read_or_refused(m.pem(data))
    is_read_or_refused(m.bundle(data))


@settings(max_examples=1_500)
@given(st.sampled_from(FILES), st.data())
def test_a_changed_file(file: bytes, data: st.DataObject) -> None:
    spoilt = bytearray(file)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(spoilt) - 1))
        change = data.draw(st.sampled_from(["set", "cut", "put"]))
        if change == "set":
            spoilt[at] = data.draw(st.integers(0, 255))
        elif change == "cut":
            del spoilt[at : at + data.draw(st.integers(1, 40))]
        else:
            spoilt[at:at] = data.draw(st.binary(max_size=10))
        if not spoilt:
            break
    is_read_or_refused(bytes(spoilt))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([m.SAN, m.KEY_USAGE, m.EKU, m.BASIC, "1.2.3"]),
            st.booleans(),
            TREES | MAYBE,
        ),
        max_size=5,
    )
)
def test_any_extensions(extensions: list[tuple[str, bool, bytes]]) -> None:
    is_read_or_refused(Made(extensions=extensions).der)


@given(
    st.lists(st.tuples(st.sampled_from([m.CN, m.O, m.MAIL, "2.5.4.6"]), TAGS, MAYBE), max_size=5),
    TREES,
)
def test_any_names(names: list[tuple[str, int, bytes]], issuer: bytes) -> None:
    is_read_or_refused(Made(subject=m.named(*names)).der)
    is_read_or_refused(Made(issuer=issuer).der)


@settings(max_examples=400)
@given(st.integers(0, 700), st.integers(0, 255))
def test_a_changed_envelope_names_other_readers_or_nobody(at: int, byte: int) -> None:
    spoilt = bytearray(ENVELOPE)
    spoilt[at % len(spoilt)] = byte
    try:
        found = recipients(bytes(spoilt))
    except Malformed:
        return
    if found == recipients(ENVELOPE):
        # Only what is encrypted, or the first block of it, can differ then.
        (inside,) = list(der.whole(ENVELOPE).children())[1].children()
        _, readers, content = inside.children()
        (reader,) = readers.children()
        who = list(reader.children())[1]
        assert spoilt[who.start : who.end] == ENVELOPE[who.start : who.end]
        assert len(spoilt) == content.end


@given(st.integers(-(1 << 70), 1 << 70))
def test_numbers_read_back(number: int) -> None:
    assert der.integer(der.whole(m.integer(number))) == number


@given(
    st.lists(st.integers(0, 1 << 40), min_size=1, max_size=5), st.integers(0, 2), st.integers(0, 39)
)
def test_identifiers_read_back(rest: list[int], first: int, second: int) -> None:
    dotted = ".".join(map(str, (first, second, *rest)))
    assert der.identifier(der.whole(m.oid(dotted))) == dotted


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x30", b"\x30\x01", b"\x30\x80\0\0", b"\x30\x81\x01\0", b"\x30\x82\0\x81" + bytes(129),
        b"\x30\x85\0\0\0\0\x01\0", b"\x1f\x01\0", b"\x30\0\0", b"\x30\x84\xff\xff\xff\xff",
    ],
)  # fmt: skip
def test_what_is_not_der(data: bytes) -> None:
    with pytest.raises(Malformed):
        list(der.whole(data).children())


@pytest.mark.parametrize("content", [b"", b"\x80\x01", b"\x81", b"\x2a" + b"\x81" * 60 + b"\x01"])
def test_what_is_no_identifier(content: bytes) -> None:
    with pytest.raises(Malformed):
        der.identifier(der.whole(m.tlv(6, content)))


ENVELOPE = enveloped(b"x", [read(GOOD)], NOW)
