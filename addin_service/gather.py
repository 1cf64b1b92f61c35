"""What a check may need, read in one transaction: contacts, history, answers that still count.

The only step of a review that reads the database.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from addin_service import identifiers
from addin_service.addresses import parse
from addin_service.contexts import DomainEntries, assemble
from addin_service.domains import is_free_mail
from addin_service.model import Address, Context, Draft, Keep
from addin_service.people import People
from addin_service.pgp.bindings import Known
from addin_service.policy.schema import Policy
from addin_service.profile import (
    EMPTY,
    NOTHING,
    Profile,
    Scene,
    hashed,
    hashed_words,
    parts_of,
)
from addin_service.secrets import Secret
from addin_service.shapes import Format, Way
from addin_service.store import binding_states, bindings, book, directory, history
from addin_service.store.binding_states import Seen
from addin_service.store.engine import Store
from addin_service.store.keys import Kind

CACHED_MAILBOXES = 64


@dataclass(frozen=True, slots=True)
class Own:
    """What one mailbox has done, up to one position."""

    at: history.Position
    people: People
    profile: Profile
    book: People


@dataclass(frozen=True, slots=True)
class Gathered:
    """A context with the answers that still count."""

    context: Context
    keeps: tuple[Keep, ...]
    keys: Known
    seen: Mapping[str, Seen]
    """In which state this sender's last check saw the readers' keys."""
    kind: Kind = "openpgp"


_NOBODY = Own(history.Position(), People(()), EMPTY, People(()))


class Gatherer:
    """Reads contexts. Holds what it read as long as the database says that it is unchanged."""

    def __init__(
        self, store: Store, secret: Secret, before: Callable[[], None] = lambda: None
    ) -> None:
        self._store = store
        self._secret = secret
        self._before = before
        self._overview: directory.Overview | None = None
        self._own: OrderedDict[str, Own] = OrderedDict()
        self._lock = threading.Lock()

    def gather(
        self, draft: Draft, policy: Policy, now: datetime, format: Format = "openpgp"
    ) -> Gathered:
        """Everything known about this draft's recipients to this sender, and their keys.

        `format`: what the message would be sealed in.
        """
        kind: Kind = "smime" if format == "smime" else "openpgp"
        self._before()
        mailbox = draft.sender.key
        with self._store.read() as connection:
            known_people = directory.overview(connection, now.date(), self._overview)
            self._overview = known_people
            own = self._own_at(connection, mailbox)
            keeps = tuple(history.kept_by(connection, mailbox, now))
            entries = DomainEntries(
                own=own_domains(draft, policy),
                assured=frozenset(policy.organisation.assured_routes),
                allowed=known_people.allowed,
                blocked=known_people.blocked,
                acknowledged=frozenset(keep.key for keep in keeps if keep.kind == "domain"),
            )
            known = readers_keys(connection, draft, policy, now, kind)
            seen_keys = self._seen_keys(connection, known, mailbox, kind)
            context = assemble(
                draft,
                directory.Directory(connection, known_people),
                own.people,
                entries,
                policy.content_rules,
                frozenset(keep.key for keep in keeps if keep.kind == "recipient"),
                known.bound,
                self._scene(draft, own.profile, policy),
                archive_of(policy),
                frozenset(seen.noticed for seen in seen_keys.values() if seen.noticed),
                format,
                ways(draft, policy, known, format),
                own.book,
            )
        return Gathered(context, keeps, known, seen_keys, kind)

    @staticmethod
    def _seen_keys(
        connection: Connection, known: Known, mailbox: str, kind: Kind
    ) -> Mapping[str, Seen]:
        addresses = known.addresses()
        return binding_states.seen(connection, addresses, mailbox, kind) if addresses else {}

    def _scene(self, draft: Draft, profile: Profile, policy: Policy) -> Scene:
        """What this sender's mails say about the draft, whose words are hashed as theirs were."""
        if not profile.count:
            return NOTHING
        words, thread = hashed_words(draft.subject, draft.own_words, self._secret.derive)
        key = self._secret.derive("word")
        patterns = policy.content_rules.case_references
        cases = identifiers.references(f"{draft.subject}\n{draft.own_words}", patterns)
        return profile.scene(
            words,
            thread,
            frozenset((*draft.thread.wrote, *draft.thread.took_part)) if draft.thread else None,
            {case: [hashed(one, key) for one in parts_of(case)] for case in cases},
        )

    def _own_at(self, connection: Connection, mailbox: str) -> Own:
        """What the mailbox did; of one that is held, only what came since is read."""
        at = history.position(connection, mailbox)
        with self._lock:
            held = self._own.get(mailbox, _NOBODY)
            if held.at == at:
                if mailbox in self._own:
                    self._own.move_to_end(mailbox)
                return held
        if held.at.rewritten != at.rewritten or held.at.revision > at.revision:
            held = _NOBODY
        changed = history.correspondents_of(connection, mailbox, held.at.revision or -1)
        sent = history.messages_after(connection, mailbox, held.at.number)
        own = Own(
            at,
            People([*held.people, *changed]) if changed else held.people,
            held.profile.extended(sent) if sent else held.profile,
            held.book if held.at.book == at.book else People(book.of(connection, mailbox)),
        )
        with self._lock:
            self._own[mailbox] = own
            while len(self._own) > CACHED_MAILBOXES:
                self._own.popitem(last=False)
        return own


def readers_keys(
    connection: Connection, draft: Draft, policy: Policy, now: datetime, kind: Kind = "openpgp"
) -> Known:
    """What is known of everybody's key, to this sender at this moment."""
    addresses = {r.address.key for r in draft.recipients if r.address} | {draft.sender.key}
    if archive := archive_of(policy):
        addresses.add(archive.key)
    return bindings.known(
        connection, addresses, draft.sender.key, now, policy.keys.stale_after_days, kind
    )


def ways(draft: Draft, policy: Policy, known: Known, format: Format) -> tuple[Way, ...]:
    """What can be done for readers without a key: what the policy offers and what is possible.

    S/MIME needs a certificate of everybody.
    """
    everybody = {r.address.key for r in draft.recipients if r.address}
    impossible: set[str] = {format}
    if not everybody or not everybody <= known.elsewhere:
        impossible.add("smime")
    return tuple(
        way
        for way in policy.sealing.without_key
        if way not in impossible and (way == "ask" or policy.offers(way))
    )


def archive_of(policy: Policy) -> Address | None:
    """Who else reads what is sealed, by policy."""
    return parse(policy.sealing.archive) if policy.sealing.archive else None


def own_domains(draft: Draft, policy: Policy) -> frozenset[str]:
    """What is inside: what the policy names, else the sender's domain unless it is free mail."""
    if policy.organisation.own_domains:
        return frozenset(policy.organisation.own_domains)
    domain = draft.sender.domain
    return frozenset() if is_free_mail(domain) else frozenset({domain})
