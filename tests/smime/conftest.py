"""OpenSSL's own command, as somebody else's reader."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.conftest import needs
from tests.smime import making as m

Opener = Callable[[str, bytes, bytes, RSAPrivateKey], "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def openssl(tmp_path: Path) -> Opener:
    """Opens with `cms` or `smime` what is given, with a certificate and its key."""
    needs("openssl", shutil.which("openssl") is not None)

    def run(
        command: str, message: bytes, certificate: bytes, key: RSAPrivateKey
    ) -> "subprocess.CompletedProcess[bytes]":
        (tmp_path / "c.pem").write_bytes(m.pem(certificate))
        (tmp_path / "k.pem").write_bytes(m.pem_key(key))
        form = "SMIME" if message.startswith(b"Content-Type") else "DER"
        return subprocess.run(
            ("openssl", command, "-decrypt", "-inform", form, "-binary",
             "-recip", str(tmp_path / "c.pem"), "-inkey", str(tmp_path / "k.pem")),
            input=message, capture_output=True, check=False, timeout=60,
        )  # fmt: skip

    return run
