"""A department's service: one https name, with a certificate of the organisation's own."""

import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin_service import manifests

from .harness import Sink, Thunderbird, free_port, running, until
from .standin import StandIn

NAME = "lastlook.council.example"
TOKEN = "department.not-a-secret"


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """The organisation's certificate authority, and a certificate for the service."""
    if not shutil.which("openssl"):
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("openssl is not installed (Debian: apt-get install openssl)")
    folder = tmp_path / "certificates"
    folder.mkdir()
    ca, key, asked, leaf = (folder / f"{name}.pem" for name in ("ca", "key", "asked", "leaf"))
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{ca}.key", "-out", str(ca), "-days", "2", "-subj", "/CN=The Council")  # fmt: skip
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", str(key), "-out", str(asked), "-subj", f"/CN={NAME}")  # fmt: skip
    names = folder / "names"
    names.write_text(f"subjectAltName=DNS:{NAME}\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", str(asked), "-CA", str(ca), "-CAkey", f"{ca}.key",
            "-CAcreateserial", "-days", "2", "-extfile", str(names), "-out", str(leaf))  # fmt: skip
    return folder


@pytest.fixture
def department(authority: Path) -> Iterator[StandIn]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "leaf.pem", authority / "key.pem")
    standin = StandIn(free_port(), TOKEN, tls=context)
    yield standin
    standin.stop()


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
@pytest.mark.usefixtures("needs_thunderbird")
def test_thunderbird_asks_a_department_only_under_a_certificate_it_trusts(
    authority: Path, department: StandIn, sink: Sink, tmp_path: Path, trusted: bool
) -> None:
    _, written, *_ = manifests.build(
        f"https://{NAME}:{department.port}", tmp_path / "built", token=TOKEN
    )
    policies = json.loads(written.read_text())
    if trusted:
        policies["policies"]["Certificates"] = {"Install": [str(authority / "ca.pem")]}
    here: dict[str, bool | int | str] = {"network.dns.localDomains": NAME}
    with running(
        Thunderbird(tmp_path / "tb", smtp_port=sink.port, policies=policies, preferences=here)
    ) as thunderbird:
        until("the extension", thunderbird.extension_is_ready)
        compose = thunderbird.compose("joe.marsh@council.example")
        compose.send()
        if trusted:
            sink.next()
            compose.until_closed()
            assert [one.path for one in department.asked[:2]] == ["/v1/hello", "/v1/check"]
        else:
            assert "is out of reach" in thunderbird.review().text
            assert not department.asked
