"""The use case: gather, check, decide, record, and only then answer."""

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import Connection

from addin_service import testimony, transitions, undo
from addin_service.addresses import parse
from addin_service.decide import Said, decide
from addin_service.gather import Gathered, Gatherer, readers_keys
from addin_service.model import (
    Answer,
    Choice,
    Draft,
    Finding,
    Json,
    Judged,
    Verdict,
    lowered,
)
from addin_service.pgp.bindings import DECIDED_BY, Method
from addin_service.pgp.certificate import fingerprint
from addin_service.policy.schema import Policy
from addin_service.policy.source import PolicySource
from addin_service.run import Ran, run
from addin_service.sealer import Sealer
from addin_service.secrets import Secret
from addin_service.settings import REVIEW_DEADLINE_S
from addin_service.shapes import FORMAT_OF, Shape
from addin_service.store import carried, history, receipts, times
from addin_service.store.engine import Store
from addin_service.testimony import UnknownKey, Word
from addin_service.tokens import LIFE_S, Reviewed, ReviewTokens

Purpose = Literal["send", "typing"]

CHAIN = "receipt chain"
"""For what the key of the chain is derived."""

# Crockford's alphabet: nothing in it is misheard on the telephone as something else.
_REFERENCE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Answered:
    """What the caller gets. `reference` and `review` are None for `typing`: nothing recorded."""

    verdict: Verdict
    policy: Policy
    reference: str | None
    review: str | None
    undo: int = 0
    """For how many seconds the send may still be taken back."""


class NotOffered(Exception):
    """The organisation does not offer this way of sealing."""


