"""A key without the names that its source cannot speak for. Bytes in, bytes out. Pure.

A domain may say whose key it is among its own people. The same file may name others, elsewhere:
taken over, that would put their keys in doubt.
"""

from collections.abc import Iterator

from addin_service.model import Address
from addin_service.pgp import packets
from addin_service.pgp.armor import Malformed
from addin_service.pgp.certificate import Certificate
from addin_service.pgp.packets import Packet
from addin_service.pgp.userids import user_id


def names(certificate: Certificate, address: Address) -> bool:
    """Whether it has a user ID for `address`, a withdrawn one too: the withdrawal is news."""
    return any(user.address == address.key for user in certificate.user_ids)


def only_for(data: bytes, address: Address) -> bytes:
    """A binary public key with the user IDs for `address` alone; empty where it has none."""
    try:
        kept = list(_kept(data, address))
    except Malformed:
        return b""
    if not any(packet.tag == packets.USER_ID for packet in kept):
        return b""
    return packets.joined(kept)


def _kept(data: bytes, address: Address) -> Iterator[Packet]:
    keep = True
    for packet in packets.walk(data):
        if packet.tag == packets.USER_ID:
            keep = user_id(packet.body, revoked=False).address == address.key
        elif packet.tag == packets.ATTRIBUTE:
            keep = False
        elif packet.tag in (packets.PUBLIC_KEY, packets.PUBLIC_SUBKEY):
            keep = True
        if keep:
            yield packet
