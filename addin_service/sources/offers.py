"""What a file, a pasted text or a saved mail offers as keys. Bytes in, data out; nothing raises.

OpenPGP keys and S/MIME certificates.

Nothing here is believed: each offer is read by `pgp.gpg`, and then a person decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import default
from typing import Literal, cast

from addin_service.contacts.headers import STUMBLES, mailboxes, parseable, unfolded
from addin_service.pgp.userids import shown
from addin_service.sources import autocrypt, splitting

Source = Literal["file", "paste", "autocrypt", "attached", "wkd", "folder"]
"""How a key came to us."""

MOST_OFFERS = 50
"""Keys of one file or mail."""
DEEPEST = 20
MOST_PARTS = 1000

_KEY_TYPE = "application/pgp-keys"
_KEY_ENDINGS = (".asc", ".gpg", ".pgp", ".key", ".pub")
_CERTIFICATE_TYPES = (
    "application/pkix-cert", "application/x-x509-user-cert", "application/x-x509-ca-cert",
    "application/pkcs7-signature", "application/x-pkcs7-signature",
)  # fmt: skip
_CERTIFICATE_ENDINGS = (".cer", ".crt", ".der", ".pem", ".p7b", ".p7c", ".p7s")
_CERTIFICATE = re.compile(
    rb"-----BEGIN (?:X509 CERTIFICATE|CERTIFICATE|PKCS7|CMS)-----|\A0[\x80-\xff]"
)
_SEALED = ("application/pgp-encrypted", "multipart/encrypted")
_HEAD = 1 << 16
_OF_A_MAIL = {b"date", b"to", b"subject", b"message-id", b"received", b"mime-version", b"autocrypt"}
_ARMORED_KEY = b"KEY BLOCK-----"


@dataclass(frozen=True, slots=True)
class Offer:
    """Bytes that claim to be one key. `where` says in words where they stood.

    `sender` is the address (normal form) that the mail is from, empty where it is not a mail, or
    names several senders. `wants_sealed`: its owner asks for sealed answers.
    """

    data: bytes
    source: Source
    where: str
    sender: str = ""
    wants_sealed: bool = False

    @property
    def is_smime(self) -> bool:
        """Whether it claims to be an S/MIME certificate: PEM, DER, or a bundle of either."""
        if self.data[:1] >= b"\x80" or _ARMORED_KEY in self.data:
            return False
        return _CERTIFICATE.search(self.data) is not None


@dataclass(frozen=True, slots=True)
class Left:
    """What was not taken: where it stood, why, and what to do."""

    where: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, in the order in which it stands there."""

    offers: tuple[Offer, ...]
    left: tuple[Left, ...] = ()


