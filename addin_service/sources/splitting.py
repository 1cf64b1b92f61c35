"""Several public keys in one file or text, each on its own. Bytes in, bytes out; nothing raises.

What these bytes are is not judged here: `pgp.reading` does, one key at a time.
"""

import re
from collections.abc import Iterator

from addin_service.pgp import packets
from addin_service.pgp.armor import Malformed
from addin_service.pgp.packets import Packet

_BEGIN = re.compile(rb"(?m)^-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----")
_SECRET = (packets.SECRET_KEY, packets.SECRET_SUBKEY)


def armored(text: bytes) -> Iterator[bytes]:
    """Each armoured key in a text; the last one to the end of the text where its end is missing."""
    begins = list(_BEGIN.finditer(text))
    for number, begin in enumerate(begins):
        follows = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        ending = b"-----END PGP " + begin[1] + b" KEY BLOCK-----"
        end = text.find(ending, begin.end(), follows)
        yield text[begin.start() : end + len(ending) if end >= 0 else follows]


def binary(data: bytes) -> list[bytes]:
    """Each public key of a binary file; the file as it is where it holds one, or is none."""
    keys: list[list[Packet]] = []
    try:
        for packet in packets.walk(data):
            if packet.tag in _SECRET:
                return [data]
            if packet.tag == packets.PUBLIC_KEY or not keys:
                keys.append([])
            keys[-1].append(packet)
    except Malformed:
        return [data]
    if len(keys) < 2 or any(key[0].tag != packets.PUBLIC_KEY for key in keys):
        return [data]
    return [packets.joined(key) for key in keys]


def each(data: bytes) -> list[bytes]:
    """Each key in a file of either form; the file as it is where that does not part it."""
    if data[:1] >= b"\x80":
        return binary(data)
    found = list(armored(data))
    return found if len(found) > 1 else [data]
