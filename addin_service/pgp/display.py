"""Fingerprints as people read, hear and type them."""

import hashlib
import io
import re

import segno

from addin_service.pgp.certificate import Fingerprint, groups

ASKED = 5
"""Groups of four digits that are typed: 80 bits."""


def grouped(key: Fingerprint) -> str:
    """Its groups of four digits, in two halves."""
    parts = groups(key)
    half = len(parts) // 2
    return " ".join(parts[:half]) + "  " + " ".join(parts[half:])


def confirm_positions(seed: bytes, key: Fingerprint) -> tuple[int, ...]:
    """Which five of its groups (counted from 1) are asked for: the same for the same seed."""
    numbers = range(1, len(groups(key)) + 1)
    ranked = sorted(numbers, key=lambda n: hashlib.sha256(seed + bytes([n])).digest())
    return tuple(sorted(ranked[:ASKED]))


def typed_groups_match(typed: str, key: Fingerprint, positions: tuple[int, ...]) -> bool:
    """Whether these digits are those groups, in order; blanks, hyphens and case are forgiven."""
    digits = re.sub(r"[\s\-:.,]", "", typed).upper()
    parts = groups(key)
    return bool(positions) and digits == "".join(parts[n - 1] for n in positions)


def qr(key: Fingerprint) -> str:
    """The fingerprint as a picture of text, in the form that other OpenPGP programs scan."""
    out = io.StringIO()
    segno.make(f"OPENPGP4FPR:{key}", error="m").terminal(out, compact=True, border=2)
    return out.getvalue()
