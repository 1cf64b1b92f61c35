"""The keys that a saved mail carries: in its headers, attached, in its text. Pure.

A mail that is passed on within it, and what is sealed, are not looked into.
"""

from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import default

from addin_service.contacts import parts
from addin_service.contacts.headers import STUMBLES, mailboxes, parseable, unfolded
from addin_service.pgp.userids import shown
from addin_service.sources import autocrypt, splitting
from addin_service.sources.offer import ARMORED_KEY, Left, Offer

DEEPEST = 20
MOST_PARTS = 1000
MOST_BOUNDARIES = 20_000
"""Lines that may divide parts: taking a mail apart takes time for each."""

_KEY_TYPE = "application/pgp-keys"
_KEY_ENDINGS = (".asc", ".gpg", ".pgp", ".key", ".pub")
_CERTIFICATE_TYPES = (
    "application/pkix-cert", "application/x-x509-user-cert", "application/x-x509-ca-cert",
    "application/pkcs7-signature", "application/x-pkcs7-signature",
)  # fmt: skip
_CERTIFICATE_ENDINGS = (".cer", ".crt", ".der", ".pem", ".p7b", ".p7c", ".p7s")
_SEALED = ("application/pgp-encrypted", "multipart/encrypted")
_HEAD = 1 << 16
_OF_A_MAIL = {b"date", b"to", b"subject", b"message-id", b"received", b"mime-version", b"autocrypt"}


def is_mail(data: bytes) -> bool:
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


def offered(data: bytes, left: list[Left]) -> list[Offer]:
    """The keys in a mail; what is not taken is added to `left`."""
    if data.count(b"\n--") > MOST_BOUNDARIES:
        left.append(Left("mail", "it has too many parts", "save the attached keys by themselves"))
        return []
    try:
        return list(_mail(BytesParser(policy=default).parsebytes(_without_envelope(data)), left))
    except STUMBLES:
        left.append(Left("mail", "it cannot be taken apart", "save it again as .eml"))
        return []


def _without_envelope(data: bytes) -> bytes:
    """Without the blank lines and the line of a mailbox file before the headers."""
    data = data.lstrip(b"\r\n")
    if data.startswith(b"From "):
        return data.partition(b"\n")[2]
    return data


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
        kind = parts.content_type(part)
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
        below = parts.children(part)
        if below is not None:
            for child in below:
                yield from self.offers(child, depth + 1)
            return
        yield from self._file(part, kind)

    def _file(self, part: Message, kind: str) -> Iterator[Offer]:
        name = parts.file_name(part)
        keylike = kind == _KEY_TYPE or name.lower().endswith(_KEY_ENDINGS)
        certificate = kind in _CERTIFICATE_TYPES or name.lower().endswith(_CERTIFICATE_ENDINGS)
        if kind == "application/pgp-signature" or not (
            keylike or certificate or kind == "text/plain"
        ):
            return
        data = parts.content(part)
        if certificate:
            self._files += 1
            yield self._offer(data, f"attached file {self._files} ({shown(name) or kind})")
            return
        if not keylike:
            yield from (self._offer(key, "text of the mail") for key in splitting.armored(data))
            return
        self._files += 1
        where = f"attached file {self._files}" + (f" ({shown(name)})" if name else "")
        if kind == _KEY_TYPE or data[:1] >= b"\x80" or ARMORED_KEY in data:
            yield from (self._offer(key, where) for key in splitting.each(data))
        else:
            self._left.append(Left(where, "there is no key in it", "ask for the public key"))

    def _offer(self, data: bytes, where: str) -> Offer:
        return Offer(data, "attached", where, self._sender)
