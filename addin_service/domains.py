"""Domains: whose they are, and which known ones they could be mistaken for.

Pure and offline: the public suffix list and the table of confusable letters come with packages and
are read once, when first needed. Every domain here is in the one normal form (lower-case A-labels).
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files

from publicsuffixlist import PublicSuffixList

from addin_service.addresses import readable_domain
from addin_service.similarity import distance

_FREE_MAIL = """
    aim.com aol.com aol.co.uk att.net bellsouth.net blueyonder.co.uk btinternet.com btopenworld.com
    comcast.net fastmail.com fastmail.fm fsmail.net gmail.com gmx.co.uk gmx.com gmx.de gmx.net
    googlemail.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it hushmail.com
    icloud.com inbox.com laposte.net libero.it live.co.uk live.com live.nl lycos.com mac.com
    mail.com mail.ru mailbox.org me.com msn.com ntlworld.com o2.co.uk orange.fr outlook.com
    outlook.de outlook.fr pm.me posteo.de proton.me protonmail.com qq.com rocketmail.com
    sbcglobal.net sky.com t-online.de talk21.com talktalk.net tiscali.co.uk tutanota.com tuta.com
    verizon.net virgin.net virginmedia.com wanadoo.fr web.de yahoo.co.uk yahoo.com yahoo.de yahoo.fr
    yahoo.ie yahoo.it yandex.com yandex.ru ymail.com zoho.com
"""
FREE_MAIL = frozenset(_FREE_MAIL.split())
"""Well-known providers where anybody can have a mailbox; our own selection, UK first."""

AFFIXES = (
    "the",
    "my",
    "mail",
    "secure",
    "online",
    "login",
    "support",
    "portal",
    "group",
    "uk",
    "www",
)
"""What is set before or after a known name without a hyphen to make a new one."""

_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
"""Two letters that read as one (UTS 39 has the first; all are seen in lookalike domains)."""


class Likeness(IntEnum):
    """How a domain resembles a known one, the most deceptive first."""

    LETTERS = 0
    """Letters that look the same."""
    ONE_SLIP = 1
    INSIDE = 2
    """The known domain stands inside a longer one of somebody else."""
    TWO_SLIPS = 3
    ENDING = 4
    """The same name under another public suffix."""
    AFFIX = 5
    """The known name with something before or after it, or with less than that."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A domain taken apart: `label` and `suffix` are those of its registrable part."""

    domain: str
    registrable: str
    label: str
    suffix: str
    skeleton: str


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def public_suffix(domain: str) -> str:
    """The ending under which anybody can register: `gov.uk`; the last label where none is known."""
    return _suffixes().publicsuffix(domain) or domain.rpartition(".")[2]


def registrable(domain: str) -> str:
    """What somebody registered: `council.gov.uk` of `mail.council.gov.uk`.

    A domain that is itself a public suffix is returned as it is.
    """
    return _suffixes().privatesuffix(domain) or domain


def label(domain: str) -> str:
    """The name that somebody chose: `council` of `mail.council.gov.uk`."""
    return shape(domain).label


def is_within(domain: str, parent: str) -> bool:
    """Whether `domain` is `parent` or below it, by whole labels."""
    return domain == parent or (bool(parent) and domain.endswith("." + parent))


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have a mailbox there."""
    return domain in FREE_MAIL


def skeleton(domain: str) -> str:
    """A form that is equal for domains which look the same (after UTS 39, "skeleton").

    Accents are dropped, letters of other alphabets and digits become the Latin letter they look
    like, pairs such as "rn" become the letter that they look like.
    """
    text = unicodedata.normalize("NFKD", readable_domain(domain)).casefold()
    table = _lookalikes()
    text = "".join(
        table.get(character, character)
        for character in text
        if not unicodedata.combining(character)
    )
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


@cache
def _lookalikes() -> dict[str, str]:
    """Character to the ASCII letter it looks like, from the Unicode table of confusables."""
    table = json.loads(
        files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8")
    )
    found: dict[str, str] = {}
    for letter in "abcdefghijklmnopqrstuvwxyz0123456789":
        for entry in table.get(letter, ()):
            character = entry["c"].replace("\u200e", "")
            if len(character) == 1 and not character.isascii():
                found.setdefault(character, letter)
    return {
        character: {"0": "o", "1": "l"}.get(letter, letter) for character, letter in found.items()
    } | {
        "0": "o",
        "1": "l",
    }


@lru_cache(maxsize=65536)
def shape(domain: str) -> Shape:
    """The domain taken apart."""
    owned = registrable(domain)
    suffix = public_suffix(domain)
    label = owned.removesuffix(suffix).removesuffix(".") or owned.partition(".")[0]
    return Shape(domain, owned, label, suffix, skeleton(owned))


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
    slips = _slips(here, there)
    if slips == 1:
        return Likeness.ONE_SLIP
    if _inside(here.domain, there):
        return Likeness.INSIDE
    if here.label == there.label:
        return Likeness.ENDING
    if slips == 2:
        return Likeness.TWO_SLIPS
    if _affixed(here.label, there.label) or _affixed(there.label, here.label):
        return Likeness.AFFIX
    return None


def _inside(domain: str, there: Shape) -> bool:
    """Whether a known name and its ending stand in `domain`, which goes on after them.

    `council.gov.uk.mail.example`, `council.gov-uk.example` and `council.gov.co.uk` are all not
    `council.gov.uk`.
    """
    pieces = re.split(r"[.-]", domain)
    name, ending = there.label.split("-"), there.suffix.split(".")
    for start in range(len(pieces) - len(name)):
        rest = pieces[start + len(name) :]
        if pieces[start : start + len(name)] == name and rest[0] == ending[0]:
            after = iter(rest)
            if len(rest) > len(ending) and all(piece in after for piece in ending):
                return True
    return False


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
        return 0
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


def _affixed(longer: str, name: str) -> bool:
    """Whether `longer` is `name` with something added: `chambers-uk`, `securechambers`."""
    if len(name) < 2 or len(longer) <= len(name):
        return False
    if f"-{name}-" in f"-{longer}-":
        return True
    return len(name) > 3 and any(longer in (name + affix, affix + name) for affix in AFFIXES)
