"""A throwaway key in a home with a short path, and what gpg makes of bytes with it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import needs

READER = "p.tan@chambers.example"


@pytest.fixture(scope="session")
def gpg() -> Iterator[Callable[..., bytes]]:
    """Runs gpg with a key of `READER` in its home; the last argument is what it reads."""
    needs("gpg", shutil.which("gpg") is not None)
    home = Path(tempfile.mkdtemp(prefix="ll-", dir="/tmp"))
    environment = {**os.environ, "GNUPGHOME": str(home)}

    def run(*arguments: str, given: bytes = b"") -> bytes:
        return subprocess.run(
            ("gpg", "--batch", "--no-options", "--quiet", "--trust-model", "always", *arguments),
            input=given,
            env=environment,
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout

    try:
        run("--passphrase", "", "--quick-gen-key", f"<{READER}>", "future-default", "default", "1d")
        yield run
    finally:
        subprocess.run(("gpgconf", "--kill", "all"), env=environment, check=False, timeout=60)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def sealed(gpg: Callable[..., bytes]) -> Callable[[bytes], bytes]:
    """Encrypts as the service does: binary, nothing compressed."""
    return lambda plain: gpg("--compress-algo", "none", "-r", READER, "--encrypt", given=plain)
