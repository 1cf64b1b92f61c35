"""ASCII armour to bytes. Pure; gpg never sees armour that came from outside."""

import base64
import binascii
import re

_EDGE = re.compile(rb"(?m)^-----(BEGIN|END) PGP ([A-Z0-9 ,/]{1,40})-----[ \t\r]*$")
_HEADER = re.compile(rb"[A-Za-z0-9-]{1,40}: ?[^\n]*")
_CHECKSUM = re.compile(rb"=([A-Za-z0-9+/]{4})")


class Malformed(ValueError):
    """The bytes are not what they claim to be; `code` says how."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _crc_table() -> tuple[int, ...]:
    """The 256 steps of CRC-24 (RFC 4880, section 6.1)."""
    table = []
    for byte in range(256):
        crc = byte << 16
        for _ in range(8):
            crc = (crc << 1) ^ (0x1864CFB if crc & 0x800000 else 0)
        table.append(crc & 0xFFFFFF)
    return tuple(table)


_TABLE = _crc_table()


def is_armored(data: bytes) -> bool:
    """Whether there is a line that begins a block. In binary every packet starts above 127."""
    return bool(data) and data[0] < 0x80 and _EDGE.search(data) is not None


def dearmor(data: bytes, kind: bytes) -> bytes:
    """The bytes of the one block in `data`, which must be of this kind; raises `Malformed`.

    Text before and after it is passed over, as it stands when a key was copied out of a mail.
    """
    edges = list(_EDGE.finditer(data))
    if len(edges) > 2 and sum(edge[1] == b"BEGIN" for edge in edges) > 1:
        raise Malformed("several")
    if len(edges) != 2 or [edge[1] for edge in edges] != [b"BEGIN", b"END"]:
        raise Malformed("cut")
    if edges[0][2] != kind:
        raise Malformed("kind")
    if edges[1][2] != kind:
        raise Malformed("cut")
    return _body(data[edges[0].end() : edges[1].start()])


def _body(block: bytes) -> bytes:
    """Headers passed over, base64 decoded, the checksum compared where there is one."""
    lines = [line.strip() for line in block.split(b"\n")][1:]
    while lines and _HEADER.fullmatch(lines[0]):
        lines.pop(0)
    lines = [line for line in lines if line]
    checksum = _CHECKSUM.fullmatch(lines[-1]) if lines else None
    try:
        found = base64.b64decode(b"".join(lines[:-1] if checksum else lines), validate=True)
    except binascii.Error:
        raise Malformed("damaged") from None
    if checksum and base64.b64decode(checksum[1]) != _crc(found).to_bytes(3, "big"):
        raise Malformed("damaged")
    return found


def beginning(data: bytes, size: int) -> bytes:
    """About the first `size` bytes of a message, armoured or not; `Malformed` if it is neither."""
    if data[:1] >= b"\x80":
        return data[:size]
    edge = _EDGE.match(data[:100])
    if edge is None or edge[1] != b"BEGIN" or edge[2] != b"MESSAGE":
        raise Malformed("kind")
    start = re.compile(rb"\n[ \t\r]*\n").search(data, edge.end(), edge.end() + 1000)
    if start is None:
        raise Malformed("damaged")
    text = re.sub(rb"[ \t\r\n]", b"", data[start.end() : start.end() + size // 3 * 4])
    text = re.split(rb"[=-]", text, maxsplit=1)[0]
    try:
        return base64.b64decode(text[: len(text) // 4 * 4], validate=True)
    except binascii.Error:
        raise Malformed("damaged") from None


def _crc(data: bytes) -> int:
    crc = 0xB704CE
    for byte in data:
        crc = ((crc << 8) & 0xFFFFFF) ^ _TABLE[(crc >> 16) ^ byte]
    return crc
