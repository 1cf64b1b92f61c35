"""Two forms of one certificate to one that holds what either says. Pure.

Whoever brings in an old copy must not undo what its owner said later: a key that was withdrawn
stays withdrawn. gpg's keyrings do the same; we have none.
"""

from addin_service.pgp import packets
from addin_service.pgp.packets import Packet

_RANK = {packets.PUBLIC_KEY: 0, packets.USER_ID: 1, packets.ATTRIBUTE: 1, packets.PUBLIC_SUBKEY: 2}


def merged(known: bytes, given: bytes) -> bytes:
    """Both in one, as binary; `known` itself where `given` adds nothing. They share a primary."""
    signatures: dict[Packet, dict[Packet, None]] = {}
    before = _collect(known, signatures)
    if _collect(given, signatures) == before:
        return known
    parts = sorted(signatures, key=lambda part: _RANK[part.tag])
    return packets.joined(each for part in parts for each in (part, *signatures[part]))


def _collect(data: bytes, signatures: dict[Packet, dict[Packet, None]]) -> int:
    """Add the keys and user IDs of `data`, each with its signatures; how many there are then."""
    under: dict[Packet, None] = {}
    for packet in packets.walk(data):
        if packet.tag in _RANK:
            under = signatures.setdefault(packet, {})
        else:
            under[packet] = None
    return len(signatures) + sum(map(len, signatures.values()))
