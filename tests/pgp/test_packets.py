"""What a message says of its readers, packet by packet."""

import base64
from datetime import UTC, datetime

import pytest

from addin_service.pgp import packets
from addin_service.pgp.armor import Malformed, beginning, dearmor, is_armored
from tests.pgp.keys import part

FIRST, SECOND = bytes.fromhex("0123456789ABCDEF"), bytes.fromhex("FEDCBA9876543210")


def for_key(key: bytes, version: int = 3, size: int = 40) -> bytes:
    """The packet that names one reader."""
    return part(1, bytes([version]) + key + b"\x12" + bytes(size))


SEALED = part(18, b"\x01" + bytes(60))
BODY = for_key(FIRST) + SEALED

MESSAGES: dict[str, tuple[bytes, set[str], int, int]] = {
    "one reader": (BODY, {"0123456789ABCDEF"}, 18, 1),
    "two": (for_key(SECOND) + BODY, {"0123456789ABCDEF", "FEDCBA9876543210"}, 18, 1),
    "a hidden one": (for_key(bytes(8)) + BODY, {"0" * 16, "0123456789ABCDEF"}, 18, 1),
    "a long one": (for_key(FIRST, size=500) + SEALED, {"0123456789ABCDEF"}, 18, 1),
    "a very long one": (for_key(FIRST, size=9_000) + SEALED, {"0123456789ABCDEF"}, 18, 1),
    "a marker first": (part(10, b"PGP") + BODY, {"0123456789ABCDEF"}, 18, 1),
    "nobody": (SEALED, set(), 18, 1),
    "version 2": (for_key(FIRST) + part(18, b"\x02xxx"), {"0123456789ABCDEF"}, 18, 2),
    "gpg's own container": (for_key(FIRST) + part(20, b"\x01xxx"), {"0123456789ABCDEF"}, 20, 1),
    "unprotected": (for_key(FIRST) + part(9, b"xxx"), {"0123456789ABCDEF"}, 9, 0),
    "partial lengths": (for_key(FIRST) + b"\xd2\xef\x01" + bytes(90), {"0123456789ABCDEF"}, 18, 1),
    "old header": (b"\x84\x0c" + BODY[2:14] + SEALED, {"0123456789ABCDEF"}, 18, 1),
    "old header of two": (b"\x85\x00\x0c" + BODY[2:14] + SEALED, {"0123456789ABCDEF"}, 18, 1),
    "old header of four": (b"\x86\0\0\0\x0c" + BODY[2:14] + SEALED, {"0123456789ABCDEF"}, 18, 1),
    "old, without a length": (for_key(FIRST) + b"\xa7" + bytes(9), {"0123456789ABCDEF"}, 9, 0),
    "a length of five": (b"\xc1\xff\0\0\0\x0c" + BODY[2:14] + SEALED, {"0123456789ABCDEF"}, 18, 1),
    "200 readers": (for_key(FIRST, size=500) * 200 + SEALED, {"0123456789ABCDEF"}, 18, 1),
}  # fmt: skip


def armored(data: bytes, line: int = 64, end: bytes = b"\n", head: bytes = b"") -> bytes:
    text = base64.b64encode(data)
    lines = [text[n : n + line] for n in range(0, len(text), line)]
    return end.join(
        [b"-----BEGIN PGP MESSAGE-----", *([head] if head else []), b"", *lines,
         b"-----END PGP MESSAGE-----", b""]
    )  # fmt: skip


@pytest.mark.parametrize("story", MESSAGES)
@pytest.mark.parametrize("shape", ["binary", "armour", "long lines", "CRLF", "a header"])
def test_readers_and_container(story: str, shape: str) -> None:
    data, expected, container, version = MESSAGES[story]
    message = {
        "binary": data,
        "armour": armored(data),
        "long lines": armored(data, 76),
        "CRLF": armored(data, end=b"\r\n"),
        "a header": armored(data, head=b"Comment: who knows"),
    }[shape]
    found = packets.readers(message)
    assert packets.key_ids(message) == expected == set(found.key_ids)
    assert (found.container, found.version) == (container, version)


