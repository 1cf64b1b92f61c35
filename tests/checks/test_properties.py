"""What holds for every check on every draft, however strange."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service import addresses, identifiers, names, text
from addin_service.checks import CHECKS, Check, markings
from addin_service.checks.lookalike_domain import lookalike_domain
from addin_service.codes import CODES
from addin_service.contexts import DomainEntries, assemble
from addin_service.model import (
    Address,
    Attachment,
    Contact,
    ContentRules,
    Context,
    Draft,
    Finding,
    Json,
    Recipient,
    Standing,
)
from addin_service.people import People

LOCALS = st.sampled_from(
    [
        "p.tann",
        "p.tan",
        "ptann",
        "P.TANN",
        "p.tann+x",
        "bmiller",
        "bmiler",
        "info",
        "team1",
        "team2",
        "hs",
        "a",
        "zoë",
        "o'dell",
        "1",
    ]
)
DOMAINS = st.sampled_from(
    [
        "chambers.example",
        "charnbers.example",
        "CHAMBERS.example",
        "chambers.test",
        "mail.chambers.example",
        "council.example",
        "counil.example",
        "gmail.com",
        "xn--chmbers-3fg.example",
        "chambers.example.mail.test",
        "x.example",
        "ambleford.gov.uk",
        "ambleford.org.uk",
        "example.test",
        "gov.uk",
    ]
)
NAMES = st.one_of(
    st.sampled_from(
        ["", "Priya Tann", "Tann, Priya", "Bob", "p.tann@chambers.example", "Ms", "(x)"]
    ),
    st.text(max_size=40),
)
ADDRESS = st.builds(lambda local, domain: f"{local}@{domain}", LOCALS, DOMAINS)
GIVEN = st.one_of(ADDRESS, st.text(max_size=30))
RECIPIENT = st.builds(addresses.recipient, st.sampled_from(["to", "cc", "bcc"]), GIVEN, NAMES)
TEXT = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "Dear Priya,",
                "Hi Bob and Priya",
                "please find attached",
                "> quoted",
                "-- ",
                "On Monday Sam wrote:",
                "From: Sam",
                "To: Ann",
                "Subject: x",
                "OFFICIAL-SENSITIVE",
                "NHS 943 476 5919",
                "AB123456C",
                "____________",
                "",
                "\u202e\u200b",
                "\x00",
                "Priya,",
            ]
        ),
        max_size=12,
    ).map("\n".join),
)
FILES = st.builds(Attachment, NAMES | st.just("Priya_Tann.pdf"), st.integers(0, 9), st.just("x"))
CONTACT = st.builds(
    Contact,
    ADDRESS.map(addresses.parse),
    NAMES,
    vouched=st.booleans(),
    blocked=st.booleans(),
    answered=st.booleans(),
    sent=st.integers(0, 40),
    heard=st.integers(0, 9),
)
RULES = ContentRules(
    ("OFFICIAL-SENSITIVE", "SECRET"),
    ("child protection",),
    ("nhs", "ni", "iban", "card"),
    (r"SC-\d{4}-\d+",),
    3,
)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Drafts with each mailbox once, as the door makes them."""
    recipients = {r.key: r for r in draw(st.lists(RECIPIENT, max_size=8))}
    body = draw(TEXT)
    return Draft(
        Address("ann.lee", "council.example"),
        draw(NAMES),
        tuple(recipients.values()),
        draw(TEXT),
        body,
        text.own_words(body),
        tuple(draw(st.lists(FILES, max_size=3))),
        None,
        draw(st.sampled_from(["", "Official-Sensitive", "\u202e"])),
    )


@st.composite
def contexts(draw: st.DrawFn, draft: Draft) -> Context:
    """Contexts as they are gathered."""
    contacts = draw(st.lists(CONTACT, max_size=10))
    some = st.frozensets(DOMAINS.map(str.lower), max_size=3)
    return assemble(
        draft,
        People(c for c in contacts if c.vouched or c.blocked),
        People(replace(c, vouched=False, blocked=False) for c in contacts),
        DomainEntries(
            draw(some), draw(some), draw(some), dict.fromkeys(draw(some), "x"), draw(some)
        ),
        RULES,
        frozenset(contact.key for contact in contacts if contact.answered),
    )


@st.composite
def wild_contexts(draw: st.DrawFn, draft: Draft) -> Context:
    """Contexts that no gathering would make: every check must bear them all the same."""
    people = st.lists(CONTACT, max_size=3).map(tuple)
    keys = [recipient.key for recipient in draft.recipients]
    return Context(
        contacts={key: draw(CONTACT) for key in keys if draw(st.booleans())},
        near={key: draw(people) for key in keys},
        near_domains={
            key.rpartition("@")[2]: tuple(draw(st.lists(DOMAINS, max_size=3))) for key in keys
        },
        at_near_domains={key: draw(people) for key in keys},
        named={key: draw(people) for key in sorted(names.mentioned(draft))[:5]},
        blocked_domains={"chambers.example": "x", "": "", "uk": "y"},
        content=RULES,
    )


def told(finding: Finding) -> tuple[object, ...]:
    about = finding.about and (finding.about.key, finding.about.field)
    return finding.code, finding.score, about, finding.suggestion, finding.message, finding.basis


