"""S/MIME certificates in files and mails: offered and taken in like keys, confirmed by nobody."""

from email.message import EmailMessage

import pytest

from addin_service import intake
from addin_service.installation import Installation
from addin_service.sources import offers
from tests.pgp.keys import known, needs_gpg
from tests.smime.making import AUTHORITY, PRIYA, Made, bundle, pem, pem_key, rsa_key

DER = Made().der


def taken(installation: Installation, data: bytes) -> list[intake.Taken | offers.Left]:
    return list(intake.take(installation.reviewer, offers.found(data).offers))


@pytest.mark.parametrize(
    "data",
    [DER, pem(DER), bundle(DER, AUTHORITY.der), b"\xef\xbb\xbf" + pem(DER)],
    ids=["der", "pem", "bundle", "marked"],
)
def test_a_file(installation: Installation, data: bytes) -> None:
    (one,) = taken(installation, data)
    assert isinstance(one, intake.Taken)
    assert len(one.imported.certificate.fingerprint) == 64
    (bound,) = one.imported.states
    assert (bound.address, bound.state.value) == (PRIYA.decode(), "unverified")


@pytest.mark.parametrize(
    ("kind", "name", "data"),
    [
        ("application/pkix-cert", "priya.cer", DER),
        ("application/octet-stream", "priya.crt", pem(DER)),
        ("application/pkcs7-signature", "smime.p7s", bundle(DER, AUTHORITY.der)),
    ],
)
def test_a_mail(installation: Installation, kind: str, name: str, data: bytes) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = PRIYA.decode(), "ann.lee@council.example"
    mail.set_content("Hello")
    main, _, below = kind.partition("/")
    mail.add_attachment(data, maintype=main, subtype=below, filename=name)
    (one,) = taken(installation, bytes(mail))
    assert isinstance(one, intake.Taken)
    assert one.offer.source == "attached"
    assert one.names_sender


def test_a_secret_key_is_refused(installation: Installation) -> None:
    (one,) = taken(installation, pem(DER) + pem_key(rsa_key()))
    assert isinstance(one, offers.Left)
    assert "secret" in one.why


def test_what_begins_as_openpgp_is_read_as_that_and_refused(installation: Installation) -> None:
    needs_gpg()
    (one,) = taken(installation, known("Bob <bob@northwind.example>").public + pem(DER))
    assert isinstance(one, offers.Left)
