"""The installation's own secret, and every keyed hash made with it.

The key is a file beside the database, not in it: whoever reads a copy of the database alone can
neither test which addresses are in the receipts nor recompute their chain.
"""

import hmac
import os
import secrets
from pathlib import Path

KEY_BYTES = 32


class Secret:
    """Makes keyed hashes. One purpose never gives the hash of another."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the secret must have {KEY_BYTES} bytes")
        self._key = key

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose."""
        return hmac.digest(self._key, purpose.encode(), "sha256")

    def digest(self, purpose: str, text: str) -> str:
        """HMAC-SHA256 of `text` as 64 hex digits."""
        data = text.encode("utf-8", "surrogatepass")
        return hmac.digest(self.derive(purpose), data, "sha256").hex()


def load_or_create(path: Path) -> Secret:
    """The secret in this file, which is made, readable by its owner only, where it is missing.

    It gets its name once it is whole: half a secret would end every later start.
    """
    if not path.exists():
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        new.unlink(missing_ok=True)
        try:
            _write(new, secrets.token_bytes(KEY_BYTES))
            os.replace(new, path)
        finally:
            new.unlink(missing_ok=True)
    return Secret(path.read_bytes())


def _write(path: Path, key: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