def as_json(value: Json) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and as_json(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(as_json, value))
    return value is None or isinstance(value, (bool, int, float, str))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_check_never_raises_and_never_depends_on_order(check: Check, data: st.DataObject) -> None:
    draft = data.draw(drafts())
    context = data.draw(contexts(draft) | wild_contexts(draft))
    found = list(check(draft, context))
    other = replace(draft, recipients=tuple(data.draw(st.permutations(draft.recipients))))
    assert set(map(told, check(other, context))) == set(map(told, found))
    for finding in found:
        assert finding.code in CODES
        assert 0 <= finding.score <= 1
        assert finding.message
        assert finding.rule
        assert as_json(dict(finding.facts))
        assert finding.about is None or finding.about in draft.recipients


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_nobody_blocked_and_nothing_but_the_trusted_or_used_is_suggested(
    data: st.DataObject,
) -> None:
    draft = data.draw(drafts())
    context = data.draw(contexts(draft))
    people = [
        contact
        for table in (context.near, context.at_near_domains, context.named)
        for contacts in table.values()
        for contact in contacts
    ]
    people += [
        contact
        for by_channel in context.alike.values()
        for contacts in by_channel.values()
        for contact in contacts
    ]
    allowed = {
        str(c.address) for c in people if not c.blocked and (c.trusted or c.sent + c.heard >= 2)
    }
    for check in CHECKS:
        for finding in check(draft, context):
            if finding.suggestion:
                assert finding.suggestion.address in allowed
                assert finding.about
                assert finding.suggestion.address != str(finding.about.address)


@given(name=st.text(max_size=20), sent=st.integers(0, 5000), heard=st.integers(0, 5000))
def test_invariant_6_use_never_silences_a_doubt_near_a_vouched_address(
    name: str, sent: int, heard: int
) -> None:
    typed = addresses.parse("p.tan@chambers.example")
    draft = Draft(
        Address("a", "council.example"), "", (Recipient("to", str(typed), "", typed),), "", "", ""
    )
    context = assemble(
        draft,
        People([Contact(addresses.parse("p.tann@chambers.example"), "Priya Tann", vouched=True)]),
        People([Contact(typed, name, sent=sent, heard=heard)]),
    )
    doubts = [f for check in CHECKS for f in check(draft, context) if CODES[f.code].doubt]
    doubt = next(f for f in doubts if f.code == "recipient.near-known-address")
    assert doubt.score >= CODES[doubt.code].cut


@pytest.mark.parametrize("sent", [0, 1, 50])
def test_invariant_6_use_never_silences_a_lookalike_of_a_vouched_domain(sent: int) -> None:
    typed = addresses.parse("clerk@charnbers.example")
    draft = Draft(
        Address("a", "council.example"), "", (Recipient("to", str(typed), "", typed),), "", "", ""
    )
    context = Context(
        contacts={typed.key: Contact(typed, sent=sent)} if sent else {},
        domains={
            "charnbers.example": Standing.USED if sent else Standing.UNKNOWN,
            "chambers.example": Standing.VOUCHED,
        },
        near_domains={"charnbers.example": ("chambers.example",)},
    )
    (found,) = lookalike_domain(draft, context)
    assert found.score >= CODES[found.code].cut


def adversaries(size: int = 100_000) -> Iterator[tuple[str, str]]:
    """Long texts that make careless expressions slow."""
    for name, piece in {
        "letters": "a",
        "blanks": " ",
        "new lines": "\n",
        "quotes": ">",
        "digits": "1",
        "spaced digits": "1 ",
        "iban": "GB82 ",
        "capitals": "OFFICIAL-",
        "brackets": "[(",
        "on": "On ",
        "on lines": "On x\n",
        "from": "From: \n",
        "wrote": "wrote",
        "dear": "Dear ",
        "attached": "attached ",
        "find": "find a attached to ",
        "i": "i have ",
        "underscores": "_",
        "dashes": "- ",
        "at": "a@",
        "ni": "AB12",
        "names": "Priya Tann,",
        "marks": "e\u0301",
        "confidential": "confidential intended recipient ",
        "accents": "\u00e9",
        "words": "child protection ",
        "hyphens": "SECRET -\t",
        "dots": ". ",
    }.items():
        yield name, (piece * size)[:size]


@pytest.mark.parametrize(("name", "long"), list(adversaries()), ids=[n for n, _ in adversaries()])
def test_no_text_makes_a_check_slow(name: str, long: str) -> None:
    recipient = addresses.recipient("to", "jo@farm.example", long)
    started = time.perf_counter()
    draft = Draft(
        Address("ann.lee", "council.example"),
        long,
        (recipient,),
        long,
        long,
        text.own_words(long),
        (Attachment(long, 1, "x"),),
        None,
        long,
    )
    context = assemble(draft, People([]), People([]), content=RULES)
    for check in CHECKS:
        list(check(draft, context))
    # About 50 ms where this was written; an expression that backtracks takes minutes.
    assert time.perf_counter() - started < 3


EXPRESSIONS = {
    f"{module.__name__}.{name}": found
    for module in (text, identifiers, names, markings)
    for name, found in vars(module).items()
    if isinstance(found, re.Pattern) and name != "_TOKENS"
}


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_no_text_makes_an_expression_slow(expression: re.Pattern[str]) -> None:
    for name, long in adversaries(20_000):
        started = time.perf_counter()
        for _ in expression.finditer(long):
            pass
        assert time.perf_counter() - started < 2, name
