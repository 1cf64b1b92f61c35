"""Many known domains, arranged so that one domain is compared with all of them quickly. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from addin_service import masks
from addin_service.domains import is_free_mail, likeness, shape, sought, traces
from addin_service.similarity import distance

SLIPS = 2
"""The largest distance at which domains are compared."""

FEW = 300
"""Up to so many domains a plain comparison is quicker than making keys of them."""

REMEMBERED = 4096
"""Domains whose neighbours are remembered: most mail goes to the same few."""

COMMON = 50
"""A word that more known domains share says nothing about any of them: council, law."""


class DomainIndex:
    """A set of domains. What is needed to compare with them is made when it is first needed."""

    def __init__(self, domains: Iterable[str] = ()) -> None:
        self.domains = frozenset(domains)
        self._near: dict[str, list[tuple[str, int]]] = {}

    def near(self, domain: str) -> list[tuple[str, int]]:
        """(domain, slips) of those at most `SLIPS` from `domain`, itself too where it is known."""
        if domain not in self._near:
            if len(self._near) >= REMEMBERED:
                self._near.clear()
            self._near[domain] = self._compared(domain)
        return self._near[domain]

    def _compared(self, domain: str) -> list[tuple[str, int]]:
        close: Iterable[str] = self.domains
        if len(self.domains) > FEW:
            keys = self._by_key.keys() & masks.asked(domain)
            close = {known for key in keys for known in self._by_key[key]}
        found = process.extract(
            domain,
            list(close),
            scorer=OSA.distance,
            processor=None,
            limit=None,
            score_cutoff=SLIPS,
        )
        return [(known, int(slips)) for known, slips, _ in found]

    def candidates(self, domain: str) -> set[str]:
        """Those that `domain` could be mistaken for, and some more."""
        found: set[str] = set()
        for target in {domain, shape(domain).registrable}:
            for text, _ in self.near(target) + self._owned.near(target):
                found.update(self._by_owned.get(text, ()), (text,))
        for trace in sought(domain):
            alike = self._by_trace.get(trace, ())
            if len(alike) <= COMMON:
                found.update(alike)
        return found & self.domains

    @cached_property
    def _by_key(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for domain in self.domains:
            for key in masks.stored(domain):
                found[key].append(domain)
        return dict(found)

    @cached_property
    def _by_owned(self) -> dict[str, list[str]]:
        """Domains by what was registered, where that is not the domain itself."""
        found: dict[str, list[str]] = defaultdict(list)
        for domain in self.domains:
            if (owned := shape(domain).registrable) != domain:
                found[owned].append(domain)
        return dict(found)

    @cached_property
    def _owned(self) -> "DomainIndex":
        return DomainIndex(self._by_owned.keys() - self.domains)

    @cached_property
    def _by_trace(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for domain in self.domains:
            for trace in traces(domain):
                found[trace].append(domain)
        return dict(found)


@lru_cache(maxsize=8)
def of(domains: frozenset[str]) -> DomainIndex:
    """An index of a set that comes again and again."""
    return DomainIndex(domains)


def resembling(domain: str, *known: DomainIndex) -> tuple[str, ...]:
    """The known domains that `domain` could be mistaken for, nearest first.

    Never itself, its parents or children, and none where `domain` is a well-known free-mail one.
    """
    if is_free_mail(domain):
        return ()
    candidates = set[str]().union(*(index.candidates(domain) for index in known))
    ranked = [
        (found, distance(domain, other, 20), other)
        for other in candidates
        if (found := likeness(domain, other)) is not None
    ]
    return tuple(other for _, _, other in sorted(ranked))
