"""Findings, answers and policy to one verdict. Pure: the only place with an opinion.

What silences what is said in docs/design.md under that heading; each rule there is one here.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from addin_service import addresses
from addin_service.codes import CODES, Code
from addin_service.model import (
    Answer,
    Ask,
    Choice,
    Context,
    Draft,
    Finding,
    Judged,
    Keep,
    Sealing,
    Severity,
    Standing,
    Verdict,
    VerdictWord,
)
from addin_service.policy.schema import Policy

SHORTEST_REASON = 4
"""Letters of a reason; a single key is not one."""

_ORDER = {name: place for place, name in enumerate(CODES)}


def decide(
    draft: Draft,
    context: Context,
    findings: Iterable[Finding],
    policy: Policy,
    *,
    identify: Callable[[Finding], str],
    now: datetime,
    keeps: Sequence[Keep] = (),
    answers: Mapping[str, Answer] | None = None,
    fresh: frozenset[str] = frozenset(),
    sealing_possible: bool = False,
) -> Verdict:
    """The verdict on `draft`.

    `identify` gives a finding its id; `answers` holds the sender's answers by that id, of which
    those in `fresh` came with this very check and are the ones to remember.
    """
    findings = sorted(
        findings, key=lambda f: (_ORDER.get(f.code, 99), f.about.key if f.about else "")
    )
    sensitive = _is_sensitive(findings, policy, draft)
    sealing = _sealing(draft, context, findings, policy, sealing_possible)
    judged = [
        _judge(finding, identify(finding), draft, policy, sensitive, sealing, keeps, answers or {})
        for finding in findings
    ]
    judged = _one_doubt_per_recipient(judged)
    judged.sort(key=lambda j: (-j.severity.rank, j.ask is None, _ORDER.get(j.finding.code, 99)))
    return Verdict(
        _word(judged),
        tuple(judged),
        sealing,
        policy.version,
        sensitive,
        tuple(_remember(judged, fresh, sensitive, now + timedelta(policy.recipients.keep_days))),
    )


def _judge(
    finding: Finding,
    identity: str,
    draft: Draft,
    policy: Policy,
    sensitive: bool,
    sealing: Sealing,
    keeps: Sequence[Keep],
    answers: Mapping[str, Answer],
) -> Judged:
    code = _rule(finding, policy)
    cut = code.sensitive_cut if sensitive and code.sensitive_cut is not None else code.cut
    interrupts = finding.score >= cut
    severity = code.severity if interrupts else Severity.NOTE
    shown = interrupts or finding.score >= code.note_cut
    if finding.code == "recipient.hidden-reader" and not sealing.required:
        shown = False
    if finding.code in sealing.because and not sealing.possible:
        severity = Severity.STOP
        finding = replace(finding, advice=_SEALING_ADVICE)

    def judged(outcome: str, ask: Ask | None = None, **more: object) -> Judged:
        visible = shown and outcome not in ("below-cut", "observed")
        return Judged(identity, finding, severity, ask, visible, outcome, cut, **more)  # type: ignore[arg-type]

    if not shown:
        return judged("below-cut")
    if policy.observes(finding.code, draft.sender.key):
        return judged("observed")
    if severity is Severity.NOTE:
        return judged("noted")
    if _kept_before(finding, code, keeps, sensitive):
        severity = Severity.NOTE
        return judged("kept-before")
    ask = _ask(code, severity, sensitive, finding.code in sealing.because)
    if ask is None:
        return judged("stopped")
    answer = answers.get(identity)
    if answer and _settles(answer, ask, finding):
        reason = answer.value or "" if ask is Ask.REASON else ""
        return judged("answered", answer=answer.choice, reason=reason)
    return judged("asked", ask)


_SEALING_ADVICE = (
    "Sealing is required and is not possible yet. Take out what is sensitive, or send it another "
    "way that your organisation allows."
)


def _rule(finding: Finding, policy: Policy) -> Code:
    code = CODES[finding.code]
    if finding.code == "service.check-failed" and policy.failure.check_failed == "closed":
        code = replace(code, severity=Severity.WARN, override="reason", ask=Ask.REASON)
    return policy.rule(code)


def _ask(code: Code, severity: Severity, sensitive: bool, must_be_sealed: bool) -> Ask | None:
    """What the sender may answer; None where only changing the draft helps."""
    if must_be_sealed or code.override in ("never", "second-person"):
        return None
    if code.override == "reason":
        return Ask.REASON
    if severity is Severity.STOP:
        return None
    return Ask.RETYPE if sensitive and code.doubt else code.ask or Ask.ACKNOWLEDGE


def _settles(answer: Answer, ask: Ask, finding: Finding) -> bool:
    """Whether this answer is one to this question."""
    if answer.settled:
        # A retyped address was compared when it was typed; it settles a mere "keep" as well.
        return answer.choice.value == ask.value or (
            ask is Ask.CHOOSE and answer.choice in (Choice.KEEP, Choice.RETYPE)
        )
    if ask is Ask.RETYPE:
        if answer.choice is not Choice.RETYPE or finding.about is None:
            return False
        try:
            return addresses.parse(answer.value or "").key == finding.about.key
        except addresses.NotAnAddress:
            return False
    if ask is Ask.REASON:
        letters = re.sub(r"\W", "", answer.value or "")
        return answer.choice is Choice.REASON and len(letters) >= SHORTEST_REASON
    return answer.choice.value == ("keep" if ask is Ask.CHOOSE else ask.value)


def _kept_before(finding: Finding, code: Code, keeps: Sequence[Keep], sensitive: bool) -> bool:
    """Whether an earlier answer still covers this; an ordinary one does not on sensitive mail."""
    if code.remembers != "recipient" or finding.about is None:
        return False
    return any(
        keep.kind == "recipient"
        and keep.key == finding.about.key
        and (keep.sensitive or not sensitive)
        for keep in keeps
    )


def _one_doubt_per_recipient(judged: list[Judged]) -> list[Judged]:
    """Of several doubts about one recipient only the gravest is asked; the others are covered.

    While an address itself is in doubt, "its domain is new" and "nobody knows it" say nothing more.
    """
    doubted: dict[str, Judged] = {}
    doubted_domains: set[str] = set()
    for item in judged:
        about = item.finding.about
        if about is None or not CODES[item.finding.code].doubt or item.severity is Severity.NOTE:
            continue
        if about.address and item.outcome in ("asked", "answered"):
            doubted_domains.add(about.address.domain)
        best = doubted.get(about.key)
        if best is None or _gravity(item) > _gravity(best):
            doubted[about.key] = item

    def settled(item: Judged) -> Judged:
        about = item.finding.about
        if about is None or not item.shown or item.outcome == "stopped":
            return item
        code = CODES[item.finding.code]
        best = doubted.get(about.key)
        by_doubt = code.doubt and best is not None and best is not item
        by_domain = (
            code.remembers == "domain"
            and about.address is not None
            and about.address.domain in doubted_domains
        )
        if by_doubt or by_domain:
            return replace(item, ask=None, shown=False, outcome="covered", severity=Severity.NOTE)
        return item

    return [settled(item) for item in judged]


def _gravity(item: Judged) -> tuple[int, bool, float, int]:
    return (
        item.severity.rank,
        item.finding.suggestion is not None,
        item.finding.score,
        -_ORDER.get(item.finding.code, 99),
    )


def _is_sensitive(findings: Iterable[Finding], policy: Policy, draft: Draft) -> bool:
    return any(
        finding.code == "content.sensitive"
        and finding.score >= policy.rule(CODES[finding.code]).cut
        and not policy.observes(finding.code, draft.sender.key)
        for finding in findings
    )


def _sealing(
    draft: Draft, context: Context, findings: Iterable[Finding], policy: Policy, possible: bool
) -> Sealing:
    """Whether the message must be sealed: its content demands it, and it leaves safe ground."""
    because = sorted(
        {
            finding.code
            for finding in findings
            if finding.code in policy.sealing.required_for
            and finding.score >= policy.rule(CODES[finding.code]).cut
            and not policy.observes(finding.code, draft.sender.key)
        }
    )
    safe = {Standing.ASSURED}
    if policy.sealing.applies_to == "outside":
        safe.add(Standing.OWN)
    leaves = any(context.standing(recipient) not in safe for recipient in draft.recipients)
    required = bool(because) and leaves
    return Sealing(required, tuple(because) if required else (), possible)


def _word(judged: Iterable[Judged]) -> VerdictWord:
    outcomes = {item.outcome for item in judged}
    if "stopped" in outcomes:
        return VerdictWord.BLOCK
    return VerdictWord.CONFIRM if "asked" in outcomes else VerdictWord.ALLOW


def _remember(
    judged: Iterable[Judged], fresh: frozenset[str], sensitive: bool, until: datetime
) -> Iterable[Keep]:
    for item in judged:
        about = item.finding.about
        if item.id not in fresh or item.answer is None or about is None or about.address is None:
            continue
        remembers = CODES[item.finding.code].remembers
        if remembers == "recipient":
            yield Keep("recipient", about.key, sensitive, until)
        if remembers is not None:
            yield Keep("domain", about.address.domain, False, until)
