"""What the cuts cost and catch, as it was measured on real mail: read from `rates.toml`.

`benchmarks/quality.py --rates` writes that file; docs/judging.md says how it is measured.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of slip: as the title of a column, and in a sentence."""

    title: str
    words: str


KINDS = {
    "typo_local": Kind("before the @", "slips of one letter before the @"),
    "typo_domain": Kind("domain", "slips of one letter in the domain"),
    "typo_two": Kind("two letters", "slips of two letters"),
    "typo_tld": Kind("ending", "wrong endings of a domain"),
    "real_typo": Kind("really made", "slips that people really made"),
    "lookalike": Kind("lookalike", "domains made to look alike"),
    "wrong_account_known": Kind("known account", "known but unusual accounts of a person"),
    "wrong_account_new": Kind("free mail", "names of known people at a free-mail provider"),
    "auto_first": Kind("first name", "others of the same first name"),
    "auto_prefix": Kind("same start", "others whose address begins alike"),
    "typo_lands": Kind("lands", "slips that are somebody else's address"),
    "stray": Kind("stray", "people who are astray among the others"),
}
"""The kinds of docs/judging.md."""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """From 0 to 1; 0 of none is 0."""
        return self.hits / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval, 95 %."""
        if not self.n:
            return 0.0, 1.0
        n, p, zz = self.n, self.value, Z95 * Z95
        middle = (p + zz / (2 * n)) / (1 + zz / n)
        half = Z95 / (1 + zz / n) * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_json(self) -> dict[str, float]:
        """For programs."""
        low, high = self.interval
        figures = {"value": self.value, "low": low, "high": high}
        return {"hits": self.hits, "n": self.n} | {k: round(v, 6) for k, v in figures.items()}


@dataclass(frozen=True, slots=True)
class Rate:
    """One code (or one rule of it) with one cut, as if no other code asked anything.

    `alarms` are the genuine drafts on which it asks, `remembered` those that are left where every
    answer is remembered, `caught` the slips that it asks about, by kind.
    """

    cut: float
    alarms: Share
    remembered: Share
    caught: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Set:
    """Whose mail it was measured on."""

    about: str
    people: int
    drafts: int
    fitted: bool
    """Whether the weights were fitted on these very people, so that others may fare worse."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Everything that was measured, on one day by one command."""

    measured: date
    command: str
    sets: Mapping[str, Set]
    rates: Mapping[str, Mapping[str, Sequence[Rate]]]
    """By code, or by code and rule ("recipient.unusual/stray"), then by set; cuts ascending."""

    def of(self, code: str) -> Mapping[str, Mapping[str, Sequence[Rate]]]:
        """The rates of a code and of each of its rules, by name; none where it was not measured."""
        return {n: sets for n, sets in self.rates.items() if n.partition("/")[0] == code}


def read(text: str) -> Rates:
    """The rates from the text of a file that `--rates` wrote."""
    found = tomllib.loads(text)
    sets = {name: Set(**one) for name, one in found["sets"].items()}
    return Rates(
        found["measured"],
        found["command"],
        sets,
        {
            name: {s: tuple(_rates(found["cuts"], one)) for s, one in by.items()}
            for name, by in found["rates"].items()
        },
    )


@cache
def load() -> Rates:
    """The rates that come with the package."""
    return read(files("addin_service.policy").joinpath("rates.toml").read_text("utf-8"))


def _rates(cuts: Sequence[float], one: Mapping[str, Any]) -> Sequence[Rate]:
    return [
        Rate(
            cut,
            Share(one["alarms"][place], one["drafts"]),
            Share(one["remembered"][place], one["drafts"]),
            {kind: Share(c["found"][place], c["n"]) for kind, c in one["caught"].items()},
        )
        for place, cut in enumerate(cuts)
    ]
