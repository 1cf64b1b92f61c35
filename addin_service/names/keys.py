"""One key for all ways to write a full name, and the keys that a file name may contain. Pure."""

import re
from collections.abc import Iterable
from functools import lru_cache

from addin_service.names.words import LONGEST, plain, words

_PARTICLE_WORDS = "van von der den de da dos das del della du la le el bin ibn ter zum"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_JOINED = re.compile(r"^(?:van|von)(?:den|der|de)(?=\w{4})")
# ö, o and oe; å, a and aa. Where the letters end a name (Zoe, Joel) they are its own.
_SPELLED_OUT = re.compile(r"([aou])e(?=[^\W_aeiouy][^\W_])|a(?=a[^\W_])")


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """One key for all ways to write a full name; "" where there are fewer than two words.

    Order, titles, accents and how they are spelled out make no difference. Single letters and
    particles (van, de) are left out where two words remain without them.
    """
    return key_of(words(name))


def key_of(found: Iterable[str]) -> str:
    """The key of a name given as words."""
    chosen = list(found)
    for needless in (_is_initial, _PARTICLES.__contains__):
        kept = [word for word in chosen if not needless(word)]
        chosen = kept if len(kept) > 1 else chosen
    return " ".join(sorted(map(folded, chosen))) if len(chosen) > 1 else ""


def folded(word: str) -> str:
    """A plain word as it is compared: equal for mueller and muller, vandenberg and berg."""
    before = ""
    while before != word:
        before, word = word, _SPELLED_OUT.sub(r"\1", _JOINED.sub("", word))
    return word


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isascii()


def name_keys(found: tuple[str, ...]) -> set[str]:
    """The key of a name, and the one of its first and last word."""
    return {key_of(found), key_of((found[0], found[-1]))} if len(found) > 1 else set()


def file_words(file_name: str) -> list[str]:
    """The words of a file name, split at signs, digits and where a capital follows a small letter.

    The last ending (`.pdf`) is not one of them.
    """
    stem, dot, ending = file_name[:LONGEST].rpartition(".")
    if not dot or len(ending) > 5:
        stem = file_name[:LONGEST]
    spaced = re.sub(r"(?<=[^\W\d_])(?<![A-Z])(?=[A-Z])", " ", stem)
    return [word for word in plain(spaced).split() if len(word) > 1]


def in_file_name(file_name: str) -> set[str]:
    """The keys of all names that a file name may contain: two or three words next to each other.

    Particles between them do not count; initials alone are nobody's.
    """
    found = file_words(file_name)
    bare = [word for word in found if word not in _PARTICLES]
    return {
        key
        for kind in (found, bare)
        for length in (2, 3)
        for start in range(len(kind) - length + 1)
        if (key := key_of(kind[start : start + length]))
    }
