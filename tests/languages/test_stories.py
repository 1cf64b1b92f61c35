"""Everything that a check says can be told in another language, and nothing hangs on which."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service import run, similarity
from addin_service.addresses import PROBLEMS, readable_domain
from addin_service.catalogues import ENGLISH
from addin_service.checks import CHECKS
from addin_service.checks.reader_keys import _MEND, _SUCCESSOR, _WAYS, SAID
from addin_service.decide import decide
from addin_service.language import Words, say
from addin_service.model import Context, Draft, Finding
from addin_service.policy.schema import Policy
from tests.checks import stories
from tests.checks.test_cases import ALL, BY_NAME, NAMES, found
from tests.checks.test_properties import contexts, drafts, wild_contexts
from tests.languages.pseudo import LETTER, PSEUDO, is_whole, values


def texts(finding: Finding) -> Iterator[str]:
    """What a sender reads of a finding."""
    yield finding.message
    yield finding.advice
    yield from (fact for fact in finding.facts.values() if isinstance(fact, Words))


def plain(value: object) -> str:
    """Everything in a story, in one text."""
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        return "\n".join(map(plain, value))
    return str(value)


def stands_in(value: object, story: dict[str, Any]) -> bool:
    """Whether a value of a text comes from the story: it may be shown without its accents."""
    if isinstance(value, int) or not LETTER.search(str(value)):
        return True
    # Without a word of it, the sender's own domain is the council's.
    whole = f"{plain(story)} council.example".casefold()
    # A known person is shown as "address (Name)", and a domain in another script in either form.
    pieces = str(value).casefold().rstrip(")").split(" (")
    return all(piece in whole or _readable(piece) in whole for piece in pieces)


def _readable(text: str) -> str:
    start, at, domain = text.rpartition("@")
    return f"{start}{at}{readable_domain(domain)}"


@pytest.mark.parametrize(("name", "story"), ALL, ids=NAMES)
def test_what_a_story_says_is_whole_in_another_language(name: str, story: dict[str, Any]) -> None:
    for finding in found(BY_NAME[name], story):
        for text in texts(finding):
            assert is_whole(text), text
            for value in values(text):
                assert stands_in(value, story), (value, text)
        assert len(PSEUDO.tell(finding.message)) > len(finding.message)


@pytest.mark.parametrize(("name", "story"), ALL, ids=NAMES)
def test_what_is_compared_and_kept_knows_no_language(name: str, story: dict[str, Any]) -> None:
    """Ids come of code, address, suggestion and basis; receipts of those, rule, score, reasons."""
    for finding in found(BY_NAME[name], story):
        silent = replace(finding, message="", advice="", facts={})  # type: ignore[arg-type]
        for field in fields(silent):
            assert not _has_words(getattr(silent, field.name)), field.name
        for fact, value in finding.facts.items():
            if isinstance(value, str) and not isinstance(value, Words):
                code = value.replace("-", "").isalpha() and value.islower()
                assert code or stands_in(value, story), fact


def _has_words(value: object) -> bool:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        return any(map(_has_words, value))
    return isinstance(value, Words) and value != ""


def test_what_was_not_looked_at_is_said_whole() -> None:
    def broken(draft: Draft, context: Context) -> Iterator[Finding]:
        raise ValueError

    draft = stories.draft({"to": ["jo@farm.example"]})
    for late in (False, True):
        ran = run.run(draft, Context(), lambda late=late: late, [broken])  # type: ignore[misc]
        assert [list(values(text)) for text in texts(ran.findings[0])] == [[], ["broken"]]
        assert all(is_whole(text) for text in texts(ran.findings[0]))


def test_everything_that_is_said_about_a_key_is_whole() -> None:
    for said in SAID.values():
        for template in (said.message, said.advice):
            text = say(template, who="", address="", since="")
            assert is_whole(text)
    for text in (*_WAYS.values(), _SUCCESSOR, _MEND):
        assert is_whole(text)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_problem_of_an_address_is_whole(problem: str) -> None:
    assert is_whole(PROBLEMS[problem])


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("p.tan@c.example", "p.tann@c.example"),
        ("p.tannn@c.example", "p.tann@c.example"),
        ("p.t@c.example", "p.tann@c.example"),
        ("p.tannett@c.example", "p.tann@c.example"),
        ("p-tann@c.example", "p.tann@c.example"),
        ("p_tann@c.example", "p+tann@c.example"),
        ("ptann@c.example", "p'tann@c.example"),
        ("a.wbeb@c.example", "a.webb@c.example"),
        ("pau1@c.example", "paul@c.example"),
        ("p\u0430ul@c.example", "paul@c.example"),
        ("a@farm.org", "a@farm.org.uk"),
        ("p.tan@chmbers.example", "p.tann@chambers.example"),
        ("a@b.example", "completely.other@place.example"),
        ("a@b.example", "a@b.example"),
    ],
)
def test_every_difference_between_addresses_is_whole(typed: str, suggested: str) -> None:
    said = similarity.difference(typed, suggested)
    assert is_whole(said)
    assert ENGLISH.tell(said) == said
    # A doubled letter names its neighbour: values are pieces of the two, or names of signs.
    assert all(str(value) in f"{typed} {suggested}" for value in values(said))


@given(data=st.data())
@settings(max_examples=100)
def test_whatever_is_sent_is_told_whole_and_judged_alike(data: st.DataObject) -> None:
    """Names may be anything at all: braces, brackets, other scripts."""
    draft = data.draw(drafts())
    context = data.draw(contexts(draft) | wild_contexts(draft))
    english = [finding for check in CHECKS for finding in check(draft, context)]
    for finding in english:
        assert all(map(is_whole, texts(finding)))
        for text in texts(finding):
            assert all(str(value) in PSEUDO.tell(text) for value in values(text))
    made_up = [
        replace(finding, message=PSEUDO.tell(finding.message), advice=PSEUDO.tell(finding.advice))
        for finding in english
    ]
    assert _judged(draft, context, made_up) == _judged(draft, context, english)


def _judged(draft: Draft, context: Context, findings: list[Finding]) -> object:
    """The verdict, without the words."""
    verdict = decide(
        draft, context, findings, Policy(), identify=_identity, now=datetime(2026, 1, 1, tzinfo=UTC)
    )
    judged = [
        (j.id, j.finding.code, j.finding.score, j.severity, j.ask, j.shown, j.outcome)
        for j in verdict.judged
    ]
    return replace(verdict, judged=()), judged


def _identity(finding: Finding) -> str:
    about = finding.about.given if finding.about else None
    return repr((finding.code, about, finding.suggestion, sorted(finding.basis)))
