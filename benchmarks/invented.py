"""Invented people in invented organisations, spread as real directories are, and slips on them.

The same numbers give the same people. Names repeat as names do, one organisation has 45 % of the
people, the other domains fewer and fewer; local parts are written in the usual ways.
"""

import random
from collections.abc import Iterator
from itertools import accumulate

from addin_service.store.contacts import Entry

SEED = 20111
DOMAINS = 6_000
LARGEST = 0.45
"""Share of the people who are in one organisation."""

_GIVEN_WORDS = """
    james john robert michael william david richard joseph thomas charles christopher daniel matthew
    anthony mark steven paul andrew joshua kenneth kevin brian george timothy edward jason jeffrey
    ryan jacob gary nicholas eric jonathan stephen larry justin scott benjamin samuel gregory frank
    patrick raymond jack dennis mary patricia jennifer linda elizabeth barbara susan jessica sarah
    karen lisa nancy margaret sandra ashley kimberly emily donna michelle carol amanda dorothy
    melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela shirley anna brenda
    emma nicole helen samantha katherine christine rachel carolyn janet maria heather priya aisha
    fatima wei chen ravi anil sunita olu kwame zofia piotr agnieszka
"""
_GIVEN = tuple(_GIVEN_WORDS.split())
_STEMS_WORDS = """
    ash brack corr dun el farn garr hol ing jar kel lam mar nor oak pem quar rad sal thorn ul vin
    wal yar zel bar cal dal fen gil har ken lin mor nel par rus sten tur wil win wood black green
    cole stan brad charl bent
"""
_STEMS = tuple(_STEMS_WORDS.split())
_MIDDLES = ("", "er", "ing", "el", "en", "ar", "ow", "in")
_ENDS_WORDS = """
    ton ley ford ham well by wick field man son worth combe don hurst stead more land bury stone way
    er s
"""
_ENDS = tuple(_ENDS_WORDS.split())
_KINDS = ("council", "chambers", "law", "trust", "school", "group")
_SUFFIXES = ("example",) * 5 + ("gov.example", "org.example", "co.example", "nhs.example", "test")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def people(count: int) -> Iterator[Entry]:
    """This many contacts, each address once."""
    chance = random.Random(SEED)
    families = [a + b + c for a in _STEMS for b in _MIDDLES for c in _ENDS]
    chance.shuffle(families)
    places = _domains(chance)
    shares = [1 / (rank + 3) for rank in range(len(places) - 1)]
    shares.insert(0, LARGEST / (1 - LARGEST) * sum(shares))
    cumulative = list(accumulate(shares))
    of_given = list(accumulate(1 / (rank + 5) for rank in range(len(_GIVEN))))
    of_family = list(accumulate(1 / (rank + 20) for rank in range(len(families))))
    taken: set[str] = set()
    while len(taken) < count:
        given = chance.choices(_GIVEN, cum_weights=of_given)[0]
        family = chance.choices(families, cum_weights=of_family)[0]
        place = chance.choices(places, cum_weights=cumulative)[0]
        local = _local(chance, given, family)
        entry = f"{local}@{place}"
        while entry in taken:
            entry = f"{local}{chance.randrange(2, 2000)}@{place}"
        taken.add(entry)
        yield Entry(entry, f"{given.title()} {family.title()}", place.partition(".")[0].title())


def slip(chance: random.Random, entry: str) -> str:
    """A slip on an address: half in the local part, 30 % in the domain, the rest two edits."""
    local, _, domain = entry.partition("@")
    kind = chance.random()
    for _ in range(1 if kind < 0.8 else 2):
        at_local = kind < 0.5 if kind < 0.8 else chance.random() < 0.6
        if at_local:
            local = _edited(chance, local)
        else:
            domain = _edited(chance, domain)
    return f"{local}@{domain}"


def _edited(chance: random.Random, text: str) -> str:
    """One edit; the kinds as often as in real mistyped addresses, most of them a lost letter."""
    kind = chance.choices(("drop", "swap", "add", "replace"), (47, 20, 19, 13))[0]
    at = chance.randrange(len(text) - 1)
    if kind == "drop" and len(text) > 2:
        return text[:at] + text[at + 1 :]
    if kind == "swap" and text[at] != text[at + 1]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    letter = chance.choice(_LETTERS.replace(text[at], ""))
    return text[:at] + letter + text[at + (kind == "replace") :]


def _local(chance: random.Random, given: str, family: str) -> str:
    forms = (
        (0.50, f"{given}.{family}"),
        (0.65, f"{given[0]}.{family}"),
        (0.75, f"{given[0]}{family}"),
        (0.85, f"{given}{family}"),
        (0.90, f"{given}_{family}"),
        (0.95, f"{family}.{given[0]}"),
        (1.00, f"{given}.{family[0]}.{family}"),
    )
    drawn = chance.random()
    local = next(form for share, form in forms if drawn <= share)
    return local + str(chance.randrange(1, 100)) if chance.random() < 0.06 else local


def _domains(chance: random.Random) -> list[str]:
    """Invented domains, the largest first."""
    words = [a + b + c for a in _STEMS for b in _MIDDLES[:4] for c in _ENDS]
    chance.shuffle(words)
    found = {"ambleford-council.gov.example": None}
    while len(found) < DOMAINS:
        label = chance.choice(words)
        if chance.random() < 0.35:
            second = chance.choice((chance.choice(words), chance.choice(_KINDS)))
            label += chance.choice(("", "-")) + second
        found[f"{label}.{chance.choice(_SUFFIXES)}"] = None
    return list(found)