def test_readers_with_a_password_are_counted() -> None:
    assert packets.readers(part(3, b"\x04\x09\0\x08") + BODY).passwords == 1
    assert packets.readers(BODY).passwords == 0


def test_only_the_beginning_is_looked_at() -> None:
    long = for_key(FIRST) + b"\xd2\xff" + (50_000_000).to_bytes(4, "big") + b"\x01"
    assert packets.key_ids(long) == {"0123456789ABCDEF"}
    assert packets.key_ids(armored(BODY)[:-60] + b"\xff\xff") == {"0123456789ABCDEF"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "kind"), (b"x", "kind"), (b"Dear Bob", "kind"), (b"\xc1", "cut"), (BODY[:10], "cut"),
        (BODY[:52], "cut"), (for_key(FIRST), "cut"), (for_key(FIRST) + b"\xd2\x05", "cut"),
        (part(11, b"b\0\0\0\0\0x"), "kind"), (part(8, b"\0x"), "kind"), (part(6, b"\x04"), "kind"),
        (for_key(FIRST, version=6) + SEALED, "version"), (part(1, b"\x03abc") + SEALED, "version"),
        (for_key(FIRST) + b"\x05\x05", "damaged"), (b"\xc1\xe1x" + SEALED, "damaged"),
        (b"\x87" + SEALED, "damaged"), (b"\xd2\xc1", "cut"), (b"\xd2\xff\0", "cut"),
        (b"\x85\0", "cut"), (b"-----BEGIN PGP MESSAGE-----\n", "damaged"),
        (b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n", "kind"),
        (b"-----BEGIN PGP MESSAGE-----\n\n!!!!\n", "damaged"),
        (b"-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n", "cut"),
        (b"\n" + armored(BODY), "kind"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_said(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as fault:
        packets.readers(data)
    assert fault.value.code == code


@pytest.mark.parametrize("size", [0, 1, 191, 192, 193, 8383, 8384, 8385, 70_000])
def test_packets_are_written_as_they_are_read(size: int) -> None:
    made = [packets.Packet(6, b"a" * size), packets.Packet(13, b"b")]
    assert list(packets.walk(packets.joined(made))) == made


def test_a_signature_says_type_hash_reason_and_date() -> None:
    reason = b"\x04\x1d\x03no"
    dated = b"\x05\x02\0\0\0\x01" + reason
    first = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    for area, expected in [
        (b"", None), (reason, 3), (b"\x04\x9d\x02xx", 2), (b"\x04\x02\0\0\0" + reason, 3),
        (b"\xff\0\0\0\x04\x1d\x01no", 1), (b"\xc0\x00" + b"\x14" + bytes(191) + reason, 3),
        (b"\x00" + reason, None), (b"\xf0", None), (b"\x09\x1d\x03", None),
    ]:  # fmt: skip
        body = b"\x04\x20\x16\x0a" + len(area).to_bytes(2, "big") + area + b"\0\0\0\0"
        assert packets.signature(body) == packets.Signature(0x20, 10, expected, None)
    body = b"\x04\x20\x16\x0a" + len(dated).to_bytes(2, "big") + dated
    assert packets.signature(body) == packets.Signature(0x20, 10, 3, first)
    assert packets.signature(b"\x03\x05\x20\0\0\0\0\0\0\0") is None
    assert packets.signature(b"\x04") is None


def test_a_block_is_found_in_a_letter() -> None:
    text = b"Hello,\n\n" + armored(BODY) + b"\nBye\n"
    assert is_armored(text)
    assert dearmor(text, b"MESSAGE") == BODY
    assert beginning(armored(BODY), 30) == BODY[:30]
    assert not is_armored(b"no block")
    assert not is_armored(BODY)
