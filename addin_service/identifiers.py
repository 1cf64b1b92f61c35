"""Numbers that identify a person or an account, validated by their check digits.

Pure. A number counts only where its form, its check digit and its surroundings agree: telephone,
invoice and order numbers must pass unnoticed.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache

from stdnum import iban, luhn
from stdnum.gb import nhs

KINDS = {
    "nhs": "NHS number",
    "ni": "National Insurance number",
    "iban": "bank account number (IBAN)",
    "card": "payment card number",
}
"""What can be looked for, and what a person calls it."""

LONGEST_TEXT = 400_000
"""Characters that are looked at."""
LONGEST_OWN = 50_000
"""Characters in which case references are looked for."""

_NHS = re.compile(r"(?<![\w+.-])(\d{3})([ -]?)(\d{3})\2(\d{4})(?![\w-]|\.\d)")
_PHONE_WORD = re.compile(r"\b(?:tel|telephone|phone|fax|mobile|call|ring)\b\W{0,3}$", re.IGNORECASE)
_NHS_WORD = re.compile(r"\bNHS\b", re.IGNORECASE)
# Prefixes and suffix after HMRC's manual NIM39110: D F I Q U V in neither place, O not second,
# and seven pairs that are not given out.
_NI = re.compile(
    r"(?<!\w)([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])( ?)\d{2}\2\d{2}\2\d{2}\2[A-D](?!\w)",
    re.IGNORECASE,
)
_NI_NEVER = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_CARD = re.compile(r"(?<![\w+.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)")
_CARD_GROUPS = re.compile(r"\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{5}")
# Issuer ranges of ISO/IEC 7812 as published by the schemes: Visa, Mastercard, American Express,
# Maestro, Discover, Diners, JCB; with the lengths that they use.
_ISSUERS = (
    (re.compile(r"4"), {13, 16, 19}),
    (re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"5(?:018|020|038|893)|6(?:304|759|76[1-3])"), {16, 18, 19}),
    (re.compile(r"6(?:011|5|4[4-9])"), {16}),
    (re.compile(r"3(?:0[0-5]|6|8)"), {14}),
    (re.compile(r"35(?:2[89]|[3-8]\d)"), {16}),
)


def find(text: str, kinds: Collection[str]) -> list[tuple[str, str]]:
    """(kind, the matched text) of every identifier in `text`; `kinds` are keys of `KINDS`."""
    text = text[:LONGEST_TEXT]
    return [(kind, found) for kind in KINDS if kind in kinds for found in _FINDERS[kind](text)]


def _nhs(text: str) -> Iterator[str]:
    """Ten digits with the check digit, written 3-3-4 or with "NHS" shortly before."""
    for found in _NHS.finditer(text):
        if not nhs.is_valid(found.group()):
            continue
        near = text[max(0, found.start() - 60) : found.end() + 20]
        grouped = bool(found.group(2)) and not found.group().startswith("0")
        telephone = _PHONE_WORD.search(text[max(0, found.start() - 16) : found.start()])
        if _NHS_WORD.search(near) or (grouped and not telephone):
            yield found.group()


def _ni(text: str) -> Iterator[str]:
    """Two letters that are given out, six digits, a letter from A to D."""
    for found in _NI.finditer(text):
        letters = found.group(1)
        if letters.upper() not in _NI_NEVER and (letters.isupper() or found.group()[-1].islower()):
            yield found.group()


def _iban(text: str) -> Iterator[str]:
    """A country's form with its check digits; trailing words are cut off by length."""
    for found in _IBAN.finditer(text):
        words = found.group().split(" ")
        for end in range(len(words), 0, -1):
            candidate = " ".join(words[:end])
            if iban.is_valid(candidate, check_country=False):
                yield candidate
                break


