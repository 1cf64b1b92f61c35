"""A made-up language: accented letters, longer, in brackets. What is not in it shows at once."""

import re
from collections.abc import Iterator

from addin_service.catalogues import ENGLISH, Language, Languages
from addin_service.language import Value, Words
from tests.languages import catalogues

TAG = "en-XA"
LETTER = re.compile("[A-Za-z]")
PLACE = re.compile(r"\{\w+\}")

_ACCENTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "åƀçđéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ",
)


def accented(template: str) -> str:
    """The template in brackets, accented, two fifths longer; what it holds places for is left."""
    words = PLACE.sub("", template)
    parts = PLACE.split(template)
    places = [*PLACE.findall(template), ""]
    said = "".join(p.translate(_ACCENTED) + q for p, q in zip(parts, places, strict=True))
    return f"⟦{said}{'~' * (len(words) * 2 // 5)}⟧"


class Pseudo:
    """A catalogue that has exactly what was extracted. Asked for other words, it fails."""

    def __init__(self) -> None:
        known = [message.id for message in catalogues.extracted() if message.id]
        self.known = {one if isinstance(one, str) else one[0] for one in known}
        self.pairs = {tuple(one) for one in known if not isinstance(one, str)}

    def gettext(self, message: str, /) -> str:
        if message not in self.known:
            assert not LETTER.search(PLACE.sub("", message)), f"not in the catalogue: {message}"
            return message
        return accented(message)

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        assert (one, many) in self.pairs, f"not in the catalogue: {one}"
        return accented(many)


PSEUDO = Language(TAG, Pseudo())
SPOKEN = Languages({"en": ENGLISH, TAG.lower(): PSEUDO})


def values(text: str) -> Iterator[Value]:
    """All that stands in a text told in the made-up language and is not of it: names, numbers."""
    if not isinstance(text, Words):
        yield text
        return
    places = PLACE.findall(text.many or text.template)
    for name, value in text.values.items():
        if f"{{{name}}}" not in places:
            continue
        if isinstance(value, Words):
            yield from values(value)
        else:
            yield value


def emptied(text: Words) -> Words:
    """The text with nothing where its values were."""
    left = {
        name: emptied(value) if isinstance(value, Words) else ""
        for name, value in text.values.items()
    }
    return Words(str(text), text.template, left, text.many, text.number)


def is_whole(text: str) -> bool:
    """Whether all of a text but its values is in the made-up language."""
    return isinstance(text, Words) and not LETTER.search(PSEUDO.tell(emptied(text)))
