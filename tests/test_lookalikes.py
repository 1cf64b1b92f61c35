"""Thousands of lookalikes of invented domains: how many of each kind are noticed, and by the index.

The kinds are those of real incidents. What is random is drawn from a fixed seed: the figures are
the same on every run.
"""

import random
from collections.abc import Callable, Iterator
from itertools import permutations

import pytest

from addin_service import addresses, domain_index, domains

EACH = 2_000
DRAWN = random.Random(7)


def _listed(words: str) -> list[str]:
    return words.split()


STARTS = _listed(
    "amble brack corr dun els farn hol kel marl nor oak pem quor rad shel thorn ven west"
)
ENDS = _listed(
    "ford ley igan more tree ham bury stone den ton wood mere worth bridge gate dale shaw"
)
SUFFIXES = _listed(
    "gov.uk nhs.uk police.uk ac.uk kent.sch.uk co.uk org.uk gov.scot gov.wales com org net example "
    "ie de fr com.au gov.ie eu ltd.uk scot"
)
CYRILLIC = dict(zip("aceopxyisjkmhtbdqwlvnur", "асеорхуіѕјкмнтвԁԛԝӏѵпиг", strict=True))
GREEK = dict(zip("aoviuptknxewy", "αονιυρτκηχεωγ", strict=True))
ACCENTS = {
    "a": "àáâäãåāąạɑ", "e": "èéêëēęėẹ", "i": "ìíîïīįıị", "o": "òóôöõøōőọ", "u": "ùúûüūůų", "l": "łĺļľ",
    "n": "ñńňņ", "s": "śšşș", "c": "çćč", "d": "ďđḍ", "t": "ťţțŧ", "h": "ħĥḥ", "g": "ğģġɡ", "r": "řŕŗ",
}  # fmt: skip
READ_ALIKE = (
    ("m", "rn"), ("w", "vv"), ("d", "cl"), ("o", "0"), ("l", "1"), ("i", "1"), ("l", "i"), ("i", "l"),
    ("s", "5"), ("e", "3"), ("a", "4"), ("g", "q"), ("u", "v"), ("b", "8"), ("t", "7"), ("g", "9"),
)  # fmt: skip
AFFIXES = _listed(
    "uk group mail secure online the my gov support portal login email hq team service services "
    "legal official web net ltd info direct global company"
)
ENDINGS = _listed(
    "gov.uk co.uk org.uk ac.uk gov com org net uk cm con co om nhs.uk police.uk go.uk gov.co.uk "
    "gov.uk.com co.uk.com gov.scot scot wales gov.wales ie de eu me.uk ltd.uk edu info biz govuk "
    "gob.uk gou.uk ork.uk vom nte ogr co.ku gov.ku ov.uk gov.u fr"
)
ELSEWHERE = _listed("evil.example mx7.example host-9.com secure-mail.net farm.co.uk")


def invented() -> str:
    label = DRAWN.choice(STARTS) + DRAWN.choice(ENDS)
    kind = DRAWN.random()
    if kind < 0.15:
        label += "-" + DRAWN.choice(_listed("law hall chambers group trust"))
    elif kind < 0.3:
        label += DRAWN.choice(_listed("law council care chambers"))
    return f"{label}.{DRAWN.choice(SUFFIXES)}"


KNOWN = sorted({invented() for _ in range(400)})[:300]
DRAWN.shuffle(KNOWN)


def other_letter(label: str, suffix: str) -> str | None:
    table = DRAWN.choice([CYRILLIC, GREEK, ACCENTS])
    places = [place for place, letter in enumerate(label) if letter in table]
    if not places:
        return None
    place = DRAWN.choice(places)
    return f"{label[:place]}{DRAWN.choice(table[label[place]])}{label[place + 1 :]}.{suffix}"


def other_script(label: str, suffix: str) -> str:
    table = DRAWN.choice([CYRILLIC, GREEK])
    return "".join(table.get(letter, letter) for letter in label) + "." + suffix


def read_alike(label: str, suffix: str) -> str | None:
    pairs = [pair for pair in READ_ALIKE if pair[0] in label]
    if not pairs:
        return None
    letter, looks = DRAWN.choice(pairs)
    return label.replace(letter, looks, DRAWN.choice([1, 9])) + "." + suffix


def affix(label: str, suffix: str) -> str:
    more = DRAWN.choice(AFFIXES)
    new = DRAWN.choice([label + more, more + label, f"{label}-{more}", f"{more}-{label}"])
    return f"{new}.{DRAWN.choice([suffix, 'com', 'co.uk', 'org'])}"


