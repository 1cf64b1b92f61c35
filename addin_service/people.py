"""Who is known, in memory: the organisation's directory and one sender's own correspondents.

`assemble` turns a draft and these two into the `Context` that the checks read. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from addin_service import domain_index, domains, names, similarity
from addin_service.acquaintances import Acquaintances
from addin_service.domain_index import DomainIndex
from addin_service.intent.picked import BY_NAME, likeliest
from addin_service.intent.slips import SELDOM, numbered
from addin_service.model import (
    Address,
    Contact,
    ContentRules,
    Context,
    Draft,
    Reader,
    Standing,
    lowered,
)
from addin_service.pgp.bindings import Bound
from addin_service.profile import NOTHING, Scene

SLIPS = 2
"""The largest distance that still counts as a slip: the Stoke address was two errors away."""
RARE = 5
"""Mails to somebody known up to which a near neighbour may have been meant all the same."""


class Source(Protocol):
    """Some known people, found by address, by likeness, by name.

    What a draft needs is announced first, so that a source which has to read does it once for all
    recipients; the answers are the same without.
    """

    @property
    def domain_index(self) -> DomainIndex:
        """The domains at which these people are."""

    def look_up(self, keys: Iterable[str]) -> None:
        """`exact` will be asked about these."""

    def look_near(self, keys: Iterable[str]) -> None:
        """`near` will be asked about these."""

    def look_named(self, name_keys: Iterable[str]) -> None:
        """`named` will be asked about these."""

    def exact(self, key: str) -> Contact | None:
        """The contact with this normal form."""

    def near(self, key: str) -> Sequence[Contact]:
        """The contacts at most `SLIPS` away from this normal form, itself excepted."""

    def named(self, name_key: str) -> Sequence[Contact]:
        """The contacts of this name, whatever its order and titles."""


class People:
    """A source in memory."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self._by_key = {contact.key: contact for contact in contacts}

    def __iter__(self) -> Iterator[Contact]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def look_up(self, keys: Iterable[str]) -> None:
        """Nothing to do: all is here."""

    look_near = look_named = look_up

    def exact(self, key: str) -> Contact | None:
        """The contact with this normal form."""
        return self._by_key.get(key)

    def near(self, key: str) -> list[Contact]:
        """The contacts at most `SLIPS` away from this normal form, itself excepted."""
        return [self._by_key[close] for close in self._neighbours.near(key, SLIPS)]

    def named(self, name_key: str) -> list[Contact]:
        """The contacts of this name, whatever its order and titles."""
        return self._by_name.get(name_key, [])

    @cached_property
    def domain_index(self) -> DomainIndex:
        """The domains at which these people are."""
        return DomainIndex(contact.address.domain for contact in self._by_key.values())

    @cached_property
    def acquaintances(self) -> Acquaintances:
        """These people as a picker shows them."""
        return Acquaintances(self._by_key.values())

    @cached_property
    def _neighbours(self) -> similarity.Neighbours:
        return similarity.Neighbours(self._by_key)

    @cached_property
    def _by_name(self) -> dict[str, list[Contact]]:
        found = defaultdict(list)
        for contact in self._by_key.values():
            if key := names.name_key(contact.name):
                found[key].append(contact)
        return dict(found)


@dataclass(frozen=True, slots=True)
class DomainEntries:
    """What is said of whole domains, by the organisation and by this sender."""

    own: frozenset[str] = frozenset()
    assured: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    blocked: Mapping[str, str] = field(default_factory=dict)
    """Forbidden domains with the reason."""
    acknowledged: frozenset[str] = frozenset()
    """Domains that this sender was asked about and said yes to."""


