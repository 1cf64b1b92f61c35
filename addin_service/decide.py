"""Findings, answers and policy to one verdict. Pure: the only place with an opinion.

What silences what is said in docs/design.md under that heading; each rule there is one here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from addin_service.answers import method_in, settles
from addin_service.codes import CODES, Code
from addin_service.language import say
from addin_service.model import (
    Answer,
    Ask,
    Choice,
    Context,
    Draft,
    Finding,
    Json,
    Judged,
    Keep,
    Sealing,
    Severity,
    Standing,
    Verdict,
    VerdictWord,
)
from addin_service.policy.schema import Policy
from addin_service.sealing_stage import ask_for_name, confirmations, stage, typed_once

_ORDER = {name: place for place, name in enumerate(CODES)}


@dataclass(frozen=True, slots=True)
class Said:
    """What the sender said, now and before.

    `answers` holds answers by the id of the finding, of which those in `fresh` came with this very
    check; `tries` counts wrong answers where that matters.
    """

    keeps: Sequence[Keep] = ()
    answers: Mapping[str, Answer] | None = None
    fresh: frozenset[str] = frozenset()
    tries: Mapping[str, int] | None = None

    def answer(self, identity: str) -> Answer | None:
        """The answer to the finding with this id."""
        return (self.answers or {}).get(identity)

    def wrong(self, identity: str) -> int:
        """Wrong answers to it before this check."""
        return (self.tries or {}).get(identity, 0)


@dataclass(frozen=True, slots=True)
class _Case:
    """What does not change while the findings of one draft are judged."""

    draft: Draft
    policy: Policy
    said: Said
    sensitive: bool


def decide(
    draft: Draft,
    context: Context,
    findings: Iterable[Finding],
    policy: Policy,
    *,
    identify: Callable[[Finding], str],
    now: datetime,
    said: Said = Said(),
    can_seal: bool = False,
    seal_asked: bool = False,
) -> Verdict:
    """The verdict on `draft`.

    `identify` gives a finding its id; `can_seal` whether this installation can seal at all;
    `seal_asked` whether the sender wants it sealed where nothing demands it.
    """
    findings = sorted(
        findings, key=lambda f: (_ORDER.get(f.code, 99), f.about.key if f.about else "")
    )
    case = _Case(draft, policy, said, _is_sensitive(findings, policy, draft))
    sealing = _sealing(case, context, findings, seal_asked)
    judged = [_judge(finding, identify(finding), case) for finding in findings]
    judged = typed_once(_one_doubt_per_recipient(judged))
    if sealing.required and not can_seal:
        judged = _stopped_unsealed(judged, sealing)
    everyone = {r.key for r in context.readers} >= {r.key for r in draft.recipients}
    staged = stage(judged, context.readers, sealing, can_seal and everyone)
    judged = staged.judged
    if sealing.required and _waived(judged):
        sealing = replace(sealing, required=False, waived=True)
    if sealing.required and not staged.possible and _word(judged) is VerdictWord.ALLOW:
        judged = _stopped_unsealed(judged, sealing)
    judged.sort(key=lambda j: (-j.severity.rank, j.ask is None, _ORDER.get(j.finding.code, 99)))
    until = now + timedelta(policy.recipients.keep_days)
    fresh = [j for j in judged if j.id in said.fresh]
    return Verdict(
        _word(judged),
        tuple(judged),
        replace(sealing, possible=staged.possible),
        policy.version,
        case.sensitive,
        tuple(_remember(fresh, case.sensitive, until)),
        tuple(confirmations(fresh)),
        staged.readers,
        {j.id: j.wrong for j in judged if j.wrong},
    )


def _judge(finding: Finding, identity: str, case: _Case) -> Judged:
    code = _rule(finding, case.policy)
    sensitive = case.sensitive and code.sensitive_cut is not None
    cut = code.sensitive_cut if sensitive and code.sensitive_cut is not None else code.cut
    interrupts = finding.score >= cut
    severity = code.severity if interrupts else Severity.NOTE
    item = Judged(identity, finding, severity, None, True, "noted", cut)
    if not interrupts and finding.score < code.note_cut:
        return replace(item, shown=False, outcome="below-cut")
    if case.policy.observes(finding.code, case.draft.sender.key):
        return replace(item, shown=False, outcome="observed")
    if severity is Severity.NOTE:
        return item
    if _kept_before(finding, code, case) and not case.said.answer(identity):
        return replace(item, severity=Severity.NOTE, outcome="kept-before")
    ask = _ask(code, severity, case.sensitive)
    if ask is Ask.CONFIRM_KEY:
        item = replace(item, finding=_compared(finding, case.sensitive))
    return _asked(item, ask, case.said)


def _asked(item: Judged, ask: Ask | None, said: Said) -> Judged:
    """The finding with its question, or with the answer that settles it."""
    if ask is None:
        return replace(item, outcome="stopped")
    wrong = said.wrong(item.id)
    answer = said.answer(item.id)
    if ask is Ask.NAME:
        ask = ask_for_name(wrong)
    if answer and settles(answer, ask, item.finding):
        return replace(
            item, outcome="answered", answer=answer.choice, said=_kept_words(answer), wrong=wrong
        )
    if ask is Ask.NAME:
        wrong += item.id in said.fresh
        ask = ask_for_name(wrong)
    return replace(item, outcome="asked", ask=ask, wrong=wrong)


def _compared(finding: Finding, sensitive: bool) -> Finding:
    """The question about a key, with the ways of comparing it that count for this message.

    That signed mail came shows that the mailbox holds the key, not who sits at the mailbox.
    """
    ways: list[Json] = ["phone", "in-person"]
    if not sensitive:
        ways.append("signed-mail")
    return replace(finding, facts={**finding.facts, "methods": ways})


def _kept_words(answer: Answer) -> str:
    """What of the answer is kept: a reason, or the method. Never a name or what was typed."""
    value = answer.value or ""
    if answer.settled or answer.choice.value == "reason":
        return value
    return method_in(value)[0] if answer.choice.value == "confirm-key" else ""


_SEALING_ADVICE = say(
    "It has to be sealed, and that cannot be done here. Take out what is sensitive, or send it "
    "another way that your organisation allows."
)


def _stopped_unsealed(judged: Iterable[Judged], sealing: Sealing) -> list[Judged]:
    """What demands sealing becomes a halt: the message may not leave in clear."""
    return [
        replace(
            item,
            severity=Severity.STOP,
            outcome="stopped",
            shown=True,
            finding=replace(item.finding, advice=_SEALING_ADVICE),
        )
        if item.finding.code in sealing.because
        else item
        for item in judged
    ]


def _rule(finding: Finding, policy: Policy) -> Code:
    code = CODES[finding.code]
    if finding.code == "service.check-failed" and policy.failure.check_failed == "closed":
        code = replace(code, severity=Severity.WARN, override="reason", ask=Ask.REASON)
    return policy.rule(code)


def _ask(code: Code, severity: Severity, sensitive: bool) -> Ask | None:
    """What the sender may answer; None where only changing the draft helps."""
    if code.override in ("never", "second-person"):
        return None
    if code.override == "reason":
        return Ask.REASON
    if severity is Severity.STOP:
        return None
    return Ask.RETYPE if sensitive and code.doubt else code.ask or Ask.ACKNOWLEDGE


def _kept_before(finding: Finding, code: Code, case: _Case) -> bool:
    """Whether an earlier answer still covers this; an ordinary one does not on sensitive mail."""
    if code.remembers != "recipient" or finding.about is None:
        return False
    return any(
        keep.kind == "recipient"
        and keep.key == finding.about.key
        and (keep.sensitive or not case.sensitive)
        for keep in case.said.keeps
    )


def _one_doubt_per_recipient(judged: list[Judged]) -> list[Judged]:
    """Of several doubts about one recipient only the gravest is shown; the others are covered.

    While an address itself is in doubt, "its domain is new" and "nobody knows it" say nothing more.
    """
    doubted: dict[str, Judged] = {}
    doubted_domains: set[str] = set()
    for item in judged:
        about = item.finding.about
        if about is None or not CODES[item.finding.code].doubt or not item.shown:
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


def _sealing(case: _Case, context: Context, findings: Iterable[Finding], asked: bool) -> Sealing:
    """Whether the message must be sealed: its content demands it, and it leaves safe ground."""
    policy = case.policy
    because = sorted(
        {
            finding.code
            for finding in findings
            if finding.code in policy.sealing.required_for
            and finding.score >= policy.rule(CODES[finding.code]).cut
            and not policy.observes(finding.code, case.draft.sender.key)
        }
    )
    safe = {Standing.ASSURED}
    if policy.sealing.applies_to == "outside":
        safe.add(Standing.OWN)
    leaves = any(context.standing(recipient) not in safe for recipient in case.draft.recipients)
    if because and leaves:
        return Sealing(True, tuple(because))
    return Sealing(asked, ("sender",) if asked else ())


def _waived(judged: Iterable[Judged]) -> bool:
    """Whether the sender gave a reason for sending in clear, where the policy lets them."""
    return any(j.answer is Choice.REASON for j in judged if j.finding.code.startswith("key."))


def _word(judged: Iterable[Judged]) -> VerdictWord:
    outcomes = {item.outcome for item in judged}
    if "stopped" in outcomes:
        return VerdictWord.BLOCK
    return VerdictWord.CONFIRM if "asked" in outcomes else VerdictWord.ALLOW


def _remember(fresh: Iterable[Judged], sensitive: bool, until: datetime) -> Iterable[Keep]:
    for item in fresh:
        about = item.finding.about
        if item.answer is None or about is None or about.address is None:
            continue
        remembers = CODES[item.finding.code].remembers
        if remembers == "recipient":
            yield Keep("recipient", about.key, sensitive, until)
        if remembers is not None:
            yield Keep("domain", about.address.domain, False, until)
