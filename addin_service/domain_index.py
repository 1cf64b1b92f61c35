"""Many known domains, arranged so that one domain is compared with all of them quickly. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from addin_service.domains import AFFIXES, is_free_mail, likeness, shape
from addin_service.similarity import distance


@dataclass(frozen=True, slots=True)
class _Known:
    """Many known domains, arranged so that one domain is compared with all of them quickly."""

    domains: tuple[str, ...]
    registrables: tuple[str, ...]
    by_registrable: dict[str, tuple[str, ...]]
    by_skeleton: dict[str, tuple[str, ...]]
    by_part: dict[str, tuple[str, ...]]


@lru_cache(maxsize=8)
def _arranged(known: frozenset[str]) -> _Known:
    by_registrable: dict[str, list[str]] = defaultdict(list)
    by_skeleton: dict[str, list[str]] = defaultdict(list)
    by_part: dict[str, list[str]] = defaultdict(list)
    for domain in sorted(known):
        taken = shape(domain)
        by_registrable[taken.registrable].append(domain)
        by_skeleton[taken.skeleton].append(domain)
        for part in _parts(taken.label):
            by_part[part].append(domain)
    frozen = [
        {key: tuple(values) for key, values in table.items()}
        for table in (by_registrable, by_skeleton, by_part)
    ]
    return _Known(tuple(sorted(known)), tuple(by_registrable), *frozen)


def _parts(label: str) -> set[str]:
    """The names that a label may be recognised by: itself, its hyphenated parts, less affixes."""
    words = label.split("-")[:8]
    parts = {"-".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    parts.add(label)
    for affix in AFFIXES:
        parts |= {label.removeprefix(affix), label.removesuffix(affix)}
    return {part for part in parts if part}


def resembling(domain: str, known: Iterable[str]) -> tuple[str, ...]:
    """The domains of `known` that `domain` could be mistaken for, nearest first.

    Never itself, its parents or children, and none where `domain` is a well-known free-mail one.
    """
    if is_free_mail(domain):
        return ()
    arranged = _arranged(frozenset(known))
    here = shape(domain)
    candidates: set[str] = set(arranged.by_skeleton.get(here.skeleton, ()))
    for texts, target in (
        (arranged.domains, domain),
        (arranged.registrables, here.registrable),
    ):
        for text, _, _ in process.extract(
            target,
            texts,
            scorer=OSA.distance,
            processor=None,
            limit=None,
            score_cutoff=2,
        ):
            candidates.update(arranged.by_registrable.get(text, ()))
            candidates.add(text)
    for part in set().union(*map(_parts, {here.label, *domain.split(".")[:10]})):
        candidates.update(arranged.by_part.get(part, ()))
    ranked = [
        (found, distance(domain, other, 20), other)
        for other in candidates.intersection(arranged.domains)
        if (found := likeness(domain, other)) is not None
    ]
    return tuple(other for _, _, other in sorted(ranked))
