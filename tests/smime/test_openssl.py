"""Files as OpenSSL makes them, which is how many an IT department does."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from addin_service.smime import problems
from addin_service.smime.envelope import enveloped, recipients
from addin_service.smime.reading import NotACertificate, read
from tests.conftest import needs

Run = Callable[..., bytes]
LEAF = """
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = emailProtection
subjectAltName = email:p.tan@chambers.example, email:priya@chambers.example
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority and a person's certificate, in every file that OpenSSL makes of them."""
    needs("openssl", shutil.which("openssl") is not None)
    folder = tmp_path_factory.mktemp("openssl")
    (folder / "leaf.cnf").write_text(LEAF)
    for line in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=CA -days 3650",
        "req -newkey rsa:2048 -nodes -keyout p.key -out p.csr -subj /O=Chambers/CN=Priya",
        "x509 -req -in p.csr -CA ca.pem -CAkey ca.key -set_serial 0x8000000000000001"
        " -out p.pem -extfile leaf.cnf -days 3650",
        "x509 -in p.pem -outform DER -out p.der",
        "x509 -in p.pem -text -out text.pem",
        "crl2pkcs7 -nocrl -certfile p.pem -certfile ca.pem -out chain.p7b",
        "crl2pkcs7 -nocrl -certfile p.pem -certfile ca.pem -outform DER -out chain.p7c",
        "cms -sign -in leaf.cnf -signer p.pem -inkey p.key -certfile ca.pem -outform DER -out sig.p7s",
        "smime -encrypt -aes256 -in leaf.cnf -outform DER -out mail.p7m p.pem",
        "pkcs12 -export -inkey p.key -in p.pem -passout pass:x -out p.p12",
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ec.key"
        " -out ec.pem -subj /emailAddress=e@x.example -addext basicConstraints=CA:FALSE",
    ):
        subprocess.run(
            ("openssl", *line.split()), cwd=folder, capture_output=True, check=True, timeout=60
        )
    (folder / "bag.pem").write_bytes(
        (folder / "p.pem").read_bytes() + (folder / "ca.pem").read_bytes()
    )
    return folder


@pytest.mark.parametrize(
    "name", ["p.pem", "p.der", "text.pem", "bag.pem", "chain.p7b", "chain.p7c", "sig.p7s"]
)
def test_a_certificate_is_found_in_the_file(name: str, folder: Path) -> None:
    found = read((folder / name).read_bytes())
    assert found.data == (folder / "p.der").read_bytes()
    assert found.addresses() == {"p.tan@chambers.example", "priya@chambers.example"}
    assert found.user_ids[-1].text == "Chambers, Priya"
    assert found.condition(found.created) == "good"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("p.key", "secret"), ("p.p12", "secret"), ("p.csr", "request"), ("mail.p7m", "message"),
     ("leaf.cnf", "not-a-key")],
)  # fmt: skip
def test_other_files_are_refused(name: str, reason: str, folder: Path) -> None:
    with pytest.raises(NotACertificate) as refusal:
        read((folder / name).read_bytes())
    assert refusal.value.reason == reason


def test_what_cannot_be_used_is_said(folder: Path) -> None:
    assert read((folder / "ca.pem").read_bytes()).problem == problems.AUTHORITY
    assert read((folder / "ec.pem").read_bytes()).problem == problems.NOT_RSA


def test_openssl_reads_the_same_fingerprint_and_dates(folder: Path) -> None:
    found = read((folder / "p.pem").read_bytes())
    said = subprocess.run(
        ("openssl", "x509", "-in", "p.pem", "-noout", "-fingerprint", "-sha256", "-enddate", "-dateopt", "iso_8601"),
        cwd=folder, capture_output=True, check=True, timeout=60,
    ).stdout.decode()  # fmt: skip
    assert re.sub("[^0-9A-F]", "", said.splitlines()[0].partition("=")[2]) == found.fingerprint
    assert f"{found.expires:%Y-%m-%d %H:%M:%S}Z" in said


def test_openssl_names_the_same_readers(folder: Path) -> None:
    person = read((folder / "p.pem").read_bytes())
    made = enveloped(b"x", [person], person.created)
    said = subprocess.run(
        ("openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-noout"),
        input=made, capture_output=True, check=True, timeout=60,
    ).stdout.decode()  # fmt: skip
    ((_, serial),) = recipients(made)
    assert [int(number, 0) for number in re.findall(r"serialNumber: (\w+)", said)] == [serial]
    assert [name.replace(" ", "") for name in re.findall(r"issuer: *(.*)", said)] == ["CN=CA"]
    assert "aes-256-cbc" in said
    opened = subprocess.run(
        ("openssl", "cms", "-decrypt", "-inform", "DER", "-recip", "p.pem", "-inkey", "p.key"),
        cwd=folder, input=made, capture_output=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert opened == b"x"
