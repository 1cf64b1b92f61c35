"""What time does not change about a certificate: what was revoked, what is wrong for good. Pure.

gpg has checked the signatures before: what it keeps in the name of the primary key is right. It
also keeps what strangers say about the key as a whole; none of that counts here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from addin_service.pgp import packets
from addin_service.pgp.listing import ListedKey
from addin_service.pgp.packets import Packet, Signature

_BY_LENGTH = {1, 2, 3, 16, 17}  # RSA, ElGamal, DSA
_SHORTEST_BITS = 2048  # NIST SP 800-131A Rev. 2, tables 2 and 5
_BROKEN_HASHES = {1, 2, 3}  # MD5, SHA-1, RIPEMD-160
_SOFT = {1, 3, 32}  # superseded, no longer used, user ID no longer valid
_CERTIFICATIONS = {0x10, 0x11, 0x12, 0x13}
_OWN_SIGNATURES = _CERTIFICATIONS | {0x1F}
_KEY_REVOCATION, _SUBKEY_BINDING, _NAME_REVOCATION = 0x20, 0x18, 0x30


@dataclass(frozen=True, slots=True)
class _Said:
    """A signature by the primary key, and the packet that it is about."""

    about: Packet
    signature: Signature


def revocation(own: Sequence[Packet]) -> Literal["soft", "hard"]:
    """Soft where its owner only says that the key is out of use; whatever is unclear is hard."""
    reasons = [each.signature.reason for each in _said(own, _KEY_REVOCATION)]
    return "soft" if reasons and all(reason in _SOFT for reason in reasons) else "hard"


def revoked_at(own: Sequence[Packet]) -> datetime | None:
    """When the key was first revoked, as its owner dated it; None where it was not, or undated."""
    dates = [each.signature.made for each in _said(own, _KEY_REVOCATION)]
    return min((date for date in dates if date), default=None)


def withdrawn_names(own: Sequence[Packet]) -> frozenset[bytes]:
    """The user IDs that were revoked each on its own: the newest word about it is a revocation."""
    newest: dict[bytes, tuple[bool, float, bool]] = {}
    for each in _said(own, _NAME_REVOCATION, *_CERTIFICATIONS):
        if each.about.tag == packets.USER_ID:
            revokes, made = each.signature.type == _NAME_REVOCATION, each.signature.made
            # A revocation without a date counts as the last word.
            word = (revokes and made is None, made.timestamp() if made else 0.0, revokes)
            newest[each.about.body] = max(newest.get(each.about.body, word), word)
    return frozenset(name for name, word in newest.items() if word[2])


def passing_names(own: Sequence[Packet]) -> frozenset[bytes]:
    """The user IDs whose own signature ends on some day: programs differ on what holds then."""
    return frozenset(
        each.about.body
        for each in _said(own, *_CERTIFICATIONS)
        if each.about.tag == packets.USER_ID and each.signature.ends
    )


def problem(own: Sequence[Packet], keys: Sequence[ListedKey]) -> str:
    """What is wrong with it for good, in words that complete "This key cannot be used:"."""
    if any(b"D" in each.uses for each in keys[:1]):
        return "it is marked as disabled"
    encrypting = [each for each in keys if each.key.encrypts]
    if any(not each.known and (not encrypting or each.chosen) for each in keys):
        return "its encryption key is of a kind that gpg cannot use here"
    if not encrypting:
        return "it has no key for encryption, only for signing"
    if any(
        each.algorithm in _BY_LENGTH and each.bits < _SHORTEST_BITS
        for each in (keys[0], *encrypting)
    ):
        return "it is shorter than 2048 bits, and such keys can be broken"
    names = [each.signature for each in _said(own, *_OWN_SIGNATURES)]
    used = {each.key.fingerprint for each in encrypting}
    bindings = [
        each.signature
        for each in _said(own, _SUBKEY_BINDING)
        if packets.key_fingerprint(each.about.body) in used
    ]
    for said in (names, bindings):
        if said and _BROKEN_HASHES.issuperset(each.hash for each in said):
            return "its own signatures use SHA-1 or MD5, which can be forged"
    early = [bool(each.made and each.made < keys[0].key.created) for each in (*names, *bindings)]
    if (names and all(early[: len(names)])) or any(early[len(names) :]):
        return "its own signatures are dated before the key was made"
    return ""


def _said(own: Sequence[Packet], *types: int) -> Iterator[_Said]:
    """The signatures of these types that the primary key made, in order."""
    maker = packets.key_fingerprint(own[0].body)[-16:] if own else ""
    about = None
    for part in own:
        if part.tag != packets.SIGNATURE:
            about = part
            continue
        said = packets.signature(part.body)
        if about and said and said.type in types and said.issuer == maker:
            yield _Said(about, said)
