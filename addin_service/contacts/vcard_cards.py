"""A vCard file to its cards, one at a time. A card that is wrong costs itself and no other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from addin_service.contacts.folded import Unfolded, unfolded
from addin_service.contacts.lines import RawLine
from addin_service.contacts.report import Refused
from addin_service.contacts.vcard_lines import Property, name_of, taken_apart

READ = frozenset({"FN", "N", "NICKNAME", "ORG", "EMAIL", "UID", "KIND", "X-ADDRESSBOOKSERVER-KIND"})
"""What is taken out of a card. Everything else is passed over unread: photos, notes, numbers."""

MOST_PROPERTIES = 1_000
MOST_PROPERTIES_READ = 300
MOST_LINES = 1_000_000
"""Of one card as it is folded: a photo of 50 MB has 700,000."""
MOST_DEPTH = 4
"""Of cards in cards, where vCard 2.1 puts somebody's agent."""

_IN_BASE64 = re.compile(rb"[^:]{0,500};(?:ENCODING=)?(?:BASE64|B)[;:]", re.IGNORECASE)
_MARK = re.compile(rb"(?:\xef\xbb\xbf)*+(BEGIN|END)\s*:\s*VCARD\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Properties:
    """One card: the line on which it begins, and those of its properties that are in `READ`."""

    line: int
    properties: tuple[Property, ...]


def mark(raw: bytes) -> str:
    """`BEGIN` or `END` where the line begins or ends a card; else empty."""
    found = _MARK.fullmatch(raw[:200])
    return found[1].decode().upper() if found else ""


def cards(lines: Iterator[RawLine]) -> Iterator[Properties | Refused]:
    """The properties in `READ` of every card, and each card that was left out."""
    card: _Open | None = None
    was_outside = False
    for line in unfolded(lines, lambda raw: bool(mark(raw)), has_soft_ends=True):
        word = mark(line.raw)
        if word == "BEGIN" and card and card.expects_agent:
            card.depth += 1
            if card.depth > MOST_DEPTH:
                card.refuse(line.line, f"more than {MOST_DEPTH} cards stand one in another")
        elif word == "BEGIN":
            if card:
                yield Refused(card.line, "it has no END:VCARD")
            card = _Open(line.line)
        elif word == "END" and card and card.depth:
            card.depth -= 1
        elif word == "END" and card:
            yield card.refused or Properties(card.line, tuple(card.properties))
            card = None
        elif card:
            card.add(line)
        elif line.raw.strip() or line.problem:
            if not was_outside:
                yield Refused(line.line, "it stands outside of any card")
            was_outside = True
            continue
        was_outside = was_outside and not word
        if card:
            card.expects_agent = not word and _is_agent(line.raw)
    if card:
        yield Refused(card.line, "it has no END:VCARD")


@dataclass(slots=True)
class _Open:
    """A card whose end has not come yet. Once it is refused nothing more of it is kept."""

    line: int
    properties: list[Property] = field(default_factory=list)
    refused: Refused | None = None
    depth: int = 0
    expects_agent: bool = False
    _seen: int = 0
    _was_base64: bool = False

    def refuse(self, line: int, why: str) -> None:
        if self.refused is None:
            self.refused = Refused(line, why)
            self.properties.clear()

    def add(self, line: Unfolded) -> None:
        raw = line.raw
        if not raw.strip() and not line.problem:
            return
        self._seen += 1
        if self._seen > MOST_PROPERTIES:
            self.refuse(line.line, f"it has more than {MOST_PROPERTIES:,} properties")
        if line.last - self.line > MOST_LINES:
            self.refuse(line.line, f"it has more than {MOST_LINES:,} lines")
        if self.refused or self.depth:
            return
        name = name_of(raw)
        if not name:
            # Some programs do not fold what they write in base64.
            if not self._was_base64:
                self.refuse(line.line, line.problem or "a line in it is no property")
            self._seen -= self._was_base64
            return
        self._was_base64 = name not in READ and bool(_IN_BASE64.match(raw))
        if name not in READ:
            return
        if line.problem:
            self.refuse(line.line, line.problem)
        elif (one := taken_apart(line.line, raw)) is None:
            self.refuse(line.line, "a line in it is no property")
        elif len(self.properties) >= MOST_PROPERTIES_READ:
            self.refuse(line.line, f"it has more than {MOST_PROPERTIES_READ} names and addresses")
        else:
            self.properties.append(one)


def _is_agent(raw: bytes) -> bool:
    return raw[:200].rstrip().endswith(b":") and name_of(raw) == "AGENT"
