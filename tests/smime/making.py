"""Certificates of every kind, written byte by byte: also those that no library would write."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CN, O, MAIL = "2.5.4.3", "2.5.4.10", "1.2.840.113549.1.9.1"  # noqa: E741
KEY_USAGE, SAN, BASIC = "2.5.29.15", "2.5.29.17", "2.5.29.19"
POLICIES, EKU, NAME_CONSTRAINTS = "2.5.29.32", "2.5.29.37", "2.5.29.30"
SHA256, SHA1, MD5 = "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.4"
PSS = "1.2.840.113549.1.1.10"
UTF8, PRINTABLE, IA5, T61, BMP, UNIVERSAL = 0x0C, 0x13, 0x16, 0x14, 0x1E, 0x1C
PRIYA = b"p.tan@chambers.example"


def tlv(tag: int, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    size = len(body)
    length = bytes([size]) if size < 128 else size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag]) + (length if size < 128 else bytes([0x80 | len(length)]) + length) + body


def seq(*bodies: bytes) -> bytes:
    return tlv(0x30, *bodies)


def integer(number: int) -> bytes:
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return tlv(2, number.to_bytes(size, signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    out = b""
    for number in (40 * first + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        out += bytes(reversed(digits))
    return tlv(6, out)


def moment(when: datetime) -> bytes:
    return (
        tlv(0x18, when.strftime("%Y%m%d%H%M%SZ").encode())
        if when.year > 2049
        else tlv(0x17, when.strftime("%y%m%d%H%M%SZ").encode())
    )


def named(*names: tuple[str, int, bytes]) -> bytes:
    return seq(*(tlv(0x31, seq(oid(kind), tlv(tag, value))) for kind, tag, value in names))


def usage(*bits: int) -> bytes:
    value = sum(0x80 >> bit for bit in bits)
    return tlv(3, bytes([7 - max(bits)]) + bytes([value]))


def mailboxes(*addresses: bytes) -> bytes:
    return seq(*(tlv(0x81, address) for address in addresses))


def uses(*kinds: str) -> bytes:
    return seq(*map(oid, kinds))


FOR_MAIL, FOR_SERVERS, FOR_ANYTHING = (
    "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.1", "2.5.29.37.0",
)  # fmt: skip


@cache
def rsa_key(number: int = 0, bits: int = 2_048) -> rsa.RSAPrivateKey:
    """The same key for the same number."""
    return rsa.generate_private_key(65_537, bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def rsa_numbers(n: int, e: int, kind: str = "1.2.840.113549.1.1.1") -> bytes:
    parameters = b"" if kind == PSS else tlv(5)
    return seq(seq(oid(kind), parameters), tlv(3, b"\0" + seq(integer(n), integer(e))))


def pem_key(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


Extension = tuple[str, bool, bytes]
GOOD: tuple[Extension, ...] = (
    (KEY_USAGE, True, usage(0, 2)),
    (EKU, False, uses(FOR_MAIL)),
    (BASIC, True, seq()),
    (SAN, False, mailboxes(PRIYA)),
)


@dataclass(frozen=True)
class Made:
    """What goes into a certificate; `der` is what comes out. Signed by nobody."""

    serial: bytes = integer(0x1234567890)
    issuer: bytes = named((CN, UTF8, b"Chambers Mail CA"))
    subject: bytes = named((CN, UTF8, b"Priya Tan"), (O, UTF8, b"Chambers"))
    extensions: Sequence[Extension] | None = GOOD
    spki: bytes = b""
    signed: bytes = seq(oid(SHA256), tlv(5))
    version: bytes = tlv(0xA0, integer(2))
    begins: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    ends: datetime = datetime(2028, 1, 1, tzinfo=UTC)
    tail: bytes = field(default=b"")

    @property
    def der(self) -> bytes:
        rest = b""
        if self.extensions is not None:
            rest = tlv(0xA3, seq(*map(extension, self.extensions)))
        tbs = seq(
            self.version, self.serial, self.signed, self.issuer,
            seq(moment(self.begins), moment(self.ends)), self.subject,
            self.spki or public(rsa_key()), rest,
        )  # fmt: skip
        return seq(tbs, self.signed, tlv(3, b"\0" + b"\x5a" * 256)) + self.tail

    def with_extension(self, kind: str, critical: bool, content: bytes) -> "Made":
        """The same with this one instead of another of its kind."""
        others = [one for one in self.extensions or () if one[0] != kind]
        return replace(self, extensions=(*others, (kind, critical, content)))

    def without(self, *kinds: str) -> "Made":
        kept = tuple(one for one in self.extensions or () if one[0] not in kinds)
        return replace(self, extensions=kept)

    def addressed(self, *addresses: bytes) -> "Made":
        return self.with_extension(SAN, False, mailboxes(*addresses))


def extension(given: Extension) -> bytes:
    kind, critical, content = given
    return seq(oid(kind), tlv(1, b"\xff") if critical else b"", tlv(4, content))


def pem(der: bytes, label: str = "CERTIFICATE") -> bytes:
    from base64 import encodebytes

    return (
        f"-----BEGIN {label}-----\n".encode()
        + encodebytes(der)
        + f"-----END {label}-----\n".encode()
    )


def bundle(*certificates: bytes, kind: str = "1.2.840.113549.1.7.2") -> bytes:
    """A .p7b: signed data without data and signatures."""
    inner = seq(
        integer(1), tlv(0x31), seq(oid("1.2.840.113549.1.7.1")), tlv(0xA0, *certificates), tlv(0x31)
    )
    return seq(oid(kind), tlv(0xA0, inner))


AUTHORITY = Made(
    serial=integer(7),
    subject=named((CN, UTF8, b"Chambers Mail CA")),
    extensions=((BASIC, True, seq(tlv(1, b"\xff"))), (KEY_USAGE, True, usage(5, 6))),
)


def all_of(addresses: Iterable[bytes]) -> bytes:
    return Made().addressed(*addresses).der
