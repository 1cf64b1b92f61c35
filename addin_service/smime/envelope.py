"""A message in an envelope that the given certificates open, and nobody else: CMS EnvelopedData.

AES-256 in CBC mode, the key sent to each reader by RSA (PKCS #1, 1.5): what every mail program with
S/MIME opens, Outlook and Apple Mail among them. Whoever is on the way can change such a message
without being noticed (EFAIL, 2018), and a program that then fetches what the changed text names
gives the rest away; only the reader's program can prevent that. The mode that cannot be changed,
AES-GCM in AuthEnvelopedData (RFC 5083), is neither made by `cryptography` nor opened everywhere.
So OpenPGP, which notices changes, goes before S/MIME where a reader has both.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options
from cryptography.x509 import load_der_x509_certificate

from addin_service.pgp.certificate import Certificate
from addin_service.pgp.refused import Refused
from addin_service.sealing.armor import Armored
from addin_service.smime import der, fields
from addin_service.smime.der import Element, Malformed
from addin_service.smime.reading import NotACertificate, certificate

ENTITY_NAME = "smime.p7m"

_ENVELOPED, _PLAIN_DATA = "1.2.840.113549.1.7.3", "1.2.840.113549.1.7.1"
_RSA, _AES_256_CBC = "1.2.840.113549.1.1.1", "2.16.840.1.101.3.4.1.42"
_EXPLICIT_0, _IMPLICIT_0 = 0xA0, 0x80
_INITIAL_BYTES = 16


class Recipient(NamedTuple):
    """Whom an envelope names: the issuer (DER) and the serial number of a certificate."""

    issuer: bytes
    serial: int


def enveloped(payload: bytes, certificates: Iterable[Certificate], now: datetime) -> bytes:
    """The envelope, in DER. All or nothing: raises `Refused`.

    Each certificate is read anew and must be usable at this moment; what was made is read back and
    must name exactly their owners. On its way it takes three times the memory of the payload.
    """
    given = {one.fingerprint: one for one in certificates}
    if not given:
        raise Refused("no-readers")
    builder = PKCS7EnvelopeBuilder().set_data(payload).set_content_encryption_algorithm(AES256)
    wanted: set[Recipient] = set()
    for name in sorted(given):
        one = given[name]
        try:
            if certificate(one.data) != one:
                raise Refused("damaged")
        except NotACertificate:
            raise Refused("damaged") from None
        if one.condition(now) != "good":
            raise Refused("not-usable")
        said = fields.fields(one.data)
        wanted.add(Recipient(said.issuer, said.serial))
        builder = builder.add_recipient(load_der_x509_certificate(one.data))
    if len(wanted) != len(given):
        # Two that say they are the same: the reader's program would take one key for the other.
        raise Refused("wrong-readers")
    made = builder.encrypt(Encoding.DER, [PKCS7Options.Binary])
    try:
        found = recipients(made)
    except Malformed:
        raise Refused("wrong-readers") from None
    if found != wanted:
        raise Refused("wrong-readers")
    return made


def recipients(envelope: bytes) -> frozenset[Recipient]:
    """Who can open it. Raises `Malformed` for anything but an envelope as `enveloped` makes it."""
    kind, wrapped = _children(der.whole(envelope), 2)
    (body,) = _children(wrapped, 1, _EXPLICIT_0)
    version, readers, content = _children(body, 3)
    if der.identifier(kind) != _ENVELOPED or der.integer(version) != 0:
        raise Malformed
    inside, algorithm, encrypted = _children(content, 3)
    cipher, initial = _children(algorithm, 2)
    if (
        der.identifier(inside) != _PLAIN_DATA
        or der.identifier(cipher) != _AES_256_CBC
        or len(initial.expect(der.OCTETS).content) != _INITIAL_BYTES
        or encrypted.tag != _IMPLICIT_0
    ):
        raise Malformed
    found = [_recipient(one) for one in readers.expect(der.SET).children()]
    if not found or len(set(found)) != len(found):
        raise Malformed
    return frozenset(found)


def entity(envelope: bytes) -> Armored:
    """The whole MIME entity; like that of OpenPGP without MIME-Version."""
    head = (
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n"
        f' name="{ENTITY_NAME}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{ENTITY_NAME}"\r\n'
        "\r\n"
    )
    return Armored(head, (envelope,), "\r\n")


def _recipient(element: Element) -> Recipient:
    version, who, algorithm, key = _children(element, 4)
    issuer, serial = _children(who, 2)
    if der.integer(version) != 0 or der.identifier(next(algorithm.children(), key)) != _RSA:
        raise Malformed
    key.expect(der.OCTETS)
    return Recipient(issuer.expect(der.SEQUENCE).raw, der.integer(serial))


def _children(element: Element, count: int, tag: int = der.SEQUENCE) -> list[Element]:
    found = list(element.expect(tag).children())
    if len(found) != count:
        raise Malformed
    return found
