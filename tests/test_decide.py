"""Findings, answers and policy to a verdict: a table of rows, no database, no clock."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addin_service import addresses
from addin_service.decide import Said, decide
from addin_service.model import (
    Answer,
    Choice,
    Context,
    Draft,
    Finding,
    Keep,
    Reader,
    Standing,
    Suggestion,
    Verdict,
)
from addin_service.policy.schema import Policy

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OUT = addresses.recipient("to", "kit@supplier.example")
IN = addresses.recipient("to", "jo@council.example")
ASSURED = addresses.recipient("to", "desk@court.example")
DOMAINS = {
    "supplier.example": Standing.UNKNOWN,
    "council.example": Standing.OWN,
    "court.example": Standing.ASSURED,
}


def verdict(
    *findings: Finding,
    policy: Mapping[str, Any] | None = None,
    answers: tuple[Answer, ...] = (),
    keeps: tuple[Keep, ...] = (),
    possible: bool = False,
    to: tuple[Any, ...] = (OUT,),
    state: str = "",
) -> Verdict:
    draft = Draft(addresses.parse("ann@council.example"), "", to, "", "", "")
    return decide(
        draft,
        Context(domains=DOMAINS, readers=tuple(Reader(r.address, state) for r in to if state)),
        findings,
        Policy.model_validate(policy or {}),
        identify=lambda finding: f"{finding.code} {finding.about.key if finding.about else ''}",
        now=NOW,
        said=Said(
            keeps,
            {answer.finding: answer for answer in answers},
            frozenset(answer.finding for answer in answers),
        ),
        can_seal=possible,
    )


def near(score: float = 0.9) -> Finding:
    return Finding(
        "recipient.near-known-address", score, "", about=OUT,
        suggestion=Suggestion("kim@supplier.example"),
    )  # fmt: skip


SENSITIVE = Finding("content.sensitive", 0.9, "")
FORGOTTEN = Finding("attachment.forgotten", 0.7, "")
EXTERNAL = Finding("recipient.external", 1.0, "", about=OUT)
FIRST = Finding("recipient.first-contact", 0.5, "", about=OUT)
MISMATCH = Finding("recipient.name-mismatch", 0.8, "", about=OUT)
BLOCKED = Finding("recipient.blocked", 1.0, "", about=OUT)
FAILED = Finding("service.check-failed", 1.0, "", rule="exposed")
NEAR_ID = "recipient.near-known-address kit@supplier.example"

RULE = "recipient.near-known-address"
TABLE: list[tuple[str, Verdict, str, list[str]]] = [
    ("nothing found", verdict(), "allow", []),
    ("a doubt", verdict(near()), "confirm", ["asked"]),
    ("a doubt below the cut is a quiet line", verdict(near(0.05)), "allow", ["noted"]),
    ("a doubt below both cuts is only recorded", verdict(near(0.01)), "allow", ["below-cut"]),
    ("a recipient that is forbidden", verdict(BLOCKED), "block", ["stopped"]),
    ("a known outside domain", verdict(Finding("recipient.external", 0.6, "", about=OUT)), "allow", ["noted"]),
    ("an unknown outside domain", verdict(EXTERNAL), "confirm", ["asked"]),
    ("external is only noted", verdict(EXTERNAL, policy={"recipients": {"external": "note"}}), "allow", ["noted"]),
    ("external is asked every time",
     verdict(Finding("recipient.external", 0.6, "", about=OUT), policy={"recipients": {"external": "ask"}}), "confirm", ["asked"]),
    ("everything is only observed", verdict(near(), BLOCKED, policy={"mode": "observe"}), "allow", ["observed", "observed"]),
    ("a pilot sender is enforced",
     verdict(near(), policy={"mode": "observe", "pilot": ("ann@council.example",)}), "confirm", ["asked"]),
    ("one code is only observed", verdict(near(), policy={"rules": {RULE: {"mode": "observe"}}}), "allow", ["observed"]),
    ("a code turned to a note", verdict(near(), policy={"rules": {RULE: {"severity": "note"}}}), "allow", ["noted"]),
    ("a code turned to a stop", verdict(near(), policy={"rules": {RULE: {"severity": "stop"}}}), "block", ["stopped"]),
    ("a stop that a reason overrides",
     verdict(near(), policy={"rules": {RULE: {"severity": "stop", "override": "reason"}}}), "confirm", ["asked"]),
    ("a cut that is raised", verdict(near(), policy={"rules": {RULE: {"cut": 0.95}}}), "allow", ["noted"]),
    ("a doubt nobody may answer", verdict(near(), policy={"rules": {RULE: {"override": "never"}}}), "block", ["stopped"]),
    ("a second person is needed", verdict(near(), policy={"rules": {RULE: {"override": "second-person"}}}), "block", ["stopped"]),
    ("of two doubts about one person one is asked", verdict(near(), MISMATCH), "confirm", ["asked", "covered"]),
    ("a doubted address makes its new domain no question", verdict(near(), EXTERNAL), "confirm", ["asked", "covered"]),
    ("sensitive and inside", verdict(SENSITIVE, to=(IN,)), "allow", ["noted"]),
    ("sensitive and outside", verdict(SENSITIVE), "block", ["stopped"]),
    ("sensitive over an assured route", verdict(SENSITIVE, to=(ASSURED,)), "allow", ["noted"]),
    ("sensitive, one of two outside", verdict(SENSITIVE, to=(IN, OUT)), "block", ["stopped"]),
    ("sensitive inside where everyone counts",
     verdict(SENSITIVE, to=(IN,), policy={"sealing": {"applies_to": "everyone"}}), "block", ["stopped"]),
    ("sensitive, but sealing can be done", verdict(SENSITIVE, possible=True, state="verified"), "allow", ["noted"]),
    ("sensitive, and a reader of whom nothing is known", verdict(SENSITIVE, possible=True), "block", ["stopped"]),
    ("sensitive, and a key that nobody confirmed", verdict(SENSITIVE, possible=True, state="unverified"), "block", ["stopped"]),
    ("sensitive where nothing demands sealing", verdict(SENSITIVE, policy={"sealing": {"required_for": ()}}), "allow", ["noted"]),
    ("sensitive but only observed", verdict(SENSITIVE, policy={"rules": {"content.sensitive": {"mode": "observe"}}}), "allow", ["observed"]),
    ("a first contact", verdict(FIRST), "allow", ["noted"]),
    ("a check that broke, closed", verdict(FAILED), "confirm", ["asked"]),
    ("a check that broke, open", verdict(FAILED, policy={"failure": {"check_failed": "open"}}), "allow", ["noted"]),
    ("a forgotten attachment", verdict(FORGOTTEN), "confirm", ["asked"]),
    ("a forgotten attachment, acknowledged",
     verdict(FORGOTTEN, answers=(Answer("attachment.forgotten ", Choice.ACKNOWLEDGE),)), "allow", ["answered"]),
    ("an answer of another kind", verdict(FORGOTTEN, answers=(Answer("attachment.forgotten ", Choice.KEEP),)), "confirm", ["asked"]),
    ("an answer to another finding", verdict(near(), answers=(Answer("else", Choice.KEEP),)), "confirm", ["asked"]),
    ("a kept doubt", verdict(near(), answers=(Answer(NEAR_ID, Choice.KEEP),)), "allow", ["answered"]),
    ("a stop that cannot be answered", verdict(BLOCKED, answers=(Answer("recipient.blocked kit@supplier.example", Choice.KEEP),)), "block", ["stopped"]),
    ("kept before", verdict(near(), keeps=(Keep("recipient", OUT.key, False, NOW),)), "allow", ["kept-before"]),
    ("somebody else kept before", verdict(near(), keeps=(Keep("recipient", IN.key, False, NOW),)), "confirm", ["asked"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "found", "word", "outcomes"), TABLE, ids=[row[0] for row in TABLE]
)
def test_verdict(story: str, found: Verdict, word: str, outcomes: list[str]) -> None:
    assert found.word == word, story
    assert sorted(j.outcome for j in found.judged) == sorted(outcomes)


@pytest.mark.parametrize(
    ("value", "settled"),
    [("", False), (None, False), ("ok", False), ("....", False), ("agreed by phone", True)],
)
def test_a_reason_has_words(value: str | None, settled: bool) -> None:
    found = verdict(FAILED, answers=(Answer("service.check-failed ", Choice.REASON, value),))
    assert (found.word == "allow") is settled
    assert found.judged[0].said == (value if settled else "")


def test_what_is_remembered_is_what_was_answered_just_now() -> None:
    answer = Answer(NEAR_ID, Choice.KEEP)
    remembered = verdict(near(), answers=(answer,)).remember
    assert {(k.kind, k.key, k.sensitive) for k in remembered} == {
        ("recipient", OUT.key, False),
        ("domain", "supplier.example", False),
    }
    assert {k.until for k in remembered} == {NOW + timedelta(90)}


def test_an_answer_from_an_earlier_check_is_not_remembered_again() -> None:
    draft = Draft(addresses.parse("ann@council.example"), "", (OUT,), "", "", "")
    found = decide(
        draft, Context(domains=DOMAINS), [near()], Policy(),
        identify=lambda _: "id", now=NOW,
        said=Said(answers={"id": Answer("id", Choice.KEEP, settled=True)}),
    )  # fmt: skip
    assert found.word == "allow"
    assert not found.remember


def test_the_gravest_comes_first() -> None:
    found = verdict(FORGOTTEN, FIRST, BLOCKED, near())
    ranks = [j.severity.rank for j in found.shown]
    assert ranks == sorted(ranks, reverse=True)


def test_the_order_of_findings_never_changes_the_verdict() -> None:
    """Invariant 7, for the deciding half."""
    findings = (near(), MISMATCH, EXTERNAL, FIRST, SENSITIVE, FORGOTTEN)
    forwards, backwards = verdict(*findings), verdict(*reversed(findings))
    assert [(j.id, j.outcome) for j in forwards.judged] == [
        (j.id, j.outcome) for j in backwards.judged
    ]
