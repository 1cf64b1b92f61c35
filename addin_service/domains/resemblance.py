"""How one domain resembles a known one of somebody else. Pure."""

from enum import IntEnum
from functools import lru_cache

from addin_service.domains.looks import glance, skeleton
from addin_service.domains.owners import is_free_mail
from addin_service.domains.shapes import SHORTEST, TELLING, Shape, shape, without_affix
from addin_service.similarity import distance

_CATEGORY_WORDS = "gov co org ac uk nhs police net com me ltd plc sch mod edu go gouv gob govt"
_CATEGORIES = tuple(_CATEGORY_WORDS.split())
"""What stands between a name and a country in a public suffix somewhere."""

_COMMON_WORDS = "mail smtp email lists secure online support portal service services"
_COMMON = frozenset(_COMMON_WORDS.split())
"""Names of machines: `support.` before somebody's domain does not speak of support.example."""


class Likeness(IntEnum):
    """How a domain resembles a known one, the most deceptive first."""

    LETTERS = 0
    """Letters that look the same."""
    ONE_SLIP = 1
    INSIDE = 2
    """The known domain stands inside a longer one of somebody else."""
    TWO_SLIPS = 3
    ENDING = 4
    """The same name under another public suffix, or what passes for one."""
    AFFIX = 5
    """The known name with something before or after it, or with less than that."""


@lru_cache(maxsize=65536)
def likeness(domain: str, known: str) -> Likeness | None:
    """How `domain` could be mistaken for `known`; None where it could not, or is the same owner's.

    `domain` is the one in doubt. Two slips or an affix make no likeness to a free-mail provider:
    there are too many of them.
    """
    here, there = shape(domain), shape(known)
    if here.registrable == there.registrable or is_free_mail(domain):
        return None
    found = _likeness(here, there)
    if is_free_mail(known) and found in (Likeness.TWO_SLIPS, Likeness.AFFIX):
        return None
    return found


def _likeness(here: Shape, there: Shape) -> Likeness | None:
    if here.skeleton == there.skeleton:
        return Likeness.LETTERS
    letters = _same_letters(here, there)
    if letters and here.suffix == there.suffix:
        return Likeness.LETTERS
    slips = _slips(here, there)
    if slips == 1:
        return Likeness.ONE_SLIP
    if letters:
        return Likeness.ENDING
    if here.label.replace("-", "") == there.label.replace("-", ""):
        return Likeness.ONE_SLIP if here.suffix == there.suffix else Likeness.ENDING
    if _inside(here, there):
        return Likeness.INSIDE
    if _ending_invented(here, there):
        return Likeness.ENDING
    if slips == 2:
        return Likeness.TWO_SLIPS
    if _affixed(here, there) or _affixed(there, here) or _below(here, there):
        return Likeness.AFFIX
    return None


def _same_letters(here: Shape, there: Shape) -> bool:
    """Whether two labels differ in letters that read alike, under any ending for long ones."""
    if here.bare.replace("nn", "m") != there.bare.replace("nn", "m"):
        return False
    if here.label.replace("-", "") == there.label.replace("-", ""):
        return False
    return len(there.bare) >= (SHORTEST if here.suffix == there.suffix else TELLING)


def _ending_invented(here: Shape, there: Shape) -> bool:
    """Whether a name stands before what passes for a public suffix: `council.gou.uk`."""
    name, *rest = here.domain.split(".")
    if len(there.bare) < SHORTEST or name != there.label:
        return False
    return 1 < len(rest) < 4 and all(_is_category(piece) for piece in rest[:-1])


def _is_category(piece: str) -> bool:
    return piece in _CATEGORIES or any(
        2 < len(category) >= len(piece) and distance(piece, category, 1) == 1
        for category in _CATEGORIES
    )


def _inside(here: Shape, there: Shape) -> bool:
    """Whether a known name and its ending stand in `here`, which goes on after them.

    `council.gov.uk.mail.example`, `council.gov-uk.example`, `councilgovuk.example`,
    `council.gov.example` and `council.gov.co.uk` are all not `council.gov.uk`.
    """
    pieces = [piece for label in here.labels for piece in label.split("-")]
    name, ending = there.look.split("-"), glance(skeleton(there.suffix)).split(".")
    for start in range(len(pieces) - len(name)):
        rest = pieces[start + len(name) :]
        if pieces[start : start + len(name)] == name and rest[0] == ending[0]:
            after = iter(rest)
            if len(rest) > len(ending) and all(piece in after for piece in ending):
                return True
    return _written_together(pieces, there, name, ending)


def _written_together(pieces: list[str], there: Shape, name: list[str], ending: list[str]) -> bool:
    """Whether neighbouring pieces are a known name and its ending, or half of a longer ending."""
    whole = {there.bare + "".join(ending)}
    if len(ending) > 1:
        whole.add(there.bare + ending[0])
    runs = (
        pieces[start:end]
        for end in range(1, len(pieces))
        for start in range(max(0, end - len(name) - len(ending)), end)
    )
    return any(
        "".join(run) in whole
        for run in runs
        if len(there.bare) >= (SHORTEST if len(run) > len(name) else TELLING)
    )


def _slips(here: Shape, there: Shape) -> int:
    """Slips between the two, 0 where they are too many for names so short."""
    ending = _only_ending_differs(here.domain, there)
    length = len(there.label) if ending else min(len(here.label), len(there.label))
    allowed = 2 if length > 5 else 1
    slips = min(
        distance(here.registrable, there.registrable, allowed),
        distance(here.domain, there.domain, allowed),
    )
    if slips > allowed:
        alike = here.suffix == there.suffix and length > 5
        return 2 if alike and distance(here.bare, there.bare, 1) == 1 else 0
    if (
        not ending
        and length <= 3
        and here.label != there.label
        and sorted(here.label) != sorted(there.label)
    ):
        # Every short name is one letter from another; only a swap is more likely a slip.
        return 0
    return slips


def _only_ending_differs(domain: str, there: Shape) -> bool:
    """Whether the two agree label by label before the known one's public suffix: `.gov.ku`."""
    ours, theirs = domain.split("."), there.domain.split(".")
    kept = len(theirs) - len(there.suffix.split("."))
    return len(ours) == len(theirs) and kept > 0 and ours[:kept] == theirs[:kept]


def _affixed(longer: Shape, name: Shape) -> bool:
    """Whether `longer` is `name` with something added: `chambers-uk`, `securechambers`."""
    if len(name.bare) < 2 or len(longer.bare) <= len(name.bare):
        return False
    if f"-{name.look}-" in f"-{longer.look}-":
        return True
    return name.bare in without_affix(longer.bare)


def _below(here: Shape, there: Shape) -> bool:
    """Whether a known name is a part of somebody else's domain: `council.host.example`."""
    above = len(here.labels) - len(here.registrable.split("."))
    telling = len(there.bare) > TELLING + 1 and there.label not in _COMMON
    return telling and there.look in here.labels[:above]