def hyphen(label: str, suffix: str) -> str:
    if "-" in label:
        return f"{label.replace('-', '')}.{DRAWN.choice([suffix, 'com', 'co.uk'])}"
    place = DRAWN.randrange(2, len(label) - 1)
    return f"{label[:place]}-{label[place:]}.{suffix}"


def inside(label: str, suffix: str) -> str:
    elsewhere, whole = DRAWN.choice(ELSEWHERE), f"{label}.{suffix}"
    end = DRAWN.choice(["com", "example", "net"])
    return DRAWN.choice(
        [
            f"{whole}.{elsewhere}",
            f"{whole.replace('.', '-')}.{end}",
            f"{whole.replace('.', '-')}.{elsewhere}",
            f"{label}.{suffix.replace('.', '-')}.{end}" if "." in suffix else f"{whole}.{end}",
            f"{label}.{suffix.partition('.')[0]}.{end}" if "." in suffix else f"{whole}.{end}",
            f"{label}-{suffix.replace('.', '')}.{end}",
            f"{whole.replace('.', '')}.{end}",
            f"{whole}-{elsewhere}",
        ]
    )


def ending(label: str, suffix: str) -> str:
    return f"{label}.{DRAWN.choice(ENDINGS)}"


def one_slip(label: str, suffix: str) -> str:
    place, letter = DRAWN.randrange(len(label)), DRAWN.choice("abcdefghijklmnopqrstuvwxyz")
    kinds = [
        label[:place] + label[place + 1 :],
        label[:place] + letter + label[place + 1 :],
        label[:place] + letter + label[place:],
        label[:place] + label[place : place + 2][::-1] + label[place + 2 :],
    ]
    return f"{DRAWN.choice(kinds).strip('-')}.{suffix}"


def lookalikes(kind: Callable[[str, str], str | None]) -> Iterator[tuple[str, str]]:
    """(lookalike, known), `EACH` of them."""
    DRAWN.seed(kind.__name__)
    made = 0
    while made < EACH:
        known = DRAWN.choice(KNOWN)
        suffix = domains.public_suffix(known)
        new = kind(known.removesuffix("." + suffix), suffix)
        if new is None or new in KNOWN:
            continue
        made += 1
        yield addresses.ascii_domain(new), known


@pytest.mark.parametrize(
    ("kind", "at_least"),
    [
        (other_letter, 1.0),
        (other_script, 1.0),
        (read_alike, 0.99),
        (affix, 0.97),
        (hyphen, 1.0),
        (inside, 0.99),
        (ending, 1.0),
        (one_slip, 1.0),
    ],
)
def test_lookalikes_are_noticed(kind: Callable[[str, str], str | None], at_least: float) -> None:
    missed = [pair for pair in lookalikes(kind) if domains.likeness(*pair) is None]
    assert len(missed) <= EACH * (1 - at_least), missed[:5]


@pytest.mark.parametrize(
    "kind", [other_letter, other_script, read_alike, affix, hyphen, inside, ending, one_slip]
)
def test_the_index_finds_what_resembles(kind: Callable[[str, str], str | None]) -> None:
    index = domain_index.of(frozenset(KNOWN))
    for number, (new, known) in enumerate(lookalikes(kind)):
        if number == EACH // 10:
            break
        expected = domains.likeness(new, known) is not None
        assert (known in domain_index.resembling(new, index)) is expected, (new, known)


def test_unrelated_domains_are_left_alone() -> None:
    DRAWN.seed("unrelated")
    names = _listed(
        "abberlow bexcote cottermark drayhythe eatonbrow fulmerly greshwick hythorn ivingdean jarrowby "
        "kepwarren lyddmoor maldwin nestrope otleston purlcombe quendrop riponby stroudel totness"
    )
    unrelated = [f"{name}.{DRAWN.choice(SUFFIXES)}" for name in names]
    unrelated += [
        f"{DRAWN.choice(names)}-{trade}.{DRAWN.choice(SUFFIXES)}"
        for trade in _listed("garage bakery dental vets scouts")
    ]
    pairs = [(a, b) for a, b in permutations(unrelated, 2) if not set(_words(a)) & set(_words(b))]
    assert len(pairs) > 300
    assert [pair for pair in pairs if domains.likeness(*pair) is not None] == []


def _words(domain: str) -> list[str]:
    return domains.label(domain).split("-")
