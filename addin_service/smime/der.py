"""DER, read in bytes: only what has one reading, and never past the end. Pure.

For the facts on which it matters that nobody reads them differently: whom a certificate names, and
who can open an envelope.
"""

from collections.abc import Iterator
from dataclasses import dataclass

INTEGER, BIT_STRING, OCTETS, OID, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x30, 0x31
BOOLEAN = 0x01
MOST_CHILDREN = 1_000
"""Elements beside each other; a certificate has some ten, an envelope one for each reader."""

_LETTERS = {
    0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1A: "ascii",
    0x1C: "utf-32-be", 0x1E: "utf-16-be",
}  # fmt: skip


class Malformed(ValueError):
    """Not DER, or not the structure that was looked for. Repeats nothing of what was read."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value within `data`: its tag, where it begins, where its content begins and ends."""

    data: bytes
    tag: int
    start: int
    body: int
    end: int

    @property
    def content(self) -> bytes:
        """What it holds."""
        return self.data[self.body : self.end]

    @property
    def raw(self) -> bytes:
        """All of it, tag and length too."""
        return self.data[self.start : self.end]

    def children(self) -> Iterator["Element"]:
        """The elements in it, which must fill it exactly."""
        at = self.body
        for _ in range(MOST_CHILDREN):
            if at == self.end:
                return
            child = _element(self.data, at, self.end)
            yield child
            at = child.end
        if at != self.end:
            raise Malformed

    def expect(self, tag: int) -> "Element":
        """Itself, if it has that tag."""
        if self.tag != tag:
            raise Malformed
        return self


def whole(data: bytes) -> Element:
    """The one element that `data` is."""
    found = _element(data, 0, len(data))
    if found.end != len(data):
        raise Malformed
    return found


def integer(element: Element) -> int:
    """The number, which is written in the fewest bytes."""
    content = element.expect(INTEGER).content
    if not content or (len(content) > 1 and content[0] in (0, 0xFF) and not _sign_needed(content)):
        raise Malformed
    return int.from_bytes(content, signed=True)


def identifier(element: Element) -> str:
    """An object identifier, numbers with dots between them."""
    content = element.expect(OID).content
    if not content or content[-1] & 0x80 or len(content) > 60:
        raise Malformed
    numbers: list[int] = []
    number = 0
    for byte in content:
        if not number and byte == 0x80:
            raise Malformed
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def text(element: Element) -> str:
    """A string of any of the kinds in which names are written."""
    letters = _LETTERS.get(element.tag)
    if letters is None:
        raise Malformed
    try:
        return element.content.decode(letters)
    except UnicodeDecodeError:
        raise Malformed from None


def _sign_needed(content: bytes) -> bool:
    """Whether the first byte is there to keep the sign of the second."""
    return (content[0] ^ content[1]) & 0x80 != 0


def _element(data: bytes, at: int, end: int) -> Element:
    if end - at < 2:
        raise Malformed
    tag, length, body = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F:
        raise Malformed
    if length & 0x80:
        count = length & 0x7F
        # None at all would be the length that is only known at the end, which DER has not.
        if not 1 <= count <= 4 or end - body < count:
            raise Malformed
        length = int.from_bytes(data[body : body + count])
        if length < 0x80 or length >> 8 * (count - 1) == 0:
            raise Malformed
        body += count
    if length > end - body:
        raise Malformed
    return Element(data, tag, at, body, body + length)
