"""Domains: what belongs together, and what only looks as if it did."""

import random
import string
import time

import pytest

from addin_service import domain_index, domains
from addin_service.domains import Likeness


@pytest.mark.parametrize(
    ("domain", "owned"),
    [
        ("ambleford.gov.uk", "ambleford.gov.uk"),
        ("mail.ambleford.gov.uk", "ambleford.gov.uk"),
        ("a.b.farm.co.uk", "farm.co.uk"),
        ("farm.example", "farm.example"),
        ("mail.farm.example", "farm.example"),
        ("gov.uk", "gov.uk"),
        ("example", "example"),
    ],
)
def test_what_somebody_registered(domain: str, owned: str) -> None:
    assert domains.registrable(domain) == owned


@pytest.mark.parametrize(
    ("domain", "suffix"),
    [
        ("ambleford.gov.uk", "gov.uk"),
        ("x.ambleford.org.uk", "org.uk"),
        ("x.farm.ac.uk", "ac.uk"),
        ("farm.example", "example"),
    ],
)
def test_the_ending_under_which_anybody_registers(domain: str, suffix: str) -> None:
    assert domains.public_suffix(domain) == suffix


@pytest.mark.parametrize(
    ("domain", "parent", "within"),
    [
        ("council.example", "council.example", True),
        ("mail.council.example", "council.example", True),
        ("notcouncil.example", "council.example", False),
        ("council.example.mail.test", "council.example", False),
        ("council.example", "mail.council.example", False),
        ("council.example", "", False),
    ],
)
def test_within_goes_by_whole_labels(domain: str, parent: str, within: bool) -> None:
    assert domains.is_within(domain, parent) is within


def test_providers_for_everybody() -> None:
    assert domains.is_free_mail("gmail.com")
    assert domains.is_free_mail("btinternet.com")
    assert not domains.is_free_mail("mail.gmail.com")
    assert not domains.is_free_mail("council.example")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("charnbers.example", "chambers.example"),
        ("c1erk.example", "clerk.example"),
        ("s0licitor.example", "solicitor.example"),
        ("vvater.example", "water.example"),
        ("xn--chmbers-3fg.example", "chambers.example"),
        ("br\u00fccke.example", "brucke.example"),
    ],
)
def test_domains_that_look_the_same_have_one_skeleton(one: str, other: str) -> None:
    assert domains.skeleton(one) == domains.skeleton(other)


@pytest.mark.parametrize(
    ("domain", "known", "kind"),
    [
        ("charnbers.example", "chambers.example", Likeness.LETTERS),
        ("chmbers.example", "chambers.example", Likeness.ONE_SLIP),
        ("ambelford.gov.uk", "ambleford.gov.uk", Likeness.ONE_SLIP),
        ("ambleford.gov.ku", "ambleford.gov.uk", Likeness.ONE_SLIP),
        ("acr.example", "arc.example", Likeness.ONE_SLIP),
        ("gmial.com", "gmail.com", Likeness.ONE_SLIP),
        ("ambleford.gov.uk.mail.test", "ambleford.gov.uk", Likeness.INSIDE),
        ("ambleford.gov-uk.test", "ambleford.gov.uk", Likeness.INSIDE),
        ("ambleford.gov.co.uk", "ambleford.gov.uk", Likeness.INSIDE),
        ("chmbrs.example", "chambers.example", Likeness.TWO_SLIPS),
        ("ambleford.org.uk", "ambleford.gov.uk", Likeness.ENDING),
        ("ambleford.co.uk", "ambleford.gov.uk", Likeness.ENDING),
        ("gmail.co.uk", "gmail.com", Likeness.ENDING),
        ("chambers-uk.example", "chambers.example", Likeness.AFFIX),
        ("secure-chambers.example", "chambers.example", Likeness.AFFIX),
        ("securechambers.example", "chambers.example", Likeness.AFFIX),
        ("chambers.example", "oak-chambers.example", Likeness.AFFIX),
        # Traps: none of these is the other one.
        ("chambers.example", "chambers.example", None),
        ("mail.chambers.example", "chambers.example", None),
        ("chambers.example", "mail.chambers.example", None),
        ("a.chambers.example", "b.chambers.example", None),
        ("notharbour.example", "harbour.example", None),
        ("art.example", "arc.example", None),
        ("bham.ac.uk", "bath.ac.uk", None),
        ("ambleford.gov.uk", "ambleton.gov.uk", None),
        ("north-ambleford.example", "west-ambleford.example", None),
        ("mail.com", "gmail.com", None),
        ("gmx.net", "gmx.com", None),
        ("my-gmail.example", "gmail.com", None),
        ("oakchambers.example", "elmchambers.example", None),
        ("gov.uk", "ambleford.gov.uk", None),
    ],
)
def test_how_one_domain_resembles_another(domain: str, known: str, kind: Likeness | None) -> None:
    assert domains.likeness(domain, known) is kind
    assert domain_index.resembling(domain, [known, "elsewhere.test"]) == (
        (known,) if kind is not None else ()
    )


def test_the_nearest_comes_first_whatever_the_order() -> None:
    known = ["chambers.test", "oak-chambers.example", "chambers.example", "chamber.example"]
    expected = ("chambers.example", "chamber.example", "chambers.test", "oak-chambers.example")
    assert domain_index.resembling("charnbers.example", known) == ("chambers.example",)
    for _ in range(5):
        random.shuffle(known)
        assert domain_index.resembling("chambrs.example", known)[:2] == expected[:2]


def test_thousands_of_known_domains_are_compared_quickly() -> None:
    letters = random.Random(1)

    def invented() -> str:
        label = "".join(letters.choices(string.ascii_lowercase, k=letters.randint(3, 14)))
        return f"{label}.{letters.choice(['example', 'test', 'gov.uk', 'co.uk'])}"

    known = frozenset({invented() for _ in range(2000)} | {"ambleford.gov.uk"})
    assert "ambleford.gov.uk" in domain_index.resembling("ambelford.gov.uk", known)
    started = time.perf_counter()
    for index in range(50):
        domain_index.resembling(f"ambelf{index}rd.gov.uk", known)
    # 0.5 ms each where this was written; the bound leaves room for a busy machine.
    assert (time.perf_counter() - started) / 50 < 0.01


@pytest.mark.parametrize("domain", ["", ".", "a", "x" * 300, "xn--", "xn--\u00e9", "-.-", "a..b"])
def test_strange_domains_are_borne(domain: str) -> None:
    assert domain_index.resembling(domain, ["chambers.example", domain]) == ()
    assert isinstance(domains.skeleton(domain), str)
