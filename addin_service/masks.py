"""Keys under which two texts that are at most two slips apart meet, without comparing them. Pure.

The letters are in five classes. A mask leaves out two of them, and there are ten such pairs, so a
text has ten masked forms, of which a stored text keeps the hashes. A slip on letters of classes
that a mask leaves out cannot be seen through it: the two texts are equal there. One slip has
letters of two classes at most, so it always meets. Of two slips, one letter that is there by
mistake is taken out of the asked text in turn; what may be missed is a pair of replaced letters.
"""

from functools import lru_cache
from itertools import combinations
from zlib import crc32

_CLASSES = ("ehwup7v-'+", "rtdj129", "aicyf3zq", "n.mg854_", "losbk60x")
"""Each with about a fifth of the letters of names, so that every mask leaves enough to tell."""

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"


def _class_of(byte: int) -> int:
    found = [number for number, letters in enumerate(_CLASSES) if chr(byte) in letters]
    return found[0] if found else byte % len(_CLASSES)


_LEFT_OUT = tuple(
    bytes(byte for byte in range(256) if _class_of(byte) in pair)
    for pair in combinations(range(len(_CLASSES)), 2)
)

COUNT = len(_LEFT_OUT)
"""Keys of a stored text."""

LOWEST = -(2**31)
"""Keys are 32 bits with a sign: what both databases keep in an integer."""


def stored(text: str, place: str = "") -> list[int]:
    """The keys to store for `text`, one for each mask. Equal texts at other places differ."""
    letters = _plain(text)
    return [
        crc32(letters.translate(None, left_out), seed) + LOWEST
        for left_out, seed in zip(_LEFT_OUT, _seeds(place), strict=True)
    ]


def asked(text: str, place: str = "", slips: int = 2) -> set[int]:
    """The keys under which stored texts at most `slips` (1 or 2) from `text` are found."""
    if slips < 2:
        return set(stored(text, place))
    letters = _plain(text)
    found: set[int] = set()
    for left_out, seed in zip(_LEFT_OUT, _seeds(place), strict=True):
        masked = letters.translate(None, left_out)
        found.add(crc32(masked, seed) + LOWEST)
        for at in range(len(masked)):
            found.add(crc32(masked[:at] + masked[at + 1 :], seed) + LOWEST)
    return found


@lru_cache(maxsize=16384)
def _seeds(place: str) -> tuple[int, ...]:
    return tuple(crc32(f"{number}@{place}".encode()) for number in range(COUNT))


def _plain(text: str) -> bytes:
    """One byte for each character, so that a slip is one byte in every alphabet."""
    if text.isascii():
        return text.encode()
    return bytes(ord(c) if c.isascii() else _LETTERS[ord(c) % len(_LETTERS)] for c in text)
