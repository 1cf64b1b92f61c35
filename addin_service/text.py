"""The sender's own words: without quoted mail, signature and disclaimer; greeting and promises.

Pure. Works line by line on a bounded input; no expression here repeats inside a repeat.
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

_GREETING = re.compile(
    r"(?:dear|hi|hello|hey|hiya|hallo|good (?:morning|afternoon|evening|day)|morning|afternoon|"
    r"evening|greetings)[ \t]{1,5}",
    re.IGNORECASE,
)
_NOBODY_WORDS = """
    all team everyone everybody both colleague colleagues folks guys there again sir sirs madam
    ladies gentlemen friends whom mesdames members councillors committee staff customer resident
    residents parents applicant applicants counsel any you
    i could can please thanks just hope re see sorry thank as if in we what when would for further
    following regards cheers hello hi hey dear yes no ok okay many kind best yours sincerely
    faithfully good great noted attached the this that it is from to
"""
_NOBODY = frozenset(_NOBODY_WORDS.split())
_TITLE_DOT = re.compile(r"\b(mr|mrs|ms|dr|prof|rev|st|[a-z])\.", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'\u2019-]{0,40}")

_PROMISE = re.compile(
    r"\b(?:(?:find|see|review|have|read)\s(?:\w{1,12}\s){0,2}(?:attached|enclosed|attachments?)\b"
    r"|(?:i|we)(?:\s?'ve|\u2019ve|\shave|\sam|\s?'m|\u2019m|\sare|'re)?\s"
    r"(?:\w{1,12}\s)?(?:attached|enclosed|attach|enclose|attaching|enclosing)\b"
    r"|(?:is|are)\s(?:now\s|also\s)?(?:attached|enclosed)\b"
    r"|(?:attached|enclosed)\s(?:is|are|please|you|herewith|hereto|below|"
    r"(?:the|a|an|my|our|your|his|her|their|this|these)\s\w{1,30}"
    r"|(?:to|with)\sthis\s(?:e-?mail|message|mail))\b"
    r"|(?:the|per)\s(?:attached|enclosed)\s\w{1,30}"
    r"|(?:in|as)\s(?:the|an)\sattachment\b|attachment\s(?:below|herewith)\b)",
    re.IGNORECASE,
)
_STARTS = re.compile(r"(?:attached|enclosed)\b(?!\sto\b)", re.IGNORECASE)
_NO_PROMISE_BEFORE = re.compile(
    r"(?:\bnot|n't|n\u2019t|\bnothing|\bno|\bwithout|\bwas|\bwere|\byou|\byou'd|\bhad|\bcan|\bcould|"
    r"\bwill|\bpreviously|\bearlier|\balready|\bonce|\bif)\s{0,2}(?:\w{1,12}\s)?$",
    re.IGNORECASE,
)
_NO_PROMISE_AFTER = re.compile(
    r"\s?(?:to\s(?!this\s(?:e-?mail|message|mail)\b)|house|order|theory|garage|you\ssent|"
    r"in\s(?:your|his|her|their)\b|yesterday|last\s)",
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


def greeting(own_words: str) -> str:
    """Whom the first lines greet: "Priya" of "Dear Priya,"; "" for nobody in particular."""
    lines = [line.strip()[:200] for line in own_words[:4_000].splitlines() if line.strip()]
    for number, line in enumerate(lines[:3]):
        if found := _GREETING.match(line):
            return _people(line[found.end() :])
        name = line.rstrip(" ,-\u2013")
        if number == 0 and len(name) < len(line) and name[:1].isupper() and _people(line) == name:
            return name
    return ""


def _people(line: str) -> str:
    """The names at the start of a line; "" where they are none, or everybody's."""
    line = _TITLE_DOT.sub(r"\1", line).strip()
    listed = line.rstrip(" ,;:!.-\u2013\u2014")
    parts = [part.strip() for part in re.split(r",|&|/|\band\b", listed)]
    if all(0 < len(part.split()) <= 4 and part[0].isupper() for part in parts):
        capital = all(w[0].isupper() or w in ("van", "de", "von") for p in parts for w in p.split())
        if capital:
            return _named(listed)
    first = re.split(r"[,;:!?.]| [-\u2013\u2014] ", line, maxsplit=1)[0].strip()
    if (len(first) < len(line) and 0 < len(first.split()) <= 4) or (
        first == line and len(first.split()) == 1
    ):
        return _named(first)
    leading: list[str] = []
    for word in first.split()[:3]:
        if not word[0].isupper():
            break
        leading.append(word)
    return _named(" ".join(leading[:2]))


def _named(candidate: str) -> str:
    """`candidate` where it consists of names only, else ""."""
    found = _NAME_WORD.findall(candidate)
    if not found or any(word.casefold() in _NOBODY for word in found):
        return ""
    return candidate if not any(character.isdigit() for character in candidate) else ""


def promises_attachment(own_words: str) -> str:
    """The words that promise an attachment ("please find attached"); "" where there are none."""
    flat = " ".join(own_words[:LONGEST_TEXT].split())
    for found in _PROMISE.finditer(flat):
        before = flat[max(0, found.start() - 24) : found.start()]
        if _NO_PROMISE_BEFORE.search(before) or _NO_PROMISE_AFTER.match(flat[found.end() :][:40]):
            continue
        return found.group()
    for sentence in re.split(r"[.!?] |: ", flat):
        if start := _STARTS.match(sentence.strip()):
            return start.group()
    return ""
