"""What a certificate says of itself, read from its DER form in bytes. Pure."""

from dataclasses import dataclass

from addin_service.smime import der
from addin_service.smime.der import Element, Malformed

E_MAIL, COMMON_NAME, ORGANISATION = "1.2.840.113549.1.9.1", "2.5.4.3", "2.5.4.10"
KEY_USAGE, OTHER_NAMES, BASIC = "2.5.29.15", "2.5.29.17", "2.5.29.19"
POLICIES, EXTENDED_USAGE = "2.5.29.32", "2.5.29.37"
FOR_MAIL, FOR_ANYTHING = "1.3.6.1.5.5.7.3.4", "2.5.29.37.0"

_VERSION, _EXTENSIONS, _RFC822_NAME = 0xA0, 0xA3, 0x81
_VERSION_3 = 2
_KEY_ENCIPHERMENT, _SIGNS_CERTIFICATES = 1 << 5, 1 << 2


class OldVersion(Malformed):
    """A certificate before version 3: it cannot say what it is for."""


@dataclass(frozen=True, slots=True)
class Fields:
    """`issuer` is its DER form. `subject` are identifiers and texts, `mailboxes` what is written
    as the e-mail addresses of alternative names. Of an extension that is not there: None.
    """

    serial: int
    issuer: bytes
    subject: tuple[tuple[str, str], ...]
    mailboxes: tuple[bytes, ...]
    key_usage: int | None
    extended_usage: frozenset[str] | None
    is_authority: bool
    critical: frozenset[str]

    @property
    def may_encrypt(self) -> bool:
        """Whether a key may be sent to it (RFC 8550: anything is allowed where nothing is said)."""
        return self.key_usage is None or bool(self.key_usage & _KEY_ENCIPHERMENT)

    @property
    def may_mail(self) -> bool:
        """Whether it is made for e-mail, or for nothing in particular."""
        uses = self.extended_usage
        return uses is None or bool(uses & {FOR_MAIL, FOR_ANYTHING})


def fields(data: bytes) -> Fields:
    """The facts of one certificate; raises `Malformed`."""
    outer = list(der.whole(data).expect(der.SEQUENCE).children())
    if [part.tag for part in outer] != [der.SEQUENCE, der.SEQUENCE, der.BIT_STRING]:
        raise Malformed
    parts = list(outer[0].children())
    if not parts or parts[0].tag != _VERSION:
        raise OldVersion
    version, serial, _, issuer, _, subject, _ = _first(parts, 7)
    if [der.integer(child) for child in version.children()] != [_VERSION_3]:
        raise OldVersion
    found = _extensions(parts[7:])
    usage = der.whole(found[KEY_USAGE][1]) if KEY_USAGE in found else None
    bits = None if usage is None else _bits(usage)
    return Fields(
        serial=der.integer(serial),
        issuer=issuer.expect(der.SEQUENCE).raw,
        subject=tuple(_names(subject)),
        mailboxes=tuple(_mailboxes(found)),
        key_usage=bits,
        extended_usage=_uses(found),
        is_authority=_is_authority(found) or bool(bits and bits & _SIGNS_CERTIFICATES),
        critical=frozenset(name for name, (critical, _) in found.items() if critical),
    )


def _first(parts: list[Element], count: int) -> list[Element]:
    if len(parts) < count:
        raise Malformed
    return parts[:count]


def _names(subject: Element) -> list[tuple[str, str]]:
    found = []
    for level in subject.expect(der.SEQUENCE).children():
        for pair in level.expect(der.SET).children():
            kind, value = _pair(pair)
            name = der.identifier(kind)
            if name in (E_MAIL, COMMON_NAME, ORGANISATION):
                found.append((name, der.text(value)))
    return found


def _pair(element: Element) -> tuple[Element, Element]:
    both = list(element.expect(der.SEQUENCE).children())
    if len(both) != 2:
        raise Malformed
    return both[0], both[1]


def _extensions(rest: list[Element]) -> dict[str, tuple[bool, bytes]]:
    """Identifier to whether it must be understood, and its content."""
    listed = [part for part in rest if part.tag == _EXTENSIONS]
    if len(listed) != 1 or rest[-1] is not listed[0]:
        if listed:
            raise Malformed
        return {}
    (inner,) = _exactly(listed[0], 1)
    found: dict[str, tuple[bool, bytes]] = {}
    for extension in inner.expect(der.SEQUENCE).children():
        parts = list(extension.expect(der.SEQUENCE).children())
        if len(parts) not in (2, 3):
            raise Malformed
        name = der.identifier(parts[0])
        critical = len(parts) == 3
        if critical and parts[1].expect(der.BOOLEAN).content != b"\xff":
            raise Malformed
        if name in found:
            raise Malformed
        found[name] = critical, parts[-1].expect(der.OCTETS).content
    return found


def _exactly(element: Element, count: int) -> list[Element]:
    found = list(element.children())
    if len(found) != count:
        raise Malformed
    return found


def _mailboxes(found: dict[str, tuple[bool, bytes]]) -> list[bytes]:
    if OTHER_NAMES not in found:
        return []
    names = der.whole(found[OTHER_NAMES][1]).expect(der.SEQUENCE).children()
    return [name.content for name in names if name.tag == _RFC822_NAME]


def _uses(found: dict[str, tuple[bool, bytes]]) -> frozenset[str] | None:
    if EXTENDED_USAGE not in found:
        return None
    uses = der.whole(found[EXTENDED_USAGE][1]).expect(der.SEQUENCE).children()
    return frozenset(map(der.identifier, uses))


def _is_authority(found: dict[str, tuple[bool, bytes]]) -> bool:
    if BASIC not in found:
        return False
    said = list(der.whole(found[BASIC][1]).expect(der.SEQUENCE).children())
    return bool(said) and said[0].tag == der.BOOLEAN and said[0].content != b"\0"


def _bits(element: Element) -> int:
    """The first eight bits of a bit string, the first one highest."""
    content = element.expect(der.BIT_STRING).content
    if not content or content[0] > 7:
        raise Malformed
    return content[1] if len(content) > 1 else 0
