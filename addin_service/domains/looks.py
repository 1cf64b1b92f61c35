"""How domains look: letters of other alphabets, digits and pairs that read as one letter. Pure.

Offline: the table of confusable letters comes with a package and is read once, when first needed.
"""

import json
import unicodedata
from functools import cache
from importlib.resources import files

from addin_service.addresses import readable_domain

_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
"""Two letters that read as one (UTS 39 has the first; all are seen in lookalike domains)."""
_DIGITS = str.maketrans({"0": "o", "1": "l"})
_AT_A_GLANCE = str.maketrans("i2345678" + "9qv", "lzeasbtb" + "ggu")
"""What is read over: digits that stand for letters, i and l, q and g, v and u."""

# Small letters that the table of confusables does not give a Latin letter, because it compares
# all fonts and both cases; in an address they pass for one (г for r, п for n, κ for k, ł for l).
_ALSO = dict(zip("вгикмнптцшщьєђћґӏѵԝґ", "brukmhntuwwbehhrlvwr", strict=True))
_ALSO |= dict(zip("βεηθκμπςτχωϲ", "benokunctxwc", strict=True))
_ALSO |= dict(zip("łøđħŧıƀɓƈɗɠɦɨƙɫɱɲ", "lodhtibbcdghiklmn", strict=True))
_ALSO |= dict(zip("ŋƥʠʀʂƭʉʍƴƶʐəɛðþ", "npqrstuwyzzeedp", strict=True))


def skeleton(domain: str) -> str:
    """A form that is equal for domains which look the same (after UTS 39, "skeleton").

    Accents are dropped, letters of other alphabets and digits become the Latin letter they look
    like, pairs such as "rn" become the letter that they look like.
    """
    text = domain.lower()
    if "xn--" in text or not text.isascii():
        table = _lookalikes()
        text = "".join(
            table.get(character, character)
            for character in unicodedata.normalize("NFKD", readable_domain(domain)).casefold()
            if not unicodedata.combining(character)
        )
    text = text.translate(_DIGITS)
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


def glance(skeleton: str) -> str:
    """A coarser form of a skeleton, equal where a hasty reader sees no difference."""
    return skeleton.translate(_AT_A_GLANCE)


@cache
def _lookalikes() -> dict[str, str]:
    """Character to the ASCII letter it looks like, from the Unicode table of confusables."""
    table = json.loads(
        files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8")
    )
    found = dict(_ALSO)
    for letter in "abcdefghijklmnopqrstuvwxyz0123456789":
        for entry in table.get(letter, ()):
            character = entry["c"].replace("\u200e", "")
            if len(character) == 1 and not character.isascii():
                found.setdefault(character, letter)
    return found
