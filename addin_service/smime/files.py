"""The file in which somebody sends a certificate, to the one certificate in it. Pure.

PEM and DER, alone or as a PKCS #7 bundle (.p7b, .p7c; a signature, .p7s, is one too) with the
authorities above it. Nothing is verified: what else stands in the file is passed over.
"""

import re
from binascii import Error, a2b_base64
from collections.abc import Iterable, Iterator

from addin_service.smime import der
from addin_service.smime.der import Element, Malformed
from addin_service.smime.fields import OldVersion, fields
from addin_service.smime.problems import NotACertificate

LARGEST = 100_000
"""Bytes of the file. A certificate has 1 to 3 kB, a bundle with its authorities some 8 kB."""
MOST = 20
"""Certificates in a file."""

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----")
_CERTIFICATES = {b"CERTIFICATE", b"X509 CERTIFICATE"}
_BUNDLES = {b"PKCS7", b"CMS"}
_SIGNED, _IMPLICIT_0 = "1.2.840.113549.1.7.2", 0xA0
_HIGHEST_VERSION = 3
"""Of the structures in which secret keys are kept; each begins with its version."""


def one_certificate(data: bytes) -> bytes:
    """The DER form of the one certificate in the file; raises `NotACertificate`."""
    if len(data) > LARGEST:
        raise NotACertificate("large")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise NotACertificate("empty")
    try:
        found = list(dict.fromkeys(_from_der(data) if _is_der(data) else _from_pem(data)))
        if len(found) > MOST:
            raise NotACertificate("large")
        if len(found) > 1:
            found = [one for one in found if not _is_authority(one)]
    except Malformed:
        raise NotACertificate("damaged") from None
    if len(found) != 1:
        raise NotACertificate("several" if found else "not-a-key")
    return found[0]


def _is_der(data: bytes) -> bool:
    """A long sequence: a byte that no text has comes second."""
    return data[0] == der.SEQUENCE and data[1:2] >= b"\x80"


def _from_pem(data: bytes) -> Iterator[bytes]:
    if b"PRIVATE KEY" in data:
        raise NotACertificate("secret")
    if b"-----BEGIN PGP " in data:
        raise NotACertificate("openpgp")
    if b"-----BEGIN" not in data:
        raise NotACertificate("not-a-key")
    blocks = _PEM.findall(data)
    for label, text in blocks:
        if label in _CERTIFICATES:
            yield _decoded(text)
        elif label in _BUNDLES:
            yield from _from_der(_decoded(text))
        else:
            raise NotACertificate("request" if b"REQUEST" in label else "not-a-key")
    if not blocks or data.count(b"-----BEGIN") != len(blocks):
        raise Malformed


def _decoded(text: bytes) -> bytes:
    try:
        return a2b_base64(b"".join(text.split()), strict_mode=True)
    except Error:
        raise Malformed from None


def _from_der(data: bytes) -> Iterable[bytes]:
    """The certificates in a bundle, or the one that the data is."""
    parts = list(der.whole(data).expect(der.SEQUENCE).children())
    tags = [part.tag for part in parts]
    if tags[:1] == [der.OID]:
        return _bundled(parts)
    if tags[:1] == [der.INTEGER]:
        secret = 0 <= der.integer(parts[0]) <= _HIGHEST_VERSION
        raise NotACertificate("secret" if secret else "not-a-key")
    if tags == [der.SEQUENCE, der.OCTETS]:  # a secret key under a passphrase (PKCS #8)
        raise NotACertificate("secret")
    if tags == [der.SEQUENCE, der.SEQUENCE, der.BIT_STRING]:
        inside = list(parts[0].children())
        if len(inside) == 4 and inside[0].tag == der.INTEGER:
            raise NotACertificate("request")
        return (data,)
    raise NotACertificate("not-a-key")


def _bundled(parts: list[Element]) -> Iterator[bytes]:
    if len(parts) != 2 or der.identifier(parts[0]) != _SIGNED:
        raise NotACertificate("message")
    for signed in parts[1].expect(_IMPLICIT_0).children():
        for part in signed.expect(der.SEQUENCE).children():
            if part.tag == _IMPLICIT_0:
                yield from (one.raw for one in part.children() if one.tag == der.SEQUENCE)


def _is_authority(certificate: bytes) -> bool:
    """Whether it is above a person's; those of version 1 that are left are old roots."""
    try:
        return fields(certificate).is_authority
    except OldVersion:
        return True
