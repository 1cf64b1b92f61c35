"""A mail as a tree of parts. Bytes in, data out; what is malformed is read as far as it goes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from itertools import pairwise

from addin_service.contacts import parts as given
from addin_service.contacts.headers import STUMBLES, decoded, scrubbed, unfolded
from addin_service.opening.refusals import CannotOpen

MOST_BYTES = 100 * 1024 * 1024
MOST_LINES_OF_BOUNDARIES = 20_000
MOST_PARTS = 1_000
DEEPEST = 20
LONGEST_HEADERS = 500_000
"""Characters of all headers of one part."""
LONGEST_STRUCTURE = 5_000
"""Characters of a header that says how a part is built; the parser is slow on long ones."""
_STRUCTURE = ("content-type", "content-disposition", "content-transfer-encoding")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `headers`: names in lower case and unfolded values. `data` is decoded content."""

    type: str
    parameters: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    name: str
    attached: bool
    data: bytes
    children: tuple["Part", ...]

    def parameter(self, name: str) -> str:
        """The value of a parameter of its type; "" where there is none."""
        return next((value for key, value in self.parameters if key == name), "")

    def header(self, name: str) -> str:
        """The first header of this name; "" where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def walk(self) -> Iterator["Part"]:
        """This part, then all below it in their order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def is_text(self) -> bool:
        """Whether a mail program shows it as words of the mail itself."""
        return self.type in ("text/plain", "text/html") and not self.attached and not self.name

    @property
    def text(self) -> str:
        """Its content as text, lines ended by a line feed."""
        found = decoded(self.data, self.parameter("charset") or None)
        return found.replace("\r\n", "\n").replace("\r", "\n")


def read(raw: bytes) -> Part:
    """The tree of a mail or of an entity. Raises `CannotOpen`: too large, too many parts."""
    if len(raw) > MOST_BYTES:
        raise CannotOpen("large")
    if raw.count(b"\n--") > MOST_LINES_OF_BOUNDARIES:
        raise CannotOpen("many-parts")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        message = BytesParser(policy=policy.default).parsebytes(raw)
    except STUMBLES:
        raise CannotOpen("damaged") from None
    return _part(message, 0, [0])


def signed_halves(raw: bytes, boundary: str) -> tuple[bytes, bytes] | None:
    """Of the bytes of a multipart/signed: what is signed, in canonical form, and the other part.

    None where it does not have exactly two parts. RFC 3156, section 5: lines end in CR LF, and the
    last one before the boundary belongs to the boundary.
    """
    head = _BLANK_LINE.search(raw)
    mark = re.escape(boundary.encode("ascii", "replace"))
    if head is None or not boundary:
        return None
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    body = memoryview(raw)[head.end() :]
    found = list(delimiter.finditer(body))
    if len(found) != 3 or [bool(edge[1]) for edge in found] != [False, False, True]:
        return None
    halves = [bytes(body[a.end() : b.start()]) for a, b in pairwise(found)]
    signed, other = (re.sub(rb"\A\r?\n", b"", half) for half in halves)
    return re.sub(rb"\r?\n", b"\r\n", signed), other


def _part(message: Message, depth: int, count: list[int]) -> Part:
    count[0] += 1
    if count[0] > MOST_PARTS or depth > DEEPEST:
        raise CannotOpen("many-parts")
    headers = tuple(_headers(message))
    kind = given.content_type(message)
    parameters = tuple(_parameters(message))
    # A character set that Python stumbles over.
    if given.ask(message.get_payload, None) is None and "content-type" in message:
        message.replace_header("content-type", kind)
    children: tuple[Part, ...] = ()
    if kind.startswith("multipart/"):
        below = given.children(message) or []
        children = tuple(_part(child, depth + 1, count) for child in below)
    return Part(
        type=kind,
        parameters=parameters,
        headers=headers,
        name=scrubbed(given.file_name(message)),
        attached=given.is_attached(message),
        data=b"" if children else given.data(message),
        children=children,
    )


def _headers(message: Message) -> Iterator[tuple[str, str]]:
    room = LONGEST_HEADERS
    for name, value in message.raw_items():
        name, value = name.lower(), str(value)
        room -= len(value)
        if room < 0 or (name in _STRUCTURE and len(value) > LONGEST_STRUCTURE):
            raise CannotOpen("many-parts")
        yield name, unfolded(value)


def _parameters(message: Message) -> Iterator[tuple[str, str]]:
    for name, value in (given.ask(message.get_params, None) or [])[1:]:
        text = value[2] if isinstance(value, tuple) else value
        yield str(name).lower(), scrubbed(str(text))
