"""Every story in `tests/cases`, and what holds for all of them."""

import re
from typing import Any

import pytest

from addin_service import addresses
from addin_service.checks import CHECKS, Check
from addin_service.codes import CODES
from addin_service.model import Finding
from tests.checks import stories

BY_NAME = {check.__name__: check for check in CHECKS}
TOLD = [name for name in BY_NAME if (stories.CASES / f"{name}.toml").exists()]
"""A check without a story file fails `test_every_code_has_one_check_and_one_story_file`."""
ALL = [(name, story) for name in TOLD for story in stories.stories(name)]
NAMES = [f"{name}: {story['story']}" for name, story in ALL]


def found(check: Check, story: dict[str, Any]) -> list[Finding]:
    draft = stories.draft(story)
    return list(check(draft, stories.context(story, draft)))


@pytest.mark.parametrize(("name", "story"), ALL, ids=NAMES)
def test_a_story_ends_as_it_says(name: str, story: dict[str, Any]) -> None:
    assert set(story) <= stories.KEYS
    findings = found(BY_NAME[name], story)
    assert sorted(map(stories.said, findings)) == sorted(story["expect"])
    if "rule" in story:
        assert [finding.rule for finding in findings] == [story["rule"]]
    if "says" in story:
        assert all(story["says"] in finding.message for finding in findings)


def _shouted(person: str) -> str:
    """The same recipient with its domain in capitals, where it is an address."""
    if addresses.recipient("to", stories.split(person)[1]).problem:
        return person
    return re.sub(r"(?<=@)[^@>]*(?=>?$)", lambda domain: domain.group().upper(), person)


def told(findings: list[Finding]) -> set[tuple[object, ...]]:
    return {
        (f.code, f.score, f.about and f.about.key, f.suggestion, f.rule, f.basis, f.message)
        for f in findings
    }


@pytest.mark.parametrize(("name", "story"), ALL, ids=NAMES)
def test_invariant_7_neither_order_nor_case_changes_what_is_found(
    name: str, story: dict[str, Any]
) -> None:
    other = {**story}
    for field in ("to", "cc", "bcc"):
        other[field] = [_shouted(person) for person in reversed(story.get(field, []))]
    check = BY_NAME[name]
    assert told(found(check, other)) == told(found(check, story))


@pytest.mark.parametrize(("name", "story"), ALL, ids=NAMES)
def test_a_finding_speaks_plainly(name: str, story: dict[str, Any]) -> None:
    for finding in found(BY_NAME[name], story):
        assert finding.message.endswith((".", "?"))
        assert finding.advice.endswith(".")
        assert 0 <= finding.score <= 1
        assert finding.rule
        words = f"{finding.message} {finding.advice}".lower()
        for jargon in ("levenshtein", "threshold", "score", "invalid", "homoglyph", "vouched"):
            assert jargon not in words


def test_every_code_has_one_check_and_one_story_file() -> None:
    expected = {code for code in CODES if not code.startswith("service.")}
    names = [code for name in BY_NAME for code in _codes(name)]
    assert sorted(names) == sorted(expected)


def _codes(name: str) -> set[str]:
    """The codes that a check of this name finds, by its stories: one, or a family with one prefix."""
    codes = {
        line.partition(" ")[0].rstrip(",")
        for story in stories.stories(name)
        for line in story["expect"]
    }
    families = {code if not code.startswith("key.") else "key" for code in codes}
    assert len(families) == 1, f"{name} needs stories that expect its one code"
    return codes


@pytest.mark.parametrize("name", BY_NAME)
def test_every_check_has_stories_that_must_not_fire(name: str) -> None:
    told = stories.stories(name)
    assert len(told) >= 12
    assert sum(not story["expect"] for story in told) >= 3
