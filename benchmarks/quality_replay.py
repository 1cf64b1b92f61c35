"""Every case of a mailbox judged as the service would have judged it at that moment.

The store, its history, `gather`, the checks and `decide` are the service's own. `Reviewer.check`
itself is not called: it gives up late checks, so that a busy machine would change the figures.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from quality_baselines import Past
from quality_data import Case, Mailbox, Message
from sqlalchemy import Connection

from addin_service import addresses, drafts, text
from addin_service.codes import CODES
from addin_service.decide import decide
from addin_service.gather import Gatherer
from addin_service.model import Address, Draft, Judged, lowered
from addin_service.policy.schema import Policy
from addin_service.profile import hashed_words
from addin_service.run import run
from addin_service.secrets import KEY_BYTES, Secret
from addin_service.store import contacts, history, schema
from addin_service.store.engine import Store, sqlite_url

SECRET = Secret(bytes(KEY_BYTES))
"""Words are hashed as the service does it; here it hides nothing."""

ONE_BY_ONE = 20
"""Up to so many mails are learned as after a send; more of them as an import is."""

GREETING = "recipient.greeting-mismatch"
"""The only finding about nobody in particular that tells of a wrong recipient."""

FORGIVEN = "same mailbox"
"""The tag of a slip that the address parser forgives: the mail goes to the intended mailbox."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding and what was made of it.

    `bad`: it is about the slipped recipient. `nobody`: it is about none in particular. `right`: it
    suggests the intended one. `again`: a keep of this recipient (or domain), given when it was
    asked about in an earlier genuine draft, would cover it. `kept_as`: a number that stands for
    this recipient (or domain), 0 where no answer is remembered.
    """

    code: str
    score: float
    rule: str
    outcome: str
    bad: bool
    nobody: bool
    right: bool
    again: bool
    kept_as: int = 0

    @property
    def tells(self) -> bool:
        """Whether it is about the slip, or about the whole draft where that is what it looks at."""
        return self.bad or (self.nobody and self.code == GREETING)

    @property
    def asked(self) -> bool:
        """Whether it held the mail up."""
        return self.outcome in ("asked", "stopped")


@dataclass(frozen=True, slots=True)
class Looked:
    """One case with everything that was found.

    `flagged` are the baselines that flag anybody, `hit` those that flag the slip; `sender` is a
    number that stands for the mailbox, `at` the moment of the draft.
    """

    set: str
    kind: str
    tags: frozenset[str]
    slipped: bool
    seen: tuple[Seen, ...]
    flagged: frozenset[str]
    hit: frozenset[str]
    sender: int = 0
    at: datetime = datetime.min
    has_text: bool = False
    details: str = ""
    """For `--show-misses`, else empty: the only place with an address in it."""


class OneTransaction(Store):
    """The store within one transaction that is never committed: what is learned stays undone."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection = self.engine.connect().execution_options(addin_writes=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """The one connection."""
        yield self._connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The one connection, in a savepoint."""
        with self._connection.begin_nested():
            yield self._connection

    @contextmanager
    def undone(self) -> Iterator[Connection]:
        """A savepoint that is rolled back, whatever happened in it."""
        savepoint = self._connection.begin_nested()
        try:
            yield self._connection
        finally:
            savepoint.rollback()

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()
        super().close()


def replay_all(mailboxes: Sequence[Mailbox], policy: Policy, details: bool) -> list[Looked]:
    """The cases of these mailboxes, each mailbox in a database without the others."""
    with tempfile.TemporaryDirectory() as folder:
        store = OneTransaction(sqlite_url(Path(folder) / "quality.db"))
        schema.upgrade(store)
        try:
            found: list[Looked] = []
            for mailbox in mailboxes:
                with store.undone():
                    found += _Replay(store, mailbox, policy, details).run()
            return found
        finally:
            store.close()


def learned(message: Message) -> history.Mail:
    """What the service may learn from a mail that was sent: the only place that says so."""
    people: dict[str, tuple[Address, str]] = {}
    for given, name in message.recipients:
        one = addresses.recipient("to", given, name)
        if one.address:
            people.setdefault(one.key, (one.address, name))
    words, thread = hashed_words(message.subject, text.own_words(message.words), SECRET.derive)
    return history.Mail(str(message.seq), "sent", tuple(people.values()), message.at, words, thread)