@dataclass(frozen=True, slots=True)
class _View:
    """The known people as one sender sees them: the organisation's word, this sender's counts."""

    directory: Source
    own: People
    answered: frozenset[str]

    def exact(self, key: str) -> Contact | None:
        found = self.directory.exact(key) or self.own.exact(key)
        return self._merge(found) if found else None

    def recipient(self, address: Address) -> Contact | None:
        """Whoever has this mailbox; a block on it counts whatever the `+tag`."""
        tagged, plain = self.exact(address.key), self.exact(address.untagged)
        if tagged and plain and plain.blocked:
            return plain
        return tagged or plain

    def vouches(self, address: Address) -> bool:
        """Whether the organisation answers for whoever has this mailbox."""
        contact = self.recipient(address)
        return contact is not None and contact.vouched

    def near(self, key: str) -> tuple[Contact, ...]:
        return self._all([*self.directory.near(key), *self.own.near(key)])

    def named(self, name_key: str) -> tuple[Contact, ...]:
        return self._all([*self.directory.named(name_key), *self.own.named(name_key)])

    def at(self, local: str, elsewhere: Iterable[str]) -> tuple[Contact, ...]:
        keys = [f"{local}@{domain}" for domain in elsewhere]
        self.directory.look_up(keys)
        return self._all(p.exact(key) for key in keys for p in (self.directory, self.own))

    def alike(
        self, draft: Draft, contacts: Mapping[str, Contact], inside: frozenset[str], scene: Scene
    ) -> dict[str, dict[str, tuple[Contact, ...]]]:
        """Per recipient and channel: whom this sender could have meant instead.

        `inside` are the organisation's own domains: whoever writes to somebody's free mail may have
        meant the mailbox there.
        """
        addressed = [(one, one.address) for one in draft.recipients if one.address]
        present = frozenset(one.untagged for _, one in addressed) | {draft.sender.untagged}
        found: dict[str, dict[str, list[Contact]]] = {}
        for recipient, address in addressed:
            contact = contacts.get(address.key)
            picked = contact or Contact(address)
            people = self.own.acquaintances.alike(picked, recipient.name, present)
            if contact and contact.sent <= RARE:
                people["near"] = [
                    one for one in self.own.near(address.untagged) if not _siblings(one, address)
                ]
            company = [one.key for _, one in addressed if one is not address]
            found[address.key] = {
                channel: likeliest(scene, picked, company, others, channel in BY_NAME)
                for channel, others in people.items()
            }
            seldom = not contact or (contact.sent <= SELDOM and not contact.vouched)
            if seldom and domains.is_free_mail(address.domain):
                local = address.untagged.rpartition("@")[0]
                twins = self.at(local, sorted(inside))
                found[address.key].setdefault("other-account", []).extend(twins)
        self.directory.look_up(
            {one.key for by in found.values() for others in by.values() for one in others}
        )
        return {
            key: {
                channel: tuple(one for one in merged if one.address.untagged not in present)
                for channel, others in by_channel.items()
                if (merged := self._all(others))
            }
            for key, by_channel in found.items()
        }

    def _all(self, found: Iterable[Contact | None]) -> tuple[Contact, ...]:
        contacts = {contact.key: contact for contact in found if contact}
        self.directory.look_up(contacts)
        by_key = {key: self._merge(contact) for key, contact in contacts.items()}
        return tuple(by_key[key] for key in sorted(by_key))

    def _merge(self, contact: Contact) -> Contact:
        used = self.own.exact(contact.key) or self.own.exact(contact.address.untagged)
        listed = self.directory.exact(contact.key) or contact
        return replace(
            listed,
            name=listed.name or (used.name if used else ""),
            sent=used.sent if used else 0,
            heard=used.heard if used else 0,
            answered=contact.key in self.answered,
        )


