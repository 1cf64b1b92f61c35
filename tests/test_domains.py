"""Domains: what belongs together, and what only looks as if it did."""

import random
import string
from collections.abc import Iterable

import pytest

from addin_service import domain_index, domains
from addin_service.domains import Likeness


def resembling(domain: str, known: Iterable[str]) -> tuple[str, ...]:
    return domain_index.resembling(domain, domain_index.of(frozenset(known)))


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
        # What the public suffix list says of British public bodies, and what it does not.
        ("thornbrook.nhs.uk", "thornbrook.nhs.uk"),
        ("a.thornbrook.nhs.uk", "thornbrook.nhs.uk"),
        ("mail.dunwick.police.uk", "dunwick.police.uk"),
        ("dunwick.pnn.police.uk", "dunwick.police.uk"),
        ("law.westmere.ac.uk", "westmere.ac.uk"),
        ("oakdean.dunshire.sch.uk", "oakdean.dunshire.sch.uk"),
        ("mail.oakdean.dunshire.sch.uk", "oakdean.dunshire.sch.uk"),
        ("fleet.mod.uk", "mod.uk"),
        ("office.parliament.uk", "parliament.uk"),
        ("mail.dunmore.gov.scot", "dunmore.gov.scot"),
        ("mail.glanmor.gov.wales", "glanmor.gov.wales"),
        ("glanmor.llyw.cymru", "glanmor.llyw.cymru"),
        ("gov.wales", "gov.wales"),
        ("glanmor.wales.nhs.uk", "glanmor.wales.nhs.uk"),
        ("dunmore.scot.nhs.uk", "dunmore.scot.nhs.uk"),
        ("nhs.net", "nhs.net"),
        ("ambleford.gsi.gov.uk", "ambleford.gov.uk"),
        ("dunoffice.x.gsi.gov.uk", "dunoffice.gov.uk"),
        ("ambleford.onmicrosoft.com", "ambleford.onmicrosoft.com"),
        ("cjsm.net", "cjsm.net"),
        # Criminal justice secure mail: the organisation stands before it.
        ("farm.co.uk.cjsm.net", "farm.co.uk"),
        ("farm.cjsm.net", "cjsm.net"),
        ("mail.ambleford.gov.uk.cjsm.net", "ambleford.gov.uk"),
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
        ("ch\u0430mbers.example", "chambers.example", Likeness.LETTERS),
        ("\u0441\u043e\u0440\u0435.example", "cope.example", Likeness.LETTERS),
        ("\u03c0\u03b5\u03c4\u03c1\u03b1.example", "netpa.example", Likeness.LETTERS),
        ("\u043f\u043e\u0433\u0442\u043e\u043f.example", "norton.example", Likeness.LETTERS),
        ("wa\u0142den.example", "walden.example", Likeness.LETTERS),
        ("s0l1cit0rs.example", "solicitors.example", Likeness.LETTERS),
        ("harb0r-1aw.example", "harbor-law.example", Likeness.LETTERS),
        ("charnbers.test", "chambers.example", Likeness.ENDING),
        ("oakchambers.example", "oak-chambers.example", Likeness.ONE_SLIP),
        ("oakchambers.test", "oak-chambers.example", Likeness.ENDING),
        ("glanmr.gov.wales", "glanmor.gov.wales", Likeness.ONE_SLIP),
        ("glanmr.gov.wales.cjsm.net", "glanmor.gov.wales", Likeness.ONE_SLIP),
        ("ambleford-gov-uk.test", "ambleford.gov.uk", Likeness.INSIDE),
        ("amblefordgovuk.test", "ambleford.gov.uk", Likeness.INSIDE),
        ("ambleford.gov.test", "ambleford.gov.uk", Likeness.INSIDE),
        ("ambleford.gov.uk.mail.test", "ambleford.gov.uk", Likeness.INSIDE),
        ("ambleford.gov-uk.test", "ambleford.gov.uk", Likeness.INSIDE),
        ("ambleford.gov.co.uk", "ambleford.gov.uk", Likeness.INSIDE),
        ("chmbrs.example", "chambers.example", Likeness.TWO_SLIPS),
        ("ambleford.org.uk", "ambleford.gov.uk", Likeness.ENDING),
        ("ambleford.co.uk", "ambleford.gov.uk", Likeness.ENDING),
        ("ambleford.uk", "ambleford.gov.uk", Likeness.ENDING),
        ("ambleford.gov", "ambleford.gov.uk", Likeness.ENDING),
        ("ambleford.ov.uk", "ambleford.gov.uk", Likeness.ONE_SLIP),
        ("ambleford.orq.uk", "ambleford.gov.uk", Likeness.ENDING),
        ("northwind.cm", "northwind.com", Likeness.ONE_SLIP),
        ("northwind.con", "northwind.com", Likeness.ONE_SLIP),
        ("isdar.org.uk", "isdar.org", Likeness.ENDING),
        ("gmail.co.uk", "gmail.com", Likeness.ENDING),
        ("chambers-uk.example", "chambers.example", Likeness.AFFIX),
        ("secure-chambers.example", "chambers.example", Likeness.AFFIX),
        ("securechambers.example", "chambers.example", Likeness.AFFIX),
        ("chambers.example", "oak-chambers.example", Likeness.AFFIX),
        ("ambleford.host.test", "ambleford.gov.uk", Likeness.AFFIX),
        # Traps: none of these is the other one.
        ("chambers.example.cjsm.net", "chambers.example", None),
        ("chambers.example", "chambers.example.cjsm.net", None),
        ("ambleford.gov.uk", "ambleford.gsi.gov.uk", None),
        ("dunwick.police.uk", "dunwick.pnn.police.uk", None),
        ("eu.northwind.com", "northwind.com", None),
        ("glanmor.gov.wales", "dunmore.gov.wales", None),
        ("mail.host.test", "mail.example", None),
        ("tum.test", "turn.example", None),
        ("harbourcollege.example", "harbour.co.uk", None),
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
    assert resembling(domain, [known, "elsewhere.test"]) == ((known,) if kind is not None else ())


def test_the_nearest_comes_first_whatever_the_order() -> None:
    known = ["chambers.test", "oak-chambers.example", "chambers.example", "chamber.example"]
    expected = ("chambers.example", "chamber.example", "chambers.test", "oak-chambers.example")
    assert resembling("charnbers.example", known)[0] == "chambers.example"
    for _ in range(5):
        random.shuffle(known)
        assert resembling("chambrs.example", known)[:2] == expected[:2]


def test_of_thousands_of_known_domains_few_are_compared() -> None:
    letters = random.Random(1)

    def invented() -> str:
        label = "".join(letters.choices(string.ascii_lowercase, k=letters.randint(3, 14)))
        return f"{label}.{letters.choice(['example', 'test', 'gov.uk', 'co.uk'])}"

    known = frozenset({invented() for _ in range(2000)} | {"ambleford.gov.uk"})
    index = domain_index.of(known)
    assert "ambleford.gov.uk" in resembling("ambelford.gov.uk", known)
    assert max(len(index.candidates(invented())) for _ in range(200)) < 20


@pytest.mark.parametrize("domain", ["", ".", "a", "x" * 300, "xn--", "xn--\u00e9", "-.-", "a..b"])
def test_strange_domains_are_borne(domain: str) -> None:
    assert resembling(domain, ["chambers.example", domain]) == ()
    assert isinstance(domains.skeleton(domain), str)
