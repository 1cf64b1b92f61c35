"""What time does not change about a certificate: what was revoked, what is wrong for good. Pure.

gpg has checked the signatures before: what it keeps of a certificate is signed by its own key.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from addin_service.pgp import packets
from addin_service.pgp.blocks import ALGORITHMS
from addin_service.pgp.listing import ListedKey
from addin_service.pgp.packets import Packet, Signature

_ALGORITHM_FIELDS = {b"%d" % algorithm for algorithm in ALGORITHMS}
_BROKEN_HASHES = {1, 2, 3}  # MD5, SHA-1, RIPEMD-160
_SOFT = {1, 3, 32}  # superseded, no longer used, user ID no longer valid
_CERTIFICATIONS = {0x10, 0x11, 0x12, 0x13}
_OWN_SIGNATURES = _CERTIFICATIONS | {0x1F}
_KEY_REVOCATION, _SUBKEY_BINDING, _NAME_REVOCATION = 0x20, 0x18, 0x30


def revocation(own: Iterable[Packet]) -> Literal["soft", "hard"]:
    """Soft where its owner only says that the key is out of use; whatever is unclear is hard."""
    reasons = [said.reason for said in _key_revocations(own)]
    return "soft" if reasons and all(reason in _SOFT for reason in reasons) else "hard"


def revoked_at(own: Iterable[Packet]) -> datetime | None:
    """When the key was first revoked, as its owner dated it; None where it was not, or undated."""
    return min((said.made for said in _key_revocations(own) if said.made), default=None)


def withdrawn_names(own: Iterable[Packet]) -> frozenset[bytes]:
    """The user IDs that were revoked each on its own: the newest word about it is a revocation."""
    newest: dict[bytes, tuple[bool, float, bool]] = {}
    name: bytes | None = None
    for part in own:
        if part.tag != packets.SIGNATURE:
            name = part.body if part.tag == packets.USER_ID else None
        elif name is not None and (said := packets.signature(part.body)):
            revokes = said.type == _NAME_REVOCATION
            if revokes or said.type in _CERTIFICATIONS:
                made = said.made.timestamp() if said.made else 0.0
                # Undated: a revocation counts as the last word.
                word = (revokes and said.made is None, made, revokes)
                newest[name] = max(newest.get(name, word), word)
    return frozenset(name for name, word in newest.items() if word[2])


def problem(own: Iterable[Packet], keys: Sequence[ListedKey]) -> str:
    """What is wrong with it for good, in words that complete "This key cannot be used:"."""
    if any(b"D" in each.uses for each in keys[:1]):
        return "it is marked as disabled"
    encrypting = {each.key.fingerprint for each in keys if each.key.encrypts}
    if not encrypting:
        if any(each.algorithm not in _ALGORITHM_FIELDS for each in keys):
            return "its encryption key is of a kind that gpg cannot use here"
        return "it has no key for encryption, only for signing"
    names, bindings, last = [], [], ""
    for part in own:
        if part.tag in (packets.PUBLIC_KEY, packets.PUBLIC_SUBKEY):
            last = packets.key_fingerprint(part.body)
        elif part.tag == packets.SIGNATURE and (said := packets.signature(part.body)):
            if said.type in _OWN_SIGNATURES:
                names.append(said.hash)
            elif said.type == _SUBKEY_BINDING and last in encrypting:
                bindings.append(said.hash)
    if any(hashes and _BROKEN_HASHES.issuperset(hashes) for hashes in (names, bindings)):
        return "its own signatures use SHA-1 or MD5, which can be forged"
    return ""


def _key_revocations(own: Iterable[Packet]) -> list[Signature]:
    said = [packets.signature(p.body) for p in own if p.tag == packets.SIGNATURE]
    return [each for each in said if each and each.type == _KEY_REVOCATION]
