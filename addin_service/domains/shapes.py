"""Domains taken apart, and what they are recognised by. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from addin_service.domains.looks import glance, skeleton
from addin_service.domains.owners import owner, public_suffix, registrable

_AFFIX_WORDS = """
    uk gb eu gov nhs the my www web net mail email secure online portal login support help team
    group service services info direct global company co corp inc ltd llp plc legal law official
    international hq hr it office admin account accounts payments billing cloud app site care
"""
_AFFIXES = tuple(map(glance, _AFFIX_WORDS.split()))
"""What is set before or after a known name without a hyphen to make a new one."""

SHORTEST = 3
"""Letters below which names are compared as they are and no more."""
TELLING = 5
"""Letters of a name that is recognised inside other domains: shorter ones are everywhere."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A domain taken apart: `label` and `suffix` are those of its registrable part.

    `skeleton` is that of the registrable part, `look` what a hasty reader sees of the label, `bare`
    the same without hyphens, `labels` what he sees of each label of the domain.
    """

    domain: str
    registrable: str
    label: str
    suffix: str
    skeleton: str
    look: str
    bare: str
    labels: tuple[str, ...]


@lru_cache(maxsize=65536)
def shape(domain: str) -> Shape:
    """The domain taken apart."""
    whole, owned, suffix = owner(domain), registrable(domain), public_suffix(domain)
    label = owned.removesuffix(suffix).removesuffix(".") or owned.partition(".")[0]
    read = skeleton(whole).split(".")[-whole.count(".") - 1 :]
    mine = len(read) - owned.count(".") - 1
    looks = tuple(glance(".".join(read)).split("."))
    return Shape(
        domain=whole,
        registrable=owned,
        label=label,
        suffix=suffix,
        skeleton=".".join(read[mine:]),
        look=looks[mine],
        bare=looks[mine].replace("-", ""),
        labels=looks,
    )


def label(domain: str) -> str:
    """The name that somebody chose: `council` of `mail.council.gov.uk`."""
    return shape(domain).label


@lru_cache(maxsize=65536)
def without_affix(bare: str) -> tuple[str, ...]:
    """What is left of a label without one affix."""
    if not bare.startswith(_AFFIXES) and not bare.endswith(_AFFIXES):
        return ()
    found = []
    for affix in _AFFIXES:
        if len(bare) - len(affix) >= SHORTEST:
            if bare.startswith(affix):
                found.append(bare.removeprefix(affix))
            if bare.endswith(affix):
                found.append(bare.removesuffix(affix))
    return tuple(found)


def traces(domain: str) -> set[str]:
    """What a known domain is recognised by: see `sought`.

    What it looks like, its name, the parts of the name between hyphens, the name without an affix.
    """
    here = shape(domain)
    words = here.look.split("-")[:8]
    found = {here.skeleton, here.bare.replace("nn", "m"), *_runs(words), *without_affix(here.bare)}
    return found - {""}


def sought(domain: str) -> set[str]:
    """The traces of all known domains that this one could be mistaken for by more than two slips.

    Beside its own: those of each of its labels, and what stands before an ending inside a label
    (`council` of `councilgovuk`).
    """
    found = traces(domain)
    for look in shape(domain).labels[:10]:
        bare = look.replace("-", "")
        found.update(_runs(look.split("-")[:8]), without_affix(bare))
        found.update(bare[:end] for end in range(TELLING, len(bare)))
    return found - {""}


def _runs(words: list[str]) -> Iterator[str]:
    """Neighbouring words as one: each, each two, and so on."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield "".join(words[start:end])