class _Replay:
    """One mailbox, from its first mail to its last case."""

    def __init__(self, store: OneTransaction, mailbox: Mailbox, policy: Policy, details: bool):
        self._store, self._mailbox, self._policy = store, mailbox, policy
        self._details = details
        self._sender = _sender(mailbox.sender)
        self._gatherer = Gatherer(store, SECRET)
        self._kept: dict[tuple[str, str], datetime] = {}
        self._past = Past(mailbox.directory)

    def run(self) -> Iterator[Looked]:
        messages = self._mailbox.messages
        at = {message.seq: message.at for message in messages}
        with self._store.write() as connection:
            self._list(connection, self._mailbox.directory, messages[0].at)
        learned_to = 0
        for case in self._mailbox.cases:
            upto = learned_to
            while upto < len(messages) and messages[upto].seq < case.seq:
                upto += 1
            self._learn(messages[learned_to:upto])
            learned_to = upto
            now = at.get(case.seq, messages[max(upto - 1, 0)].at)
            yield self._look(case, now)

    def _learn(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        for message in messages:
            self._past.learn(message.recipients)
        mails = [learned(message) for message in messages]
        with self._store.write() as connection:
            if len(mails) > ONE_BY_ONE:
                history.learn(connection, self._sender, mails)
            else:
                for mail in mails:
                    history.learn_one(connection, self._sender, mail)

    def _look(self, case: Case, now: datetime) -> Looked:
        draft = drafts.make((self._sender, ""), (case.recipients, (), ()), case.subject, case.words)
        if case.plain:
            judged = self._judged(self._gatherer, draft, now)
        else:
            with self._store.undone() as connection:
                self._add(connection, case, now)
                # What is undone has revisions that come again: nothing held from it may be met.
                judged = self._judged(Gatherer(self._store, SECRET), draft, now)
        seen = tuple(self._seen(item, case, now) for item in judged)
        if case.kind == "genuine":
            self._keep(judged, now)
        flags = self._past.flagged(draft, case.known, case.listed)
        bad = addresses.recipient("to", case.bad).key if case.slipped else None
        return Looked(
            self._mailbox.set,
            case.kind,
            case.tags | ({FORGIVEN} if _same(case.bad, case.intended) else set()),
            case.slipped,
            seen,
            frozenset(name for name, keys in flags.items() if keys),
            frozenset(name for name, keys in flags.items() if bad in keys),
            _number(self._mailbox.sender),
            now,
            bool(case.words),
            _details(case, judged) if self._details else "",
        )

    def _judged(self, gatherer: Gatherer, draft: Draft, now: datetime) -> tuple[Judged, ...]:
        gathered = gatherer.gather(draft, self._policy, now)
        ran = run(draft, gathered.context)
        return decide(
            draft,
            gathered.context,
            ran.findings,
            self._policy,
            identify=lambda finding: f"{finding.code} {finding.about and finding.about.key}",
            now=now,
            can_seal=True,
        ).judged

    def _add(self, connection: Connection, case: Case, now: datetime) -> None:
        """What holds for this case alone."""
        self._list(connection, case.listed, now)
        extra = [
            Message(-n, now, ((address, name),), "", "")
            for n, (address, name) in enumerate(
                ((address, name) for address, name, count in case.known for _ in range(count)), 1
            )
        ]
        history.learn(connection, self._sender, map(learned, extra))

    def _list(self, connection: Connection, listed: Sequence[str], now: datetime) -> None:
        entries = [contacts.Entry(key, address=key) for key in drafts.keys(listed)]
        contacts.put(connection, entries, now)

    def _seen(self, item: Judged, case: Case, now: datetime) -> Seen:
        finding = item.finding
        about, suggested = finding.about, finding.suggestion
        bad = case.slipped and about is not None and _same(about.given, case.bad)
        return Seen(
            finding.code,
            finding.score,
            finding.rule,
            item.outcome,
            bad,
            about is None,
            bad and suggested is not None and _same(suggested.address, case.intended),
            any(self._kept.get(kept, now) > now for kept in _covered_by(item)),
            next((_number(" ".join(kept)) for kept in _covered_by(item)), 0),
        )

    def _keep(self, judged: Sequence[Judged], now: datetime) -> None:
        """The sender of a genuine draft keeps whoever was asked about."""
        until = now + timedelta(self._policy.recipients.keep_days)
        for item in judged:
            about = item.finding.about
            if item.outcome != "asked" or about is None or about.address is None:
                continue
            if any(self._kept.get(kept, now) > now for kept in _covered_by(item)):
                continue
            remembers = CODES[item.finding.code].remembers
            if remembers == "recipient":
                self._kept[("recipient", about.key)] = until
            if remembers:
                self._kept[("domain", about.address.domain)] = until


def _number(text: str) -> int:
    """The same for the same text in every process, and nothing to read the text from."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=6).digest(), "big")


def _sender(given: str) -> str:
    """The mailbox; where an archive wrote it so that it is no address, one at its domain."""
    ways = (given, f"sender@{given.rpartition('@')[2]}", "sender@unknown.example")
    return drafts.keys(ways)[0]


def _covered_by(item: Judged) -> Iterator[tuple[str, str]]:
    about, remembers = item.finding.about, CODES[item.finding.code].remembers
    if about is None or about.address is None or remembers is None:
        return
    yield remembers, about.key if remembers == "recipient" else about.address.domain


def _same(one: str, other: str) -> bool:
    if not one or not other:
        return False
    parsed = (addresses.recipient("to", text).key for text in (one, other))
    return next(parsed) == next(parsed) or lowered(one) == lowered(other)


def _details(case: Case, judged: Sequence[Judged]) -> str:
    found = "; ".join(
        f"{j.finding.code}/{j.finding.rule} {j.finding.score:.2f} {j.outcome}"
        f" about {j.finding.about.given if j.finding.about else '-'}"
        f" suggests {j.finding.suggestion.address if j.finding.suggestion else '-'}"
        for j in judged
    )
    people = ", ".join(address for address, _ in case.recipients)
    return f"{case.bad or '-'} for {case.intended or '-'} | to {people} | {found or 'nothing'}"
