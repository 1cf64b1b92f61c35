"""The simple alternatives that the service has to be better than, on the same drafts.

Each flags recipients of a draft. "n.d." in a name: asked only about who is neither in the sender's
history nor in the directory.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from addin_service import addresses
from addin_service.model import Draft, Recipient

OSA_ND = "OSA <= 2 n.d."
WRATIO_ND = "WRatio >= 90 n.d."
MAILCHECK_ND = "mailcheck's method, contacts' domains, n.d."
MAILCHECK_WHOLE_ND = "the same, whole domains only, n.d."
NAMESAKE = "a namesake usually goes with these, this one never did (>= 2)"
STRANGER = "a stranger in a group that hangs together"
BASELINES = (OSA_ND, WRATIO_ND, MAILCHECK_ND, MAILCHECK_WHOLE_ND, NAMESAKE, STRANGER)

SIFT_WINDOW = 5
MAILCHECK_THRESHOLD = 2
"""mailcheck 1.1.1: the same for whole domains, second levels and top levels."""


class Past:
    """What the baselines know of one mailbox: who was written to, and who together with whom."""

    def __init__(self, directory: Iterable[str]) -> None:
        self._directory = {_key(one) for one in directory}
        self._mails: dict[str, set[int]] = defaultdict(set)
        self._first: dict[str, str] = {}
        self._namesakes: dict[str, set[str]] = defaultdict(set)
        self._count = 0

    def learn(self, recipients: Iterable[tuple[str, str]]) -> None:
        """One more mail."""
        self._count += 1
        for given, name in recipients:
            key = _key(given)
            self._mails[key].add(self._count)
            if key not in self._first or name:
                self._name(key, name)

    def flagged(
        self, draft: Draft, known: Sequence[tuple[str, str, int]], listed: Sequence[str]
    ) -> dict[str, set[str]]:
        """Per baseline the keys of the recipients that it flags.

        `known` and `listed` are known and in the directory for this draft alone.
        """
        extra = {_key(address) for address, _, _ in known}
        at_hand = extra | {_key(one) for one in listed}
        found: dict[str, set[str]] = {name: set() for name in BASELINES}
        new = [
            r
            for r in draft.recipients
            if not (r.key in self._mails or r.key in self._directory or r.key in at_hand)
        ]
        if new:
            everyone = [*(self._mails.keys() | self._directory | at_hand)]
            for one in new:
                for name in _near(one, everyone):
                    found[name].add(one.key)
        keys = [r.key for r in draft.recipients]
        for one in draft.recipients:
            if one.key in self._mails or one.key in extra:
                others = [key for key in keys if key != one.key]
                if self._is_outdone(one, others):
                    found[NAMESAKE].add(one.key)
                if self._is_stranger(one.key, others):
                    found[STRANGER].add(one.key)
        return found

    def _is_outdone(self, one: Recipient, others: Sequence[str]) -> bool:
        went: set[int] = set().union(*(self._mails.get(key, set()) for key in others))
        if not went or not went.isdisjoint(self._mails.get(one.key, ())):
            return False
        namesakes = self._namesakes.get(self._first.get(one.key) or first_name(one.key, one.name))
        return any(
            len(went & self._mails[other]) >= 2
            for other in namesakes or ()
            if other != one.key and other not in others
        )

    def _is_stranger(self, key: str, others: Sequence[str]) -> bool:
        if len(others) < 2:
            return False
        mails = [self._mails.get(other, set()) for other in others]
        alone = self._mails.get(key, set())
        return all(alone.isdisjoint(one) for one in mails) and not any(
            one.isdisjoint(other) for one, other in combinations(mails, 2)
        )

    def _name(self, key: str, name: str) -> None:
        self._namesakes[self._first.get(key, "")].discard(key)
        self._first[key] = first_name(key, name)
        self._namesakes[self._first[key]].add(key)


def first_name(key: str, name: str) -> str:
    """The first name by the display name ("Lee, Ann" is an Ann), else the start of the address."""
    written = name.rpartition(",")[2] or name
    words = re.findall(r"\w+", written.lower()) or re.split(r"[._+\-]", key.partition("@")[0])
    return words[0]


def _near(one: Recipient, everyone: Sequence[str]) -> Iterator[str]:
    """Those baselines of likeness that find somebody near this new recipient."""
    if process.extractOne(one.key, everyone, scorer=OSA.distance, score_cutoff=2):
        yield OSA_ND
    if process.extractOne(one.key, everyone, scorer=fuzz.WRatio, score_cutoff=90):
        yield WRATIO_ND
    domain, domains = _domain(one.key), frozenset(map(_domain, everyone))
    suggested = mailcheck(domain, domains)
    if suggested:
        yield MAILCHECK_ND
        # What is put right level by level need not be anybody's domain.
        if sift(domain, suggested) <= MAILCHECK_THRESHOLD and suggested in domains:
            yield MAILCHECK_WHOLE_ND


@lru_cache(maxsize=50_000)
def mailcheck(domain: str, domains: frozenset[str]) -> str | None:
    """The domain that mailcheck's method would suggest instead, from these; None for none.

    Written from its documentation (github.com/mailcheck/mailcheck, 1.1.1): nothing where the second
    level (all before the first dot) and the top level (all after it) are both known; else the
    nearest whole domain within the threshold; else both levels are put right, each on its own.
    """
    second, _, top = domain.partition(".")
    seconds, tops = _levels(domains)
    if domain in domains or (second in seconds and top in tops):
        return None
    nearest = _closest(domain, domains)
    if nearest:
        return nearest
    put_right = f"{_closest(second, seconds) or second}.{_closest(top, tops) or top}"
    return None if put_right == domain else put_right


@lru_cache(maxsize=64)
def _levels(domains: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    parted = [domain.partition(".") for domain in domains]
    return frozenset(p[0] for p in parted), frozenset(p[2] for p in parted)


def _closest(word: str, words: Iterable[str]) -> str | None:
    if not word:
        return None
    likely = (w for w in words if abs(len(w) - len(word)) <= 2 * MAILCHECK_THRESHOLD)
    best = min(((sift(word, other), other) for other in likely), default=(99.0, ""))
    return best[1] if best[0] <= MAILCHECK_THRESHOLD else None


@lru_cache(maxsize=200_000)
def sift(one: str, other: str) -> float:
    """The kind of distance that mailcheck uses: mean length less the letters met in common order.

    Common letters are met greedily; where two differ, both words are searched for the nearest
    pair that fits, at most `SIFT_WINDOW` letters ahead.
    """
    i = j = common = 0
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            common, i, j = common + 1, i + 1, j + 1
            continue
        for ahead in range(1, SIFT_WINDOW):
            if one[i + ahead : i + ahead + 1] == other[j]:
                i += ahead
                break
            if other[j + ahead : j + ahead + 1] == one[i]:
                j += ahead
                break
        else:
            i, j = i + 1, j + 1
    return (len(one) + len(other)) / 2 - common


def _domain(key: str) -> str:
    return key.rpartition("@")[2]


def _key(given: str) -> str:
    return addresses.recipient("to", given).key