def assemble(
    draft: Draft,
    directory: Source,
    own: People,
    entries: DomainEntries = DomainEntries(),
    content: ContentRules = ContentRules(),  # noqa: B008 - frozen
    answered: frozenset[str] = frozenset(),
    bound: Mapping[str, Bound] | None = None,
    scene: Scene = NOTHING,
) -> Context:
    """Everything that the checks may know about this draft.

    `directory` holds the organisation's contacts (vouched or blocked), `own` this sender's
    correspondents (with counts), `answered` the recipients that this sender has answered for,
    `bound` the state of the readers' keys, the sender's own too, `scene` what this sender's mails
    say about the draft.
    """
    view = _View(directory, own, answered)
    contacts: dict[str, Contact] = {}
    near: dict[str, tuple[Contact, ...]] = {}
    twins: dict[str, tuple[Contact, ...]] = {}
    resembling: dict[str, tuple[str, ...]] = {}
    addresses = [recipient.address for recipient in draft.recipients if recipient.address]
    standings: dict[str, Standing] = {}
    stated = entries.own | entries.assured | entries.allowed
    known = [domain_index.of(stated), directory.domain_index, own.domain_index]

    def standing(domain: str) -> Standing:
        found = _standing(domain, entries, directory.domain_index.domains, own.domain_index.domains)
        return standings.setdefault(domain, found)

    directory.look_up({key for one in [*addresses, draft.sender] for key in _keys(one)})
    directory.look_near({one.untagged for one in addresses if not view.vouches(one)})
    for address in addresses:
        contact = view.recipient(address)
        if contact is None and address.key in answered:
            contact = Contact(address, answered=True)
        if contact:
            contacts[address.key] = contact
        questionable = standing(address.domain) in _QUESTIONABLE
        if contact and contact.vouched:
            continue
        near[address.key] = view.near(address.untagged)
        if questionable:
            if address.domain not in resembling:
                resembling[address.domain] = domain_index.resembling(address.domain, *known)
            for other in resembling[address.domain]:
                standing(other)
            local = address.untagged.rpartition("@")[0]
            twins[address.key] = view.at(local, resembling[address.domain])
    mentioned = names.mentioned(draft)
    directory.look_named(mentioned)
    named = {key: view.named(key) for key in mentioned}
    return Context(
        contacts=contacts,
        near=near,
        domains=standings,
        near_domains=resembling,
        at_near_domains=twins,
        named={key: people for key, people in named.items() if people},
        blocked_domains={
            domain: reason
            for domain in {address.domain for address in addresses}
            for parent, reason in entries.blocked.items()
            if domains.is_within(domain, parent)
        },
        scene=scene,
        alike=view.alike(draft, contacts, entries.own, scene),
        correspondents_at={domain: own.acquaintances.at(domain) for domain in standings},
        content=content,
        readers=tuple(_readers(draft, view, standings, bound or {})),
    )


def _siblings(contact: Contact, address: Address) -> bool:
    """Whether two mailboxes of one domain differ by a number alone, as team1 and team2 do."""
    ours, theirs = contact.address, address
    return ours.domain == theirs.domain and numbered(lowered(ours.local), lowered(theirs.local))


def _keys(address: Address) -> tuple[str, str]:
    """The normal forms under which a mailbox may be known."""
    return address.key, address.untagged


def _readers(
    draft: Draft, view: _View, standings: Mapping[str, Standing], bound: Mapping[str, Bound]
) -> Iterator[Reader]:
    """Everyone who would read the message, as people: recipients, then the sender."""
    recipients = [r.address for r in draft.recipients if r.address]
    own_copy = [] if draft.sender.key in {one.key for one in recipients} else [draft.sender]
    for address in recipients + own_copy:
        contact = view.recipient(address)
        state = bound.get(address.key)
        yield Reader(
            address,
            state.state.value if state else "none",
            state.certificate.fingerprint if state and state.certificate else None,
            contact.name if contact else "",
            contact.organisation if contact else "",
            standings.get(address.domain, Standing.OWN) is not Standing.OWN,
            address.key == draft.sender.key,
        )


_QUESTIONABLE = (Standing.UNKNOWN, Standing.USED, Standing.ACKNOWLEDGED)
"""Domains that somebody could have meant to be another one."""


def _standing(
    domain: str, entries: DomainEntries, vouched: frozenset[str], used: frozenset[str]
) -> Standing:
    def within(parents: Iterable[str]) -> bool:
        return any(domains.is_within(domain, parent) for parent in parents)

    if within(entries.own):
        return Standing.OWN
    if within(entries.assured):
        return Standing.ASSURED
    if within(entries.allowed):
        return Standing.ALLOWED
    # One vouched person at a provider with millions of mailboxes says nothing about the others.
    if domain in vouched and not domains.is_free_mail(domain):
        return Standing.VOUCHED
    if domain in entries.acknowledged:
        return Standing.ACKNOWLEDGED
    return Standing.USED if domain in used else Standing.UNKNOWN
