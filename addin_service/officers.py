"""Whether a key officer has signed the organisation's list of bindings.

Of use where more people may write into the folder than may change the policy, which names the
officers.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from addin_service.opening.refusals import CannotOpen
from addin_service.opening.signers import Word
from addin_service.opening.verifying import detached
from addin_service.pgp.certificate import Certificate
from addin_service.pgp.user_gpg import UserGpg

VERIFY_S = 30.0
AHEAD = timedelta(hours=1)
"""By how much the officer's clock may be fast."""
HINT = "Have a key officer sign it: gpg --armor --detach-sign bindings.csv"
_WHY: dict[Word, str] = {
    "bad": "its signature does not fit: the file was changed, or the signature was",
    "unknown": "it is signed with a key that is no key officer's in keys/",
    "ended": "the key it is signed with has expired",
    "withdrawn": "the key it is signed with is revoked",
    "weak": "it is signed in a way that can be forged today",
}


class NotSigned(ValueError):
    """The list has no signature that counts; the text completes "bindings.csv …: "."""


def signed_at(
    listed: bytes,
    signature: bytes,
    certificates: Iterable[Certificate],
    officers: Collection[str],
    now: datetime,
    not_before: datetime | None = None,
) -> datetime:
    """When an officer signed `listed`. Raises `NotSigned`.

    Each signature in the file must be good and an officer's. One made earlier than `not_before` is
    refused: somebody may put an old list back. So is one that is dated ahead: no later list would
    ever count.
    """
    if not signature:
        raise NotSigned("it has no signature (bindings.csv.asc)")
    able: Sequence[Certificate] = [c for c in certificates if c.fingerprint in officers]
    if not able:
        raise NotSigned("the key of no key officer is in keys/")
    try:
        found = detached(UserGpg(timeout_s=VERIFY_S), listed, signature, able)
    except CannotOpen:
        raise NotSigned("gpg could not look at its signature") from None
    if wrong := next((one.word for one in found if one.word != "good"), None):
        raise NotSigned(_WHY[wrong])
    made = [one.made for one in found if one.primary in officers and one.made is not None]
    if len(made) != len(found):
        raise NotSigned("it does not say which officer signed it, and when")
    latest = max(made)
    if latest > now + AHEAD:
        raise NotSigned("its signature is dated in the future; is that computer's clock right?")
    if not_before is not None and latest < not_before.replace(microsecond=0):
        raise NotSigned("its signature is older than that of the list which is in force")
    return latest.astimezone(UTC)
