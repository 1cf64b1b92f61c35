"""The words of a name, however it is written: order, titles, accents, scripts. Pure."""

import re
import unicodedata

LONGEST = 200
"""Characters of a name that are looked at."""

_ALWAYS_TITLES = """
    mr mrs ms miss mx dr prof professor rev revd reverend cllr councillor ald alderman esq
    qc kc obe mbe cbe dbe kbe phd dphil llb llm bsc msc mrcp frcs frcgp rgn cpfa
    herr frau mme mlle monsieur senor senora signor signora
"""
_LEADING_TITLES = """
    sir dame lord lady baroness hon judge hhj justice fr canon ven mp madame father sister
    capt captain col colonel lt maj major sgt insp supt dci dsi dc ds pc wpc sheikh
"""
_TRAILING_TITLES = "jr sr jp mp hons frics mrtpi"
_ALWAYS = frozenset(_ALWAYS_TITLES.split())
_LEADING = frozenset(_LEADING_TITLES.split())
_TRAILING = frozenset(_TRAILING_TITLES.split())
TITLES = _ALWAYS | _LEADING | _TRAILING
"""Words that are no part of anybody's name, at least at its start or its end."""

# Letters that Unicode does not take apart into a letter and a mark.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})
_LEFT_OUT = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ø": "o", "å": "a", "æ": "e"})
# O’Neill, O'Neill, O‘Neill and O' Neill are one name.
_APOSTROPHES = re.compile(
    "(?<=\\b[OoDd])['\u2019\u02bc] (?=\\w)|['\u2019\u2018\u02bc\u02bb\u2032\uff07`\u00b4]"
)
_BRACKETS = re.compile(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]|<[^<>]{0,400}>|\{[^{}]{0,200}\}")
_TAIL = re.compile(r" [-\u2013\u2014|/] | via | on behalf of ", re.IGNORECASE)
_CAPITALS = re.compile(r"(?:[A-Z\u00c0-\u00de'\u2019-]{3,}|[B-DF-HJ-NP-TV-Z][AEIOUY])\b")
_SIGNS = re.compile(r"[^a-z]")
_SCOTTISH = re.compile(r"(\bmc|(?<=\w )mac) (?=\w{3})")


def plain(name: str) -> str:
    """`name` in lower case, without accents, with blanks for everything that is not a letter."""
    joined = _APOSTROPHES.sub("", name[:LONGEST])
    if joined.isascii():
        return _SIGNS.sub(" ", joined.lower())
    folded = unicodedata.normalize("NFKD", joined).casefold().translate(_LETTERS)
    return "".join(
        character if character.isalpha() else " "
        for character in unicodedata.normalize("NFKD", folded)
        if not unicodedata.combining(character)
    )


def words(name: str) -> tuple[str, ...]:
    """The words of a name, first name first: `("priya", "tann")` of "Tann, Ms Priya (Legal)".

    Titles are left out where two words remain without them. "TANN Priya" is in the other order:
    so families are set apart where they come first.
    """
    name = _BRACKETS.sub(" ", name[:LONGEST])
    name = _TAIL.split(name, maxsplit=1)[0]
    last, comma, first = name.partition(",")
    if comma and "," not in first:
        given, family = _words(first), _words(last)
        if any(word not in TITLES for word in given):
            return _untitled(given) + _untitled(family)
    return _capitals_last(name)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_SCOTTISH.sub(r"\1", plain(text)).split())


def _untitled(found: tuple[str, ...]) -> tuple[str, ...]:
    """The words without titles, or as they are where fewer than one would remain."""
    kept = tuple(word for word in found if word not in _ALWAYS)
    while kept and kept[0] in _LEADING:
        kept = kept[1:]
    while kept and kept[-1] in _TRAILING:
        kept = kept[:-1]
    return kept or found


def _capitals_last(name: str) -> tuple[str, ...]:
    """The words of a name without a comma."""
    found = _words(name)
    kept = _untitled(found)
    if len(kept) < 2:
        return found
    if not _CAPITALS.search(name):
        return kept
    written = [piece for piece in name.split() if (_words(piece) or ("",))[0] in kept]
    families = 0
    while families < len(written) and _CAPITALS.fullmatch(written[families]):
        families += 1
    if 0 < families < len(written):
        moved = sum(len(_words(piece)) for piece in written[:families])
        kept = kept[moved:] + kept[:moved]
    return kept


def spellings(text: str) -> frozenset[str]:
    """A text with its accents spelled out, and with them left out: Jörg is Joerg and Jorg."""
    composed = unicodedata.normalize("NFC", text[:LONGEST])
    if composed.isascii():
        return frozenset({text[:LONGEST]})
    lower = composed.casefold()
    return frozenset({composed, lower.translate(_SPELLED_OUT), lower.translate(_LEFT_OUT)})


def scripts(text: str) -> frozenset[str]:
    """The scripts of the letters in a text, as Unicode names them: LATIN, CYRILLIC, CJK."""
    return frozenset(
        unicodedata.name(letter, "?").partition(" ")[0]
        for letter in unicodedata.normalize("NFKC", text[:LONGEST])
        if letter.isalpha()
    )


def comparable(name: str, local: str) -> bool:
    """Whether a name and a local part share a script, so that one can contradict the other."""
    ours, theirs = scripts(name), scripts(local.partition("+")[0])
    return not ours or not theirs or bool(ours & theirs)
