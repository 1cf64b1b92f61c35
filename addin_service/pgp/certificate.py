"""A certificate as facts: what it says of itself, and what it can do on a given day. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

Fingerprint = NewType("Fingerprint", str)
"""The only thing by which a key is ever named: upper-case hexadecimal digits, 40 for OpenPGP
(version 4), 64 for an S/MIME certificate (SHA-256 of its DER form)."""

OPENPGP_DIGITS = 40


def fingerprint(text: str) -> Fingerprint:
    """A fingerprint from what a person or a file gives: blanks and case are forgiven.

    Raises `ValueError` for anything but 40 or 64 hexadecimal digits.
    """
    digits = re.sub(r"[ \t\xa0:]", "", text).upper()
    if not re.fullmatch(r"[0-9A-F]{40}(?:[0-9A-F]{24})?", digits):
        raise ValueError("not a fingerprint of 40 or 64 hexadecimal digits")
    return Fingerprint(digits)


def groups(key: Fingerprint) -> tuple[str, ...]:
    """The groups of four digits in which people read a fingerprint: ten, or sixteen."""
    return tuple(key[start : start + 4] for start in range(0, len(key), 4))


@dataclass(frozen=True, slots=True)
class UserId:
    """One user ID. `text` is safe to show; `address` is set only where it is evidence for one.

    It is evidence where the whole user ID is one address, or a plain name and one address in angle
    brackets, without any character that could make another reader see another address.
    """

    text: str
    address: str | None
    revoked: bool


@dataclass(frozen=True, slots=True)
class Subkey:
    """A key of the certificate, the primary one included. `key_id` is what a packet names."""

    fingerprint: Fingerprint
    created: datetime
    expires: datetime | None
    revoked: bool
    encrypts: bool

    @property
    def key_id(self) -> str:
        """The last 16 digits."""
        return self.fingerprint[-16:]

    def valid(self, now: datetime) -> bool:
        """Whether it can be used at this moment."""
        return (
            not self.revoked
            and self.created <= now
            and (self.expires is None or now < self.expires)
        )


@dataclass(frozen=True, slots=True)
class Certificate:
    """One public certificate. `data` is its binary form, as it is stored and given to gpg.

    `problem` is set by the reader for what time does not change: an algorithm that gpg cannot use,
    a disabled key, self-signatures that no longer count.
    """

    fingerprint: Fingerprint
    created: datetime
    expires: datetime | None
    revoked: Literal["", "soft", "hard"]
    user_ids: tuple[UserId, ...]
    subkeys: tuple[Subkey, ...]
    data: bytes
    problem: str = ""

    def addresses(self) -> frozenset[str]:
        """The addresses (normal forms) for which this certificate is evidence."""
        return frozenset(u.address for u in self.user_ids if u.address and not u.revoked)

    def encryption_key(self, now: datetime) -> Subkey | None:
        """The key that gpg will encrypt to; None where there is none.

        It takes the newest valid subkey, of several of one second the first in the certificate,
        and the primary key only where there is no such subkey.
        """
        fit = [key for key in self.subkeys if key.encrypts and key.valid(now)]
        below = [key for key in fit if key.fingerprint != self.fingerprint]
        return max(below or fit, key=lambda key: key.created, default=None)

    def condition(self, now: datetime) -> Literal["good", "expired", "revoked", "unusable"]:
        """What can be done with it at this moment."""
        if self.revoked:
            return "revoked"
        if self.problem or self.created > now:
            return "unusable"
        if self.expires is not None and self.expires <= now:
            return "expired"
        if self.encryption_key(now) is not None:
            return "good"
        ended = any(
            key.encrypts and not key.revoked and key.expires is not None and key.expires <= now
            for key in self.subkeys
        )
        return "expired" if ended else "unusable"
