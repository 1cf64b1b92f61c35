"""What was sealed, or signed: a mail with its own headers, or words alone. Pure.

Headers count as protected only where the entity itself says so (RFC 9788, or the older
`protected-headers="v1"`); what stands anywhere else is what anybody could have written there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from addin_service.contacts.headers import decoded, mailboxes, words
from addin_service.htmltext import html_to_text
from addin_service.opening import armored, parts
from addin_service.opening.parts import Part

LONGEST_HEADER = 20_000
_SIGNATURE = "application/pgp-signature"
_SEALED_AGAIN = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers that a reader looks at. Addresses as given."""

    sender: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class InnerFile:
    """A file of the message."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Inner:
    """A message. `headers` is None where it has no protected ones; `outer` is what its sender wrote
    outside (HP-Outer), None where it does not say. `signed` is the part that `signature` is over.
    """

    headers: Headers | None
    outer: Headers | None
    text: str
    from_html: bool
    files: tuple[InnerFile, ...]
    sealed_again: bool = False
    signed: bytes = b""
    signature: bytes = b""
    signed_otherwise: bool = False
    """There is a signature of a kind, or in a place, that is not looked at."""


def headers(part: Part) -> Headers:
    """The headers of this part."""
    return _headers(part.headers)


def of_words(content: bytes, charset: str = "") -> Inner:
    """Words alone, as they are sealed inline."""
    text = decoded(content, charset or None).replace("\r\n", "\n").replace("\r", "\n")
    return Inner(None, None, text, False, ())


def of_entity(content: bytes) -> Inner:
    """A MIME entity; words alone where it does not begin like one. Raises `CannotOpen`."""
    head = content.lstrip(b"\r\n")
    root = parts.read(head)
    if not root.header("content-type"):
        return of_words(content)
    signed = signature = b""
    if root.type == "multipart/signed":
        halves = parts.signed_halves(head, root.parameter("boundary"))
        found = parts.read(halves[1]) if halves else None
        if halves and found and found.type == _SIGNATURE:
            signed, signature = halves[0], found.data
            root = parts.read(signed)
    body = _Body()
    body.take(root)
    protected = bool(root.parameter("hp")) or root.parameter("protected-headers") == "v1"
    below = [part.type for part in root.walk()]
    return Inner(
        headers=headers(root) if protected else None,
        outer=_outer(root) if protected else None,
        text="\n".join(body.lines).strip("\n"),
        from_html=body.from_html,
        files=tuple(body.files),
        sealed_again=body.sealed_again or any(kind in _SEALED_AGAIN for kind in below),
        signed=signed,
        signature=signature,
        signed_otherwise="multipart/signed" in below,
    )


def _headers(given: tuple[tuple[str, str], ...]) -> Headers:
    def first(name: str) -> str:
        return next((value[:LONGEST_HEADER] for key, value in given if key == name), "")

    def people(name: str) -> tuple[str, ...]:
        # Of two headers of one name programs show one or the other, so both count.
        every = ", ".join(value for key, value in given if key == name)[:LONGEST_HEADER]
        return tuple(address for address, _ in mailboxes(every) if address)

    return Headers(
        people("from"), people("to"), people("cc"), words(first("subject")), first("date")
    )


def _outer(root: Part) -> Headers | None:
    """What the sender says to have written outside (RFC 9788, section 2.2)."""
    said = [value.partition(":") for name, value in root.headers if name == "hp-outer"]
    if not said:
        return None
    return _headers(tuple((name.strip().lower(), value.strip()) for name, _, value in said))


@dataclass
class _Body:
    """The words and the files, collected."""

    lines: list[str] = field(default_factory=list)
    files: list[InnerFile] = field(default_factory=list)
    from_html: bool = False
    sealed_again: bool = False

    def take(self, part: Part) -> None:
        """Add what stands in this part and below it."""
        if part.children and part.type == "multipart/alternative":
            self._plainest(part)
        elif part.children:
            for child in part.children:
                self.take(child)
        elif part.is_text:
            self.lines.append(_shown(part))
            self.from_html |= part.type == "text/html"
            self.sealed_again |= armored.is_here(part.data)
        elif not _is_trimming(part):
            self.files.append(InnerFile(part.name, part.type, part.data))

    def _plainest(self, part: Part) -> None:
        """One of several forms of the same words: the plain one if it says anything."""
        texts = [one for one in part.walk() if one.is_text and _shown(one).strip()]
        texts.sort(key=lambda one: one.type == "text/html")
        if texts:
            self.take(texts[0])
        for one in part.walk():
            if not one.children and not one.is_text:
                self.take(one)


def _shown(part: Part) -> str:
    if part.type == "text/html":
        return html_to_text(part.text)
    text = part.text
    if part.parameter("hp-legacy-display") == "1":  # the subject again, for those who know no more
        text = text.partition("\n\n")[2]
    return text


def _is_trimming(part: Part) -> bool:
    """Whether a part only repeats headers or is a signature."""
    repeats = part.type == "text/rfc822-headers" and bool(part.parameter("protected-headers"))
    return repeats or part.type == _SIGNATURE or part.type.startswith("multipart/")


def addresses_of(found: Headers) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Field names as people know them, with the addresses there."""
    yield from (("From", found.sender), ("To", found.to), ("Cc", found.cc))
