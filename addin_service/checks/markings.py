"""Protective markings: where they stand, not merely whether the words occur. Pure.

"OFFICIAL-SENSITIVE" at the head of a subject or a page is a marking. "top secret recipe" is not,
and neither is "OFFICIAL", unless the organisation lists it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from addin_service.model import Draft
from addin_service.text import LONGEST_TEXT

LONGEST_LINE = 400

_WORD = re.compile(r"[^\W_]+")
_INTRODUCED = r"(?:(?:protective |security )?(?:marking|classification|sensitivity)s? ?[:=-] ?)?"
_OPEN, _CLOSE = r"[\[({*<_~# \t>|-]{0,20}", r"[ \t]{0,5}(?:$|[\])}*>:;|/,.\u2013\u2014_~#]|- )"
_CAVEAT = r"(?:PERSONAL|COMMERCIAL|LOCSEN|(?:FOR )?(?:UK )?EYES ONLY|RECIPIENTS ONLY)"
_JOINT = r"(?:[ \t]{0,3}[-\u2010-\u2015:/_|][ \t]{0,3})"


def find_markings(draft: Draft, markings: Iterable[str]) -> list[str]:
    """The markings of the organisation's list that this draft carries, each once.

    Looked for in the client's own sensitivity label, subject, every line of the text (quoted ones
    too) and the file names.
    """
    found = []
    lines = draft.text[:LONGEST_TEXT].splitlines()
    names = [attachment.name for attachment in draft.attachments]
    # "OFFICIAL-SENSITIVE" and "OFFICIAL SENSITIVE" are one marking.
    for marking in {tuple(_WORD.findall(each.upper())): each for each in markings}.values():
        capitals, label, joined = _patterns(marking)
        if label is None:
            continue
        if (
            label.match(draft.sensitivity[:LONGEST_LINE])
            or any(_marks(part, capitals, joined) for part in _subject_parts(draft.subject))
            or any(_marks(line[:LONGEST_LINE], capitals, joined) for line in lines)
            or any(joined and joined.search(name[:LONGEST_LINE]) for name in names)
        ):
            found.append(marking)
    return found


def _marks(line: str, capitals: re.Pattern[str] | None, joined: re.Pattern[str] | None) -> bool:
    """Whether a marking heads or closes this line, or stands in it in its unmistakable form."""
    return bool(capitals and capitals.search(line)) or bool(joined and joined.search(line))


def _subject_parts(subject: str) -> Iterator[str]:
    """The subject, and again without the "Re:" and "Fwd:" before it."""
    subject = subject[:LONGEST_LINE].strip()
    yield re.sub(r"^(?:(?:re|fwd?|aw|wg) ?: ?){1,5}", "", subject, flags=re.IGNORECASE)


@lru_cache(maxsize=256)
def _patterns(
    marking: str,
) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None, re.Pattern[str] | None]:
    """(in capitals at a marking's place, as a label, joined by a sign anywhere) for one marking."""
    words = [re.escape(word) for word in _WORD.findall(marking[:80].upper())]
    if not words:
        return None, None, None
    either = rf"(?:{_JOINT}|[ \t]{{1,3}})".join(words)
    title = _JOINT.join(word.capitalize() for word in words)
    heads = rf"(?:{either}|{title})" if len(words) > 1 else either
    whole = rf"(?:{heads}|{' '.join(word.capitalize() for word in words)})"
    alone = rf"{whole if len(words) > 1 else either}(?:[ \t:/,-]{{1,3}}{_CAVEAT}){{0,3}}"
    capitals = re.compile(
        rf"^{_OPEN}(?i:{_INTRODUCED}){_OPEN}{heads}{_CLOSE}"
        rf"|^{_OPEN}(?i:{_INTRODUCED}){_OPEN}{alone}[\])}}*_ \t]{{0,10}}$"
        rf"|[\[({{]{alone}[\])}}]"
        rf"|[\u2013\u2014|:-][ \t]{{1,3}}{either}[ \t]{{0,5}}$"
    )
    label = re.compile(rf"\s{{0,9}}{either}(?!\w)", re.IGNORECASE)
    joined = None
    if len(words) > 1:
        joined = re.compile(rf"(?<![A-Za-z0-9]){_JOINT.join(words)}(?![A-Za-z0-9])")
    return capitals, label, joined
