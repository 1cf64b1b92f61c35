"""The checksum of armour, computed in large steps, is the one that gpg and Sequoia expect."""

import base64
import os

import pysequoia
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.pgp.crc24 import CHUNK, crc24

MIB = bytes(range(256)) * (CHUNK // 256)


def plainly(data: bytes) -> int:
    """RFC 4880 section 6.1, a bit at a time."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    return crc & 0xFFFFFF


def test_known_values() -> None:
    assert crc24([]) == crc24([b""]) == 0xB704CE
    assert crc24([b"123456789"]) == 0x21CF02


@settings(deadline=None)
@given(st.lists(st.binary(max_size=600), max_size=6))
def test_any_chunks_have_the_checksum_of_the_whole(chunks: list[bytes]) -> None:
    assert crc24(chunks) == plainly(b"".join(chunks))


@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 70_001])
def test_sequoia_computes_the_same_for_megabytes(size: int) -> None:
    data = os.urandom(size)
    armor = pysequoia.armor(data, pysequoia.ArmorKind.Message)
    line = next((li for li in armor.splitlines() if li[:1] == "=" and len(li) == 5), None)
    chunks = [data[at : at + CHUNK] for at in range(0, size, CHUNK)]
    expected = int.from_bytes(base64.b64decode(line[1:]), "big") if line else plainly(data)
    assert crc24(chunks) == crc24([data]) == expected


def test_mebibytes_between_other_chunks_count_as_they_stand() -> None:
    chunks = [b"abc", MIB, b"", b"x" * 70_000, MIB, MIB, b"\0"]
    assert crc24(chunks) == crc24([b"".join(chunks)])
