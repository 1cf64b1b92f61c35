"""The sender's own words: without quoted mail, signature and disclaimer. Pure.

Works line by line on a bounded input; no expression here repeats inside a repeat.
"""

import re
from collections.abc import Sequence

LONGEST_TEXT = 200_000
"""Characters that are looked at; what follows is quoted mail in any real message."""
LONGEST_LINE = 1_000

_QUOTE_MARKER = re.compile(
    r"-{2,20} ?(?:original message|original appointment|forwarded message|forwarded by|"
    r"urspr\u00fcngliche nachricht|message d'origine)|begin forwarded message",
    re.IGNORECASE,
)
_WROTE_START = re.compile(r"(?:On|Am|Le|El|Il|Op)\s", re.IGNORECASE)
_WROTE_END = re.compile(
    r"(?:wrote|schrieb[^:]{0,120}|a \u00e9crit|escribi\u00f3|ha scritto|schreef[^:]{0,120})\s?:$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\*{0,2}(from|sent|date|to|cc|subject|von|gesendet|an|betreff)\s?:", re.IGNORECASE
)
_FIRST_HEADER = re.compile(r"\*{0,2}(?:from|von)\s?:", re.IGNORECASE)
_DEVICE = re.compile(
    r"(?:sent from my|sent from outlook|get outlook for|von meinem)\b", re.IGNORECASE
)
_DISCLAIMER_START = re.compile(
    r"\W{0,5}(?:confidentiality notice|disclaimer\b|this e-?mail (?:and|is|contains|may|message)|"
    r"the information (?:contained )?in this (?:e-?mail|message)|this message (?:and|is intended|"
    r"contains|may contain)|please consider the environment|if you are not the intended|"
    r"if you have received this (?:e-?mail|message))",
    re.IGNORECASE,
)
_DISCLAIMER_PHRASE = re.compile(
    r"intended recipient|intended (?:only|solely) for|in error|legally privileged|"
    r"confidential|scanned for viruses|virus|no (?:liability|responsibility)|"
    r"views expressed|registered (?:in england|office)|any attachments?|disclos",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """What the sender wrote: no quoted mail, no signature after "-- ", no common disclaimer."""
    lines = [line[:LONGEST_LINE].rstrip() for line in text[:LONGEST_TEXT].splitlines()]
    kept: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index].strip()
        if line.startswith((">", "|>")):
            index += 1
            continue
        if length := _attribution(lines, index):
            if not any(after.lstrip().startswith(">") for after in lines[index + length :][:3]):
                break
            index += length
            continue
        if lines[index] == "--" or _QUOTE_MARKER.match(line) or _header_block(lines, index):
            break
        if _DEVICE.match(line):
            index += 1
            continue
        kept.append(lines[index])
        index += 1
    return _without_disclaimers(kept)


def _attribution(lines: Sequence[str], index: int) -> int:
    """How many lines "On Monday ... wrote:" takes here; 0 where it does not stand."""
    line = lines[index].strip()
    if not _WROTE_START.match(line):
        return 0
    for length in (1, 2, 3):
        if index + length > len(lines):
            return 0
        last = lines[index + length - 1].strip()
        if not last:
            return 0
        if _WROTE_END.search(last[-160:]):
            return length
    return 0


def _header_block(lines: Sequence[str], index: int) -> bool:
    """Whether the From/Sent/To/Subject of a quoted mail begin here (Outlook quotes so)."""
    line = lines[index].strip()
    if line and not line.strip("_") and len(line) > 9:
        following = [later.strip() for later in lines[index + 1 : index + 4] if later.strip()]
        return bool(following) and _FIRST_HEADER.match(following[0]) is not None
    if not _FIRST_HEADER.match(line):
        return False
    after = [_HEADER.match(later.strip()) for later in lines[index + 1 : index + 7]]
    return len({found.group(1).casefold() for found in after if found}) >= 2


def _without_disclaimers(lines: Sequence[str]) -> str:
    """The lines without the paragraphs that are the organisation's, not the sender's."""
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    kept = []
    for paragraph in paragraphs:
        whole = " ".join(paragraph)[: 4 * LONGEST_LINE]
        phrases = {found.group().casefold() for found in _DISCLAIMER_PHRASE.finditer(whole)}
        if len(phrases) >= (2 if _DISCLAIMER_START.match(whole) else 4):
            continue
        kept.append("\n".join(paragraph))
    return "\n\n".join(part for part in kept if part)
