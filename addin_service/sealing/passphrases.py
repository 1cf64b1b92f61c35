"""The passphrase of an archive: made here, shown once, read out on the phone, kept nowhere."""

import math
import secrets
from typing import NewType

from addin_service.sealing.words import WORDS

Passphrase = NewType("Passphrase", str)
"""Words with hyphens between them; made by `generate` alone."""

LENGTH = 7
"""Words. AES ZIP turns a passphrase into a key with no more than 1,000 rounds of PBKDF2-HMAC-SHA1
(WinZip's "AES Encryption Information", AE-1 and AE-2, 1.04, section III.A), so whoever has the file
can try very many: the passphrase itself has to be long."""

BITS = LENGTH * math.log2(len(WORDS))
"""Of entropy: 77."""


def generate() -> Passphrase:
    """A new passphrase: `LENGTH` words, each drawn for itself by the system's random numbers."""
    return Passphrase("-".join(secrets.choice(WORDS) for _ in range(LENGTH)))