def _card(text: str) -> Iterator[str]:
    """A known issuer's prefix and length, the usual grouping, and the Luhn digit."""
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        if (
            _CARD_GROUPS.fullmatch(found.group())
            and len(set(digits)) > 1
            and any(p.match(digits) and len(digits) in lengths for p, lengths in _ISSUERS)
            and luhn.is_valid(digits)
        ):
            yield found.group()


_FINDERS: dict[str, Callable[[str], Iterator[str]]] = {
    "nhs": _nhs,
    "ni": _ni,
    "iban": _iban,
    "card": _card,
}


LONGEST_PATTERN = 200
"""Characters of a case reference's pattern."""
MOST_TRIES = 10_000
"""How many ways one place in the text may be matched: keeps every pattern fast."""
_UNBOUNDED = 20
"""What a star or a plus means at most."""


class UnsafePattern(ValueError):
    """A pattern that could take too long, or is none. The message says why, in plain words."""


@lru_cache(maxsize=256)
def case_reference(pattern: str) -> re.Pattern[str]:
    """The pattern of a case reference, bounded so that no text can make it slow.

    Raises `UnsafePattern`. A star or plus means at most 20 repetitions; groups are not repeated.
    """
    if not pattern.strip():
        raise UnsafePattern("it is empty")
    if len(pattern) > LONGEST_PATTERN:
        raise UnsafePattern(f"it is longer than {LONGEST_PATTERN} characters")
    tries = 1
    bounded: list[str] = []
    for found in _TOKENS.finditer(pattern):
        piece = found.group()
        if found.group("repeat"):
            if bounded and bounded[-1] == ")" and piece != "?":
                raise UnsafePattern("it repeats a group")
            low, high = _range(piece)
            tries *= max(1, high - low + 1)
            piece = piece if piece == "?" else f"{{{low},{high}}}"
        elif re.fullmatch(r"\\[1-9]|\(\?P=.*", piece):
            raise UnsafePattern("it refers back to an earlier part")
        bounded.append(piece)
    if tries > MOST_TRIES:
        raise UnsafePattern("it can be matched in too many ways: use fixed counts such as {4}")
    try:
        compiled = re.compile("".join(bounded))
    except (re.error, OverflowError, RecursionError):
        raise UnsafePattern("it is not a valid pattern") from None
    if compiled.search(""):
        raise UnsafePattern("it matches nothing at all, and so every message")
    return compiled


_TOKENS = re.compile(
    r"(?P<set>\[\^?\]?(?:\\.|[^\]\\]){0,200}\])|(?P<escaped>\\.)|(?P<back>\(\?P=\w{1,40}\))"
    r"|(?P<repeat>[*+?]|\{(?:\d{1,4}(?:,\d{0,4})?|,\d{1,4})\})|(?P<other>.)",
    re.DOTALL,
)


def _range(repeat: str) -> tuple[int, int]:
    """The least and the most repetitions that a repeat allows."""
    if repeat in "*+?":
        return (1 if repeat == "+" else 0), (1 if repeat == "?" else _UNBOUNDED)
    low, comma, high = repeat.strip("{}").partition(",")
    least = int(low or 0)
    if not comma:
        return least, least
    return least, int(high) if high else max(least, _UNBOUNDED)


def references(text: str, patterns: Iterable[str]) -> list[str]:
    """The case references in `text`; patterns that are refused elsewhere find nothing here."""
    found: list[str] = []
    for pattern in patterns:
        with suppress(UnsafePattern):
            compiled = case_reference(pattern)
            found += [match.group() for match in compiled.finditer(text[:LONGEST_OWN])]
    return found


def terms(text: str, wanted: Iterable[str]) -> list[str]:
    """Which of the terms occur in `text` as whole words, whatever their case and line breaks."""
    folded = " ".join(text[:LONGEST_TEXT].casefold().split())
    return [
        term
        for term in dict.fromkeys(" ".join(term.casefold().split()) for term in wanted)
        if term and term in folded and re.search(rf"(?<!\w){re.escape(term)}(?!\w)", folded)
    ]