@dataclass
class Reviewer:
    """Looks at drafts. One per process; safe for several threads."""

    store: Store
    secret: Secret
    policies: PolicySource
    gatherer: Gatherer
    sealer: Sealer
    now: Callable[[], datetime] = times.now

    def __post_init__(self) -> None:
        self.tokens = ReviewTokens(self.secret)
        self.chain_key = self.secret.derive(CHAIN)

    def check(
        self,
        draft: Draft,
        client: str,
        purpose: Purpose = "send",
        review: str | None = None,
        answers: Sequence[Answer] = (),
        seal: bool = False,
        remember: bool = True,
        shape: Shape = "mime",
        carry: str | None = None,
    ) -> Answered:
        """The verdict on a draft, recorded before it is returned (not for `typing`).

        `seal`: the sender wants it sealed even where nothing demands it; `shape`: in which shape.
        Without `remember` the answers count for this draft alone. `carry`: the client's own number
        of the draft, under which the review is kept, and taken up where it brings none.
        Raises `NotOffered` where policy does not have this shape, `StoreUnavailable` where nothing
        could be read or recorded, `PolicyInvalid` where there is no policy to decide by.
        """
        started = time.monotonic()
        now = self.now()
        policy = self.policies.current()
        if not policy.offers(FORMAT_OF[shape]):
            raise NotOffered
        gathered = self.gatherer.gather(draft, policy, now, FORMAT_OF[shape])
        ran = run(draft, gathered.context, lambda: time.monotonic() - started > REVIEW_DEADLINE_S)
        earlier = self._earlier(review, carry, client, draft, now)
        verdict = decide(
            draft,
            gathered.context,
            ran.findings,
            policy,
            identify=lambda finding: self.finding_id(draft, finding),
            now=now,
            said=Said(
                gathered.keeps,
                _all_answers(earlier, answers),
                frozenset(answer.finding for answer in answers),
                earlier.tries if earlier else None,
            ),
            can_seal=FORMAT_OF[shape] != "openpgp" or self.sealer.available(),
            seal_asked=seal,
        )
        if purpose == "typing":
            return Answered(verdict, policy, None, None)
        reference = new_reference()
        body = self._receipt(draft, gathered, ran, verdict, client)
        body["ms"] = round((time.monotonic() - started) * 1000)
        token = self.tokens.make(
            Reviewed(
                reference,
                self.draft_digest(draft),
                verdict.word,
                verdict.policy,
                {j.id: (j.answer.value, j.said) for j in verdict.judged if j.answer},
                tuple(j.id for j in verdict.judged if j.shown),
                dict(verdict.tries),
                tuple((r.key, r.fingerprint or "") for r in verdict.readers or ()),
                FORMAT_OF[shape],
            ),
            client,
            draft.sender.key,
        )
        with self.store.write() as connection:
            receipts.append(connection, self.chain_key, times.text(now), "check", body, reference)
            if carry:
                until = now + timedelta(seconds=LIFE_S)
                carried.leave(connection, client, carry, token, now, until)
            if remember:
                history.remember(connection, draft.sender.key, verdict.remember, now)
            self._keys(connection, draft, policy, gathered, verdict, now)
        outside = any(gathered.context.is_outside(one) for one in draft.recipients)
        return Answered(
            verdict, policy, reference, token, undo.window(policy.undo, verdict, outside)
        )

    def _earlier(
        self, review: str | None, carry: str | None, client: str, draft: Draft, now: datetime
    ) -> Reviewed | None:
        """What was answered before: in the review at hand, else in the one that was kept."""
        if carry and not review:
            with self.store.read() as connection:
                review = carried.taken_up(connection, client, carry, now)
        return self.tokens.read(review, client, draft.sender.key) if review else None

    def _keys(
        self,
        connection: Connection,
        draft: Draft,
        policy: Policy,
        gathered: Gathered,
        verdict: Verdict,
        now: datetime,
    ) -> None:
        """Store what the sender confirmed about keys, for this sender alone, and what changed."""
        mailbox, known = draft.sender.key, gathered.keys
        for one in verdict.confirmed:
            method = cast(Method, one.method)
            word = Word(
                parse(one.address), fingerprint(one.fingerprint), DECIDED_BY[method], method,
                "sender", mailbox, one.shown,
            )  # fmt: skip
            with contextlib.suppress(UnknownKey):
                testimony.hear(connection, self.chain_key, self.hashed, word, now)
        if verdict.confirmed:
            known = readers_keys(connection, draft, policy, now, gathered.kind)
        readers = {r.key: r.organisation for r in gathered.context.readers}
        seen = {*known.addresses(), *gathered.seen}
        told = {
            j.finding.about.key
            for j in verdict.shown
            if j.finding.about and j.finding.code == "key.updated"
        }
        transitions.record(
            connection,
            self.chain_key,
            self.hashed,
            [known.bound(key, where) for key, where in readers.items() if key in seen],
            mailbox,
            now,
            gathered.kind,
            gathered.seen,
            frozenset(told),
        )

    def finding_id(self, draft: Draft, finding: Finding) -> str:
        """The id of a finding: another fact, address or suggestion gives another id."""
        about = finding.about.given if finding.about else None
        suggested = finding.suggestion.address if finding.suggestion else None
        parts = [draft.sender.key, finding.code, about, suggested, sorted(finding.basis)]
        return self.secret.digest("finding", json.dumps(parts))[:32]

    def draft_digest(self, draft: Draft) -> str:
        """What the review token binds: everything of the draft that is looked at."""
        parts = [
            draft.sender.key,
            [[r.field, r.given, r.name] for r in draft.recipients],
            draft.subject,
            draft.text,
            [[a.name, a.size, a.type] for a in draft.attachments],
            draft.sensitivity,
        ]
        return self.secret.digest("draft", json.dumps(parts))

    def hashed(self, text: str) -> str:
        """An address or domain as receipts hold it."""
        return hashed(self.secret, text)

    def _receipt(
        self, draft: Draft, gathered: Gathered, ran: Ran, verdict: Verdict, client: str
    ) -> dict[str, Json]:
        fields: dict[str, Json] = {
            name: sum(r.field == name for r in draft.recipients) for name in ("to", "cc", "bcc")
        }
        outside = sum(gathered.context.is_outside(r) for r in draft.recipients)
        return {
            "client": client,
            "mailbox": self.hashed(draft.sender.key),
            "policy": verdict.policy,
            "verdict": verdict.word.value,
            "sensitive": verdict.sensitive,
            "sealing": {
                "required": verdict.sealing.required,
                "because": list(verdict.sealing.because),
                "possible": verdict.sealing.possible,
                "waived": verdict.sealing.waived,
                "format": gathered.context.format,
            },
            "recipients": {**fields, "outside": outside},
            "attachments": len(draft.attachments),
            "checks": list(ran.checks),
            "broken": list(ran.broken),
            "findings": [self._finding(judged) for judged in verdict.judged],
        }

    def _finding(self, judged: Judged) -> Json:
        finding, about = judged.finding, judged.finding.about
        address = about.address if about else None
        entry: dict[str, Json] = {
            "id": judged.id,
            "code": finding.code,
            "rule": finding.rule,
            "score": round(finding.score, 4),
            "cut": judged.cut,
            "severity": judged.severity.value,
            "outcome": judged.outcome,
            "shown": judged.shown,
            "ask": judged.ask.value if judged.ask else None,
            "answer": judged.answer.value if judged.answer else None,
        }
        if about:
            entry["field"] = about.field
            entry["about"] = self.hashed(about.key)
        if address:
            entry["domain"] = self.hashed(address.domain)
        if finding.suggestion:
            entry["suggestion"] = self.hashed(lowered(finding.suggestion.address))
        if finding.reasons:
            entry["reasons"] = {name: round(odds, 2) for name, odds in finding.reasons.items()}
        if judged.said:
            entry["said"] = judged.said
        return entry


def hashed(secret: Secret, text: str) -> str:
    """An address, domain or fingerprint as receipts hold it."""
    return secret.digest("receipt", text)[:24]


def new_reference() -> str:
    """A code to quote on the telephone, such as 7KQ2-9XMB: 40 random bits."""
    letters = "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _all_answers(earlier: Reviewed | None, answers: Sequence[Answer]) -> Mapping[str, Answer]:
    """Answers that count: those in the review token, and over them those given now."""
    found: dict[str, Answer] = {}
    if earlier:
        for finding, (choice, reason) in earlier.answers.items():
            found[finding] = Answer(finding, Choice(choice), reason or None, settled=True)
    return found | {answer.finding: answer for answer in answers}