def found(data: bytes, source: Literal["file", "paste"] = "file") -> Found:
    """The keys in a file or a pasted text, or those of a saved mail."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not _is_mail(data):
        keys = splitting.each(data)
        count = len(keys)
        where = {"file": "file", "paste": "text"}[source]
        return _limited(
            [Offer(key, source, where if count == 1 else f"{where}, key {number}")
             for number, key in enumerate(keys, 1)],
            [],
        )  # fmt: skip
    left: list[Left] = []
    try:
        message = BytesParser(policy=default).parsebytes(_without_envelope(data))
        offers = list(_mail(message, left))
    except STUMBLES:
        return Found((), (Left("mail", "it cannot be taken apart", "save it again as .eml"),))
    return _limited(offers, left)


def _limited(offers: list[Offer], left: list[Left]) -> Found:
    if len(offers) > MOST_OFFERS:
        left.append(
            Left("rest", f"there are more than {MOST_OFFERS} keys", "import them in smaller parts")
        )
    return Found(tuple(offers[:MOST_OFFERS]), tuple(left))


def _without_envelope(data: bytes) -> bytes:
    """Without the blank lines and the line of a mailbox file before the headers."""
    data = data.lstrip(b"\r\n")
    if data.startswith(b"From "):
        return data.partition(b"\n")[2]
    return data


def _is_mail(data: bytes) -> bool:
    """Whether this begins with the headers of a mail."""
    if data[:1] >= b"\x80":
        return False
    names = set()
    for line in _without_envelope(data[:_HEAD]).split(b"\n"):
        if not line.strip():
            break
        name, colon, _ = line.partition(b":")
        if line[:1] not in b" \t":
            if not colon or len(name) > 76 or b" " in name.rstrip():
                return False
            names.add(name.strip().lower())
    return (b"from" in names and bool(names & _OF_A_MAIL)) or b"autocrypt-gossip" in names


def _mail(message: Message, left: list[Left]) -> Iterator[Offer]:
    """The offers of a whole mail."""
    headers: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), []).append(unfolded(str(value)))
    sender = _sender(headers.get("from", []))
    if values := headers.get("autocrypt"):
        try:
            header = autocrypt.offered(
                values, sender, message.get_content_type() == "multipart/report"
            )
            yield Offer(header.data, "autocrypt", "Autocrypt header", sender, header.wants_sealed)
        except autocrypt.NotTaken as refusal:
            left.append(
                Left("Autocrypt header", str(refusal), "ask for the key as an attached file")
            )
    if "autocrypt-gossip" in headers:
        left.append(
            Left(
                "Autocrypt-Gossip header",
                "it holds keys of other people, as the sender of the mail knows them",
                "ask each of them for their key",
            )
        )
    yield from _Parts(sender, left).offers(message, 0)


def _sender(values: list[str]) -> str:
    header = ", ".join(values)
    people = [address.key for address, _ in parseable(header)]
    return people[0] if len(people) == 1 == len(list(mailboxes(header))) else ""


class _Parts:
    """Goes through the parts of one mail, and counts them."""

    def __init__(self, sender: str, left: list[Left]) -> None:
        self._sender = sender
        self._left = left
        self._seen = 0
        self._files = 0

    def offers(self, part: Message, depth: int) -> Iterator[Offer]:
        """The keys in this part and those below it."""
        self._seen += 1
        if self._seen > MOST_PARTS or depth > DEEPEST:
            return
        kind = _ask_type(part)
        inside = part.get_payload()
        if kind in _SEALED:
            self._left.append(
                Left("sealed part", "what is sealed is not looked into",
                     "`addin-service open` opens it; import what it saves")
            )  # fmt: skip
            return
        if kind == "message/rfc822":
            self._left.append(
                Left("attached mail", "keys in a mail that is passed on are its sender's",
                     "save that mail by itself, and import it")
            )  # fmt: skip
            return
        if isinstance(inside, list):
            for child in inside:
                yield from self.offers(cast(Message, child), depth + 1)
            return
        yield from self._file(part, kind)

    def _file(self, part: Message, kind: str) -> Iterator[Offer]:
        name = _ask_name(part)
        keylike = kind == _KEY_TYPE or name.lower().endswith(_KEY_ENDINGS)
        certificate = kind in _CERTIFICATE_TYPES or name.lower().endswith(_CERTIFICATE_ENDINGS)
        if kind == "application/pgp-signature" or not (
            keylike or certificate or kind == "text/plain"
        ):
            return
        content = part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else b""
        if certificate:
            self._files += 1
            yield self._offer(data, f"attached file {self._files} ({shown(name) or kind})")
            return
        if not keylike:
            yield from (self._offer(key, "text of the mail") for key in splitting.armored(data))
            return
        self._files += 1
        where = f"attached file {self._files}" + (f" ({shown(name)})" if name else "")
        if kind == _KEY_TYPE or data[:1] >= b"\x80" or _ARMORED_KEY in data:
            yield from (self._offer(key, where) for key in splitting.each(data))
        else:
            self._left.append(Left(where, "there is no key in it", "ask for the public key"))

    def _offer(self, data: bytes, where: str) -> Offer:
        return Offer(data, "attached", where, self._sender)


def _ask_type(part: Message) -> str:
    try:
        return part.get_content_type()
    except STUMBLES:
        return "application/octet-stream"


def _ask_name(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except STUMBLES:
        return ""
